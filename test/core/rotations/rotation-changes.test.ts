import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SecretCache, SecretCacheOptions, SecretSource } from '../../../src/index.js'
import { cacheOf, clock, fake, useFake } from '../../support/fake-cache.js'
import { callEvent } from '../../support/rotation-events.js'

const id = 'prod/db'

/** A cache that has read the secret once, with the calls counted from then on. */
async function warmCache(options?: SecretCacheOptions): Promise<SecretCache> {
  const cache = cacheOf(options)
  await cache.getSecretString(id)
  fake.resetCalls()
  return cache
}

/** What CloudTrail tells of a change, by the name alone: no ARN, no version, no account, no Region. */
function bareEvent(rest: object = {}): object {
  const event = callEvent('UpdateSecret', { secretId: id }, { recipientAccountId: null, awsRegion: null, eventID: null })
  return { ...event, account: null, region: null, ...rest }
}

useFake({ [id]: 'one', other: 'other' })

afterEach(() => vi.restoreAllMocks())

describe('two events while one load is under way', () => {
  it('are one change if they announce the same version, by whatever ways they came', async () => {
    const cache = await warmCache()
    const event = fake.rotate(id, 'two')
    fake.inject({ operation: 'GetSecretValue', delayMs: 100 })
    const first = cache.handleRotationEvent(event)
    await clock.advance(50)
    const second = cache.handleRotationEvent({ ...event, id: 'second' })
    await clock.advance(100)
    expect(await Promise.all([first, second])).toMatchObject([[{ outcome: 'refreshed' }], [{ outcome: 'refreshed' }]])
    expect(fake.count()).toBe(1)
  })

  it('are two if they name none: what the second tells of may have come after that load was sent', async () => {
    const cache = await warmCache()
    fake.rotate(id, 'two')
    fake.inject({ operation: 'GetSecretValue', delayMs: 100 })
    const first = cache.handleRotationEvent(bareEvent())
    await clock.advance(50)
    const second = cache.handleRotationEvent(bareEvent({ id: 'second' }))
    await clock.advance(100)
    expect(await first).toMatchObject([{ outcome: 'refreshed' }])
    expect(fake.count()).toBe(2)
    await clock.advance(10_000)
    await second
  })
})

describe('an event without a version', () => {
  it('during the first load of its secret has it read', async () => {
    const cache = cacheOf()
    fake.inject({ operation: 'GetSecretValue', delayMs: 100, times: 1 })
    const first = cache.getSecretString(id)
    await clock.advance(10)
    fake.rotate(id, 'two')
    const handled = cache.handleRotationEvent(bareEvent())
    await clock.advance(1_000)
    expect(await handled).toMatchObject([{ outcome: 'refreshed', reason: 'UpdateSecret' }])
    await first
    expect(await cache.getSecretString(id)).toBe('two')
  })

  it('and without an account or a Region is heeded, also where only some accounts are allowed', async () => {
    const cache = await warmCache({ allowedAccounts: ['123456789012'] })
    fake.rotate(id, 'two')
    expect(await cache.handleRotationEvent(bareEvent())).toMatchObject([{ outcome: 'refreshed' }])
  })

  it('is no reason to take it for delivered before', async () => {
    const cache = await warmCache()
    for (const value of ['two', 'three']) {
      fake.rotate(id, value)
      expect(await cache.handleRotationEvent(bareEvent({ id: undefined }))).toMatchObject([{ outcome: 'refreshed' }])
    }
  })
})

describe('an event that comes before its version can be read', () => {
  it('during the first load is not settled by the old one', async () => {
    const cache = cacheOf()
    fake.inject({ operation: 'GetSecretValue', delayMs: 100, times: 1 })
    const first = cache.getSecretString(id)
    await clock.advance(10)
    const event = fake.rotate(id, 'two')
    fake.inject({ operation: 'GetSecretValue', answer: 'old', times: 1 })
    const handled = cache.handleRotationEvent(event)
    await clock.advance(1_000)
    await first
    expect(await handled).toMatchObject([{ outcome: 'refreshed', versionId: event.detail.versionId }])
    expect(await cache.getSecretString(id)).toBe('two')
  })

  it('asks no more once another load has brought it', async () => {
    const cache = await warmCache()
    const event = fake.rotate(id, 'two')
    fake.inject({ operation: 'GetSecretValue', answer: 'old', times: 1 })
    const handled = cache.handleRotationEvent(event)
    await clock.advance(100)
    await cache.refreshNow(id)
    await clock.advance(100)
    expect(await handled).toMatchObject([{ outcome: 'refreshed' }])
    expect(fake.count()).toBe(2)
  })

  it('is given up when the cache is closed', async () => {
    const cache = await warmCache()
    const event = fake.rotate(id, 'two')
    fake.inject({ operation: 'GetSecretValue', answer: 'old' })
    const handled = cache.handleRotationEvent(event)
    await clock.advance(100)
    await cache.close()
    expect(await handled).toEqual([{ outcome: 'rejected', reason: 'ERR_SECRET_CACHE_CLOSED', secretId: id }])
  })
})

it('a version that was invalidated is read again, though the event names no other', async () => {
  const cache = await warmCache()
  const event = fake.rotate(id, 'two')
  await cache.refreshNow(id)
  cache.invalidate(id)
  fake.resetCalls()
  expect(await cache.handleRotationEvent(event)).toMatchObject([{ outcome: 'refreshed' }])
  expect(fake.count()).toBe(1)
})

it('an event by partial ARN is heard while its secret is first loaded by its name, which the event tells', async () => {
  const { arn } = fake.put(id, 'one')
  const cache = cacheOf()
  fake.inject({ operation: 'GetSecretValue', delayMs: 100, times: 1 })
  const first = cache.getSecretString(id)
  await clock.advance(10)
  fake.rotate(id, 'two')
  const event = callEvent(
    'UpdateSecret',
    { secretId: arn.slice(0, -7) },
    { responseElements: { name: id }, recipientAccountId: null },
  )
  const handled = cache.handleRotationEvent({ ...event, account: null, region: null })
  await clock.advance(1_000)
  await first
  expect(await handled).toMatchObject([{ outcome: 'refreshed' }])
})

it('an event of an account that is not allowed is of another account, whatever is cached', async () => {
  const cache = cacheOf({ allowedAccounts: ['999999999999'] })
  expect(await cache.handleRotationEvent(fake.rotate('other'))).toMatchObject([{ outcome: 'ignored', reason: 'another account' }])
})

it('an event of a replica is heeded where matchReplicas is set', async () => {
  const cache = await warmCache({ matchReplicas: true })
  const event = fake.rotate(id, 'two')
  const ofReplica = JSON.parse(JSON.stringify(event).replaceAll(fake.region, 'ap-southeast-2'))
  expect(await cache.handleRotationEvent(ofReplica)).toMatchObject([{ outcome: 'refreshed' }])
})

it('results say no more than there is to say', async () => {
  const cache = await warmCache()
  expect(await cache.handleRotationEvent('{')).toStrictEqual([{ outcome: 'rejected', reason: 'not JSON' }])
  const ignored = await cache.handleRotationEvent(callEvent('TagResource', { secretId: id }))
  expect(ignored).toStrictEqual([{ outcome: 'ignored', reason: 'no value changed', secretId: id }])
})

it('the last thousand events are remembered', async () => {
  const cache = await warmCache()
  const event = fake.rotate(id, 'two')
  await cache.refreshNow(id)
  const handle = async (number: number): Promise<string | undefined> =>
    (await cache.handleRotationEvent({ ...event, id: `event ${number}` }))[0]?.reason
  for (let number = 0; number < 1_000; number += 1) await handle(number)
  expect(await handle(0)).toBe('delivered before')
  expect(await handle(1_000)).toBe('already current')
  expect(await handle(1)).toBe('delivered before')
  expect(await handle(0)).toBe('already current')
})

describe('with refreshSpreadMs', () => {
  beforeEach(() => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
  })

  it('an event is heeded at its moment within the spread, and says so', async () => {
    const cache = await warmCache({ refreshSpreadMs: 5_000 })
    const results = await cache.handleRotationEvent(fake.rotate(id, 'two'))
    expect(results).toStrictEqual([{ outcome: 'scheduled', reason: 'spread over the fleet', secretId: id }])
    await clock.advance(2_499)
    expect(fake.count()).toBe(0)
    await clock.advance(1)
    expect(fake.count()).toBe(1)
  })

  it('a late event does not take the place of the one before it', async () => {
    const cache = await warmCache({ refreshSpreadMs: 5_000 })
    const late = fake.rotate(id, 'two')
    await cache.refreshNow(id)
    await cache.handleRotationEvent(fake.rotate(id, 'three'))
    await cache.handleRotationEvent(late)
    await clock.advance(5_000)
    expect(await cache.getSecretString(id)).toBe('three')
  })
})

describe('after a gap', () => {
  it.each([
    [0, 500],
    [5_000, 2_500],
  ])(
    'with refreshSpreadMs %d everything is read again within it, but never in less than a second',
    async (refreshSpreadMs, at) => {
      vi.spyOn(Math, 'random').mockReturnValue(0.5)
      const cache = await warmCache({ refreshSpreadMs })
      cache.revalidate()
      await clock.advance(at - 1)
      expect(fake.count()).toBe(0)
      await clock.advance(1)
      expect(fake.count()).toBe(1)
    },
  )

  it.each([
    ['for the first time', false],
    ['again', true],
  ])('a secret that was being read %s is read once more, however long that takes', async (_, isHeld) => {
    const source = fake.source()
    let answer = Promise.resolve()
    const late: SecretSource = {
      async get(request, given) {
        const value = await source.get(request, given)
        await answer
        return value
      },
    }
    const cache = cacheOf({ source: late, loadTimeoutMs: 60_000 })
    if (isHeld) await cache.getSecretString(id)
    let release = (): void => {}
    answer = new Promise(resolve => {
      release = resolve
    })
    const read = isHeld ? cache.refreshNow(id) : cache.getSecret(id)
    await clock.advance(0)
    fake.rotate(id, 'two')
    cache.revalidate()
    await clock.advance(30_000)
    answer = Promise.resolve()
    release()
    expect((await read).text()).toBe('one')
    await clock.advance(1_000)
    expect(cache.peek(id)?.text()).toBe('two')
  })

  it('what failed and was never read is not asked for', async () => {
    const cache = cacheOf()
    await cache.getSecretString('missing').catch(() => undefined)
    await clock.advance(1_000)
    cache.revalidate()
    await clock.advance(1_000)
    expect(fake.count()).toBe(1)
  })

  it('a secret is asked for by the id that it was read by', async () => {
    const { arn } = fake.put(id, 'one')
    const cache = cacheOf()
    await cache.getSecretString(arn)
    cache.revalidate()
    await clock.advance(1_000)
    expect(fake.calls.map(({ input }) => input.SecretId).slice(-2)).toEqual([arn, arn])
  })
})
