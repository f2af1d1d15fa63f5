import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache, type SecretCacheOptions } from '../../../src/index.js'
import { ManualClock } from '../../../src/testing/index.js'
import { DeferredSource } from '../../support/deferred-source.js'
import { labelMoved } from '../../support/rotation-events.js'

const name = 'secret'
const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:secret-AbCdEf'
const previous = { versionStage: 'AWSPREVIOUS' }

let clock: ManualClock
let source: DeferredSource
let cache: SecretCache
let byName: Promise<unknown>

/** Holds v1 by its ARN, and begins a load by the name: that both are one secret, its answer will show. */
async function begin(options: SecretCacheOptions = {}): Promise<void> {
  cache = new SecretCache({ source, clock, ttlJitter: 0, ttlMs: 60_000, ...options })
  const read = cache.getSecretString(arn)
  await answer(1, 'v1')
  await read
  byName = cache.getSecretString(name)
  await source.request(2)
}

async function answer(number: number, version: string): Promise<void> {
  await (await source.request(number)).answer(version)
}

async function deny(number: number): Promise<void> {
  await (await source.request(number)).fail(Object.assign(new Error('no'), { name: 'AccessDeniedException' }))
}

beforeEach(() => {
  clock = new ManualClock()
  source = new DeferredSource()
})

describe('what was learned by the name holds for the ARN, once an older load shows that both are one secret', () => {
  it('an event about another version', async () => {
    await begin()
    void cache.handleRotationEvent(labelMoved({ name, versionId: 'v2', at: clock.now() }))
    const forced = await source.request(3)
    await answer(2, 'v1')
    expect(await byName).toBe('v1')
    await forced.fail()
    expect(cache.peek(arn)?.stale).toBe(true)
  })

  it('nothing, if nothing was: what is held stays fresh', async () => {
    cache = new SecretCache({ source, clock, ttlJitter: 0, ttlMs: 60_000 })
    byName = cache.getSecretString(name)
    await source.request(1)
    const read = cache.getSecretString(arn)
    await answer(2, 'v1')
    await read
    await clock.advance(1_000)
    await answer(1, 'v1')
    expect(await byName).toBe('v1')
    expect(cache.peek(name)).toMatchObject({ stale: false, ageMs: 1_000 })
  })

  it('that it was deleted: what was held by the ARN is forgotten, and who follows it hears nothing', async () => {
    await begin()
    const heard: unknown[] = []
    cache.handle(arn).on('rotated', event => heard.push(event))
    cache.delete(name)
    await answer(2, 'v1')
    expect(await byName).toBe('v1')
    expect(cache.peek(arn)).toBeUndefined()
    expect(cache.peek(name)).toBeUndefined()
    expect(cache.stats().entries).toBe(0)
    expect(heard).toEqual([])
  })

  it('that it was invalidated: in all stages', async () => {
    await begin()
    const read = cache.getSecretString(arn, previous)
    await answer(3, 'v0')
    await read
    cache.invalidate(name)
    await answer(2, 'v1')
    await byName
    expect(cache.peek(arn, previous)).toBeUndefined()
    expect(cache.peek(arn)).toBeUndefined()
  })

  it.each([
    ['the only failure', false],
    ['the failure before the last one', true],
  ])('a denial, which ends what is held with its TTL: %s', async (_, isFollowed) => {
    await begin({ staleWhileRevalidateMs: 30_000 })
    const refreshed = cache.refreshNow(name).catch(error => error.code)
    await deny(3)
    expect(await refreshed).toBe('ERR_SECRET_ACCESS_DENIED')
    if (isFollowed) {
      const again = cache.refreshNow(arn).catch(error => error.code)
      await (await source.request(4)).fail()
      expect(await again).toBe('ERR_SECRET_UNAVAILABLE')
    }
    await answer(2, 'v1')
    await byName
    await clock.advance(59_999)
    expect(cache.peek(arn)?.text()).toBe('v1')
    await clock.advance(1)
    expect(cache.peek(arn)).toBeUndefined()
  })

  it('that a version was denied which is read by its id: that version, and not the current one', async () => {
    await begin({ staleWhileRevalidateMs: 30_000 })
    const pinned = { versionId: 'v0' }
    const refused = (id: string) => cache.getSecretString(id, pinned).catch(error => error.code)
    const first = refused(name)
    await deny(3)
    expect(await first).toBe('ERR_SECRET_ACCESS_DENIED')
    await answer(2, 'v1')
    await byName
    expect(await refused(arn)).toBe('ERR_SECRET_ACCESS_DENIED')
    expect(source.sent).toHaveLength(3)
    await clock.advance(60_000)
    expect(cache.peek(arn)?.text()).toBe('v1')
  })

  it('a version that only its name has shown: who follows the name hears of the next one', async () => {
    cache = new SecretCache({ source, clock, ttlJitter: 0 })
    const heard: string[] = []
    cache.handle(name).on('rotated', ({ previousVersionId, versionId }) => heard.push(`${previousVersionId}→${versionId}`))
    const first = cache.getSecretString(name)
    await answer(1, 'v1')
    await first
    cache.delete(name)
    const read = cache.getSecretString(arn)
    await answer(2, 'v2')
    expect(await read).toBe('v2')
    expect(heard).toEqual(['v1→v2'])
  })
})

it('a load by another id that was under way when the secret was deleted brings nothing, however long it takes', async () => {
  cache = new SecretCache({ source, clock, ttlJitter: 0, loadTimeoutMs: 60_000 })
  const byArn = cache.getSecretString(arn)
  byName = cache.getSecretString(name)
  await source.request(2)
  const refreshed = cache.refreshNow(name)
  await answer(3, 'v2')
  await refreshed
  await answer(2, 'v2')
  await byName
  cache.delete(name)
  await clock.advance(10_000)
  const other = cache.getSecretString('other')
  const again = cache.getSecretString(name)
  await answer(1, 'v1')
  expect(await byArn).toBe('v1')
  expect(cache.peek(name)).toBeUndefined()
  await answer(5, 'v3')
  expect(await again).toBe('v3')
  await (await source.request(4)).answer('v1', 'other')
  await other
})

it('a version that is read by its id is kept, though the current version has moved meanwhile', async () => {
  cache = new SecretCache({ source, clock, ttlJitter: 0 })
  const current = cache.getSecretString(name)
  await answer(1, 'v1')
  await current
  const pinned = cache.getSecretString(name, { versionId: 'v0' })
  await source.request(2)
  const refreshed = cache.refreshNow(name)
  await answer(3, 'v2')
  await refreshed
  await answer(2, 'v0')
  expect(await pinned).toBe('v0')
  expect(cache.peek(name, { versionId: 'v0' })?.stale).toBe(false)
})

it('a listener that another one has removed meanwhile hears nothing', async () => {
  cache = new SecretCache({ source, clock, ttlJitter: 0 })
  const heard: string[] = []
  const handle = cache.handle(name)
  const stops: (() => void)[] = []
  handle.on('rotated', () => {
    heard.push('first')
    for (const stop of stops) stop()
  })
  stops.push(handle.on('rotated', () => heard.push('second')))
  const read = cache.getSecretString(name)
  await answer(1, 'v1')
  await read
  const refreshed = cache.refreshNow(name)
  await answer(2, 'v2')
  await refreshed
  expect(heard).toEqual(['first'])
})

describe('the version that a late event names', () => {
  const day = 86_400_000

  /** The requests for a cache that holds v2 until it takes v1, which an event of long ago has named. */
  async function requestsUntilTaken(held: Date | undefined, answered: Date | undefined): Promise<number> {
    let answerNow = { versionId: 'v2', createdDate: held }
    let requests = 0
    cache = new SecretCache({
      clock,
      ttlJitter: 0,
      source: {
        async get() {
          requests += 1
          const { versionId, createdDate } = answerNow
          return { arn, name, versionStages: ['AWSCURRENT'], string: versionId, versionId, createdDate }
        },
      },
    })
    await cache.getSecretString(name)
    answerNow = { versionId: 'v1', createdDate: answered }
    requests = 0
    const handled = cache.handleRotationEvent(labelMoved({ arn, name, versionId: 'v1', at: clock.now() - day }))
    await clock.advance(10_000)
    expect(await handled).toMatchObject([{ outcome: 'refreshed', versionId: 'v1' }])
    return requests
  }

  it('is asked for again if it is older than the one that is held: the answer may be an old one', async () => {
    expect(await requestsUntilTaken(new Date(day), new Date(day - 1))).toBe(5)
  })

  it.each([
    ['newer', new Date(day), new Date(day + 1)],
    ['as old', new Date(day), new Date(day)],
    ['of an unknown age', new Date(day), undefined],
    ['of a known age, beside one of none', undefined, new Date(day)],
  ])('is taken at once if it is %s', async (_, held, answered) => {
    expect(await requestsUntilTaken(held, answered)).toBe(1)
  })
})

it('what ends all that is held is asked for again after the shortest pause', async () => {
  await begin({ staleWhileRevalidateMs: 30_000 })
  await answer(2, 'v1')
  await byName
  await clock.advance(60_000)
  expect(await cache.getSecretString(arn)).toBe('v1')
  await deny(3)
  await clock.advance(200)
  const read = cache.getSecretString(arn)
  await answer(4, 'v2')
  expect(await read).toBe('v2')
})
