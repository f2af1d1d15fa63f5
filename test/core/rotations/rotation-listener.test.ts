import { beforeEach, describe, expect, it } from 'vitest'
import { type RotatedEvent, SecretCache, type SecretCacheOptions } from '../../../src/index.js'
import { FakeSecretsManager } from '../../../src/testing/index.js'
import { clock, fake, useFake } from '../../support/fake-cache.js'

const id = 'prod/db'

let rotated: RotatedEvent[]

function cacheOf(options: SecretCacheOptions = {}): SecretCache {
  const cache = new SecretCache({ source: fake.source(), clock, ttlJitter: 0, ...options })
  cache.on('rotated', event => rotated.push(event))
  return cache
}

/** A cache that has read the secret once, with the calls counted from then on. */
async function warmCache(options?: SecretCacheOptions): Promise<SecretCache> {
  const cache = cacheOf(options)
  await cache.getSecretString(id)
  fake.resetCalls()
  return cache
}

useFake({ [id]: 'one', other: 'other' })

beforeEach(() => {
  rotated = []
})

describe('an event about a cached secret', () => {
  it('makes the new value readable with one call', async () => {
    const cache = await warmCache()
    const event = fake.rotate(id, 'two')
    const results = await cache.handleRotationEvent(event)
    expect(results).toEqual([
      { outcome: 'refreshed', reason: 'Secret Label Updated', secretId: id, versionId: event.detail.versionId },
    ])
    expect(await cache.getSecretString(id)).toBe('two')
    expect(fake.count()).toBe(1)
    expect(rotated).toHaveLength(1)
  })

  it('is heard whatever form of the id the secret was read by', async () => {
    const { arn } = fake.put(id, 'one and a half')
    for (const readAs of [id, arn, arn.slice(0, -7)]) {
      const cache = cacheOf()
      await cache.getSecretString(readAs)
      const event = fake.rotate(id)
      expect(await cache.handleRotationEvent(event)).toMatchObject([{ outcome: 'refreshed', secretId: readAs }])
    }
  })

  it('that comes before the service shows the new version is read again until it does', async () => {
    const cache = await warmCache()
    const event = fake.rotate(id, 'two')
    fake.inject({ operation: 'GetSecretValue', answer: 'old', times: 3 })
    const handled = cache.handleRotationEvent(event)
    await clock.advance(10_000)
    expect(await handled).toMatchObject([{ outcome: 'refreshed' }])
    expect(fake.count()).toBe(4)
    expect(rotated).toHaveLength(1)
  })

  it('that goes back to the version just left is believed at once, also by a load that refreshNow joins', async () => {
    const cache = await warmCache()
    const { versionId } = await cache.getSecret(id)
    fake.rotate(id, 'two')
    await cache.refreshNow(id)
    fake.resetCalls()
    const handled = cache.handleRotationEvent(fake.moveCurrent(id, versionId))
    const refreshed = cache.refreshNow(id)
    expect(await handled).toMatchObject([{ outcome: 'refreshed', versionId }])
    expect((await refreshed).text()).toBe('one')
    expect(fake.count()).toBe(1)
  })

  it('whose version never shows ends as unchanged after six reads, and what is held is read again within a minute', async () => {
    const cache = await warmCache()
    const event = fake.rotate(id, 'two')
    fake.inject({ operation: 'GetSecretValue', answer: 'old' })
    const handled = cache.handleRotationEvent(event)
    await clock.advance(20_000)
    expect(await handled).toMatchObject([{ outcome: 'unchanged', reason: 'the version has not moved' }])
    expect(fake.count()).toBe(6)
    fake.recover()
    await clock.advance(60_000)
    await cache.getSecretString(id)
    await cache.idle()
    expect(await cache.getSecretString(id)).toBe('two')
  })

  it('costs nothing if its version is held already', async () => {
    const cache = await warmCache()
    const event = fake.rotate(id, 'two')
    await cache.refreshNow(id)
    fake.resetCalls()
    expect(await cache.handleRotationEvent(event)).toMatchObject([{ outcome: 'unchanged', reason: 'already current' }])
    expect(fake.count()).toBe(0)
  })

  it('costs nothing when it is delivered again', async () => {
    const cache = await warmCache()
    const event = fake.rotate(id, 'two')
    await cache.handleRotationEvent(event)
    expect(await cache.handleRotationEvent(event)).toMatchObject([{ outcome: 'ignored', reason: 'delivered before' }])
    expect(fake.count()).toBe(1)
  })

  it('whose refresh failed works when it is delivered again', async () => {
    const cache = await warmCache()
    const event = fake.rotate(id, 'two')
    fake.inject({ error: 'InternalServiceError', times: 1 })
    expect(await cache.handleRotationEvent(event)).toMatchObject([{ outcome: 'rejected', reason: 'ERR_SECRET_UNAVAILABLE' }])
    expect(await cache.handleRotationEvent(event)).toMatchObject([{ outcome: 'refreshed' }])
    expect(await cache.getSecretString(id)).toBe('two')
  })

  it('during the first load of its secret is not lost', async () => {
    const cache = cacheOf()
    fake.inject({ operation: 'GetSecretValue', delayMs: 100, times: 1 })
    const first = cache.getSecretString(id)
    await clock.advance(10)
    const handled = cache.handleRotationEvent(fake.rotate(id, 'two'))
    await clock.advance(1_000)
    expect(await handled).toMatchObject([{ outcome: 'refreshed' }])
    expect(await first).toMatch(/one|two/)
    expect(await cache.getSecretString(id)).toBe('two')
  })

  it('is heard while its secret is first loaded by its partial ARN', async () => {
    const { arn } = fake.put(id, 'one')
    const cache = cacheOf()
    fake.inject({ operation: 'GetSecretValue', delayMs: 100, times: 1 })
    const first = cache.getSecretString(arn.slice(0, -7))
    await clock.advance(10)
    const handled = cache.handleRotationEvent(fake.rotate(id, 'two'))
    await clock.advance(1_000)
    expect(await handled).toMatchObject([{ outcome: 'refreshed' }])
    await first
    expect(await cache.getSecretString(id)).toBe('two')
  })

  it.each([
    ['at once', 0],
    ['after staleIfDeniedMs', 30_000],
  ])('of a deletion ends the value %s', async (_, staleIfDeniedMs) => {
    const cache = await warmCache({ staleIfDeniedMs })
    const { arn } = await cache.getSecret(id)
    fake.perform('DeleteSecret', { SecretId: id })
    const event = {
      source: 'aws.secretsmanager',
      'detail-type': 'AWS API Call via CloudTrail',
      id: 'deletion',
      detail: { eventSource: 'secretsmanager.amazonaws.com', eventName: 'DeleteSecret', responseElements: { arn } },
    }
    expect(await cache.handleRotationEvent(event)).toMatchObject([{ outcome: 'unchanged', reason: 'ERR_SECRET_DELETED' }])
    if (staleIfDeniedMs > 0) expect(await cache.getSecretString(id)).toBe('one')
    await clock.advance(staleIfDeniedMs)
    await cache.idle()
    await expect(cache.getSecretString(id)).rejects.toMatchObject({ code: 'ERR_SECRET_DELETED' })
  })

  it('expires its other stages where only those were read', async () => {
    const cache = cacheOf()
    const previous = { versionStage: 'AWSPREVIOUS' }
    fake.rotate(id, 'two')
    await cache.getSecretString(id, previous)
    expect(await cache.handleRotationEvent(fake.rotate(id, 'three'))).toMatchObject([
      { outcome: 'refreshed', reason: 'other stages expire' },
    ])
    expect(await cache.getSecretString(id, previous)).toBe('two')
    cache.delete(id)
    expect(cache.stats().entries).toBe(0)
  })

  it('expires its other stages too', async () => {
    const cache = await warmCache()
    const { versionId } = await cache.getSecret(id)
    await cache.handleRotationEvent(fake.rotate(id, 'two'))
    expect(await cache.getSecretString(id, { versionStage: 'AWSPREVIOUS' })).toBe('one')
    await cache.handleRotationEvent(fake.moveCurrent(id, versionId))
    expect(await cache.getSecretString(id, { versionStage: 'AWSPREVIOUS' })).toBe('two')
  })
})

it('sees three changes where the label goes to another version and back', async () => {
  const cache = await warmCache()
  const { versionId: first } = await cache.getSecret(id)
  await cache.handleRotationEvent(fake.rotate(id, 'two'))
  await cache.handleRotationEvent(fake.moveCurrent(id, first))
  expect(await cache.getSecretString(id)).toBe('one')
  await cache.handleRotationEvent(fake.rotate(id, 'three'))
  expect(rotated).toHaveLength(3)
  expect(fake.count()).toBe(3)
})

describe('an event that calls for nothing', () => {
  it('is one about a secret that is not cached', async () => {
    const cache = await warmCache()
    expect(await cache.handleRotationEvent(fake.rotate('other'))).toMatchObject([
      { outcome: 'ignored', reason: 'unknown secret' },
    ])
    expect(fake.count()).toBe(0)
  })

  it.each([
    ['deleted', async (cache: SecretCache) => cache.delete(id)],
    ['evicted', async (cache: SecretCache) => cache.getSecretString('other')],
    [
      'evicted after it was read by its ARN',
      async (cache: SecretCache) => {
        await cache.getSecretString(String(fake.perform('DescribeSecret', { SecretId: id }).ARN))
        await cache.getSecretString('other')
      },
    ],
  ])('is one about a secret that was %s', async (_, act) => {
    const cache = await warmCache({ maxEntries: 1 })
    await act(cache)
    expect(await cache.handleRotationEvent(fake.rotate(id))).toMatchObject([{ outcome: 'ignored', reason: 'unknown secret' }])
  })

  it('is one about a secret of the same name in another account or Region', async () => {
    const cache = await warmCache()
    const foreign = new FakeSecretsManager({ accountId: '999999999999', secrets: { [id]: 'theirs' } })
    const distant = new FakeSecretsManager({ region: 'us-east-1', secrets: { [id]: 'far away' } })
    expect(await cache.handleRotationEvent(foreign.rotate(id))).toMatchObject([{ outcome: 'ignored', reason: 'another account' }])
    expect(await cache.handleRotationEvent(distant.rotate(id))).toMatchObject([{ outcome: 'ignored', reason: 'another Region' }])
    expect(fake.count()).toBe(0)
  })

  it.each([[undefined], [null], [7], ['{'], [{}], [[]], [Buffer.from('nonsense')]])('is no event at all: %s', async payload => {
    const cache = await warmCache()
    expect(await cache.handleRotationEvent(payload)).toMatchObject([{ outcome: 'rejected' }])
    expect(fake.count()).toBe(0)
  })
})

describe('with refreshSpreadMs', () => {
  it('an event is scheduled at once and read within the spread', async () => {
    const cache = await warmCache({ refreshSpreadMs: 5_000 })
    const event = fake.rotate(id, 'two')
    expect(await cache.handleRotationEvent(event)).toMatchObject([{ outcome: 'scheduled', secretId: id }])
    expect(fake.count()).toBe(0)
    await clock.advance(5_000)
    expect(await cache.getSecretString(id)).toBe('two')
    expect(fake.count()).toBe(1)
  })

  it('a late event does not stand in for the one that follows it', async () => {
    const cache = await warmCache({ refreshSpreadMs: 5_000 })
    const late = fake.rotate(id, 'two')
    await cache.refreshNow(id)
    const next = fake.rotate(id, 'three')
    await cache.handleRotationEvent(late)
    await cache.handleRotationEvent(next)
    await clock.advance(5_000)
    expect(await cache.getSecretString(id)).toBe('three')
  })

  it('nothing is read after close', async () => {
    const cache = await warmCache({ refreshSpreadMs: 5_000 })
    await cache.handleRotationEvent(fake.rotate(id, 'two'))
    await cache.close()
    await clock.advance(5_000)
    expect(fake.count()).toBe(0)
  })

  it('a hundred events are one read', async () => {
    const cache = await warmCache({ refreshSpreadMs: 5_000 })
    for (let event = 0; event < 100; event += 1) await cache.handleRotationEvent(fake.rotate(id))
    await clock.advance(5_000)
    expect(fake.count()).toBe(1)
  })
})

it('reads no more often than the bucket allows, however many events come', async () => {
  const cache = await warmCache()
  const events = Array.from({ length: 2_000 }, () => fake.rotate(id))
  fake.inject({ operation: 'GetSecretValue', answer: 'old' })
  const handled = Promise.all(events.map(event => cache.handleRotationEvent(event)))
  await clock.advance(20_000)
  await handled
  expect(fake.count()).toBeLessThanOrEqual(5 + 20)
})

it('reads everything again after a gap, behind the readers', async () => {
  const cache = await warmCache()
  await cache.getSecretString('other')
  fake.resetCalls()
  fake.rotate(id, 'two')
  cache.revalidate()
  expect(await cache.getSecretString(id)).toBe('one')
  await clock.advance(1_000)
  expect(await cache.getSecretString(id)).toBe('two')
  expect(fake.count()).toBe(2)
})

it('rejects every event once the cache is closed', async () => {
  const cache = await warmCache()
  await cache.close()
  expect(await cache.handleRotationEvent(fake.rotate(id))).toEqual([{ outcome: 'rejected', reason: 'ERR_SECRET_CACHE_CLOSED' }])
})
