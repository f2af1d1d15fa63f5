import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache, type SecretCacheOptions } from '../../../src/index.js'
import { ManualClock } from '../../../src/testing/index.js'
import { DeferredSource, settled } from '../../support/deferred-source.js'
import { labelMoved } from '../../support/rotation-events.js'

const name = 'secret'
const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:secret-AbCdEf'

let clock: ManualClock
let source: DeferredSource
let stale: string[]

/** A cache that holds v1, past its TTL and past all serving at once. */
async function expiredCache(options: SecretCacheOptions = {}): Promise<SecretCache> {
  const cache = new SecretCache({ source, clock, ttlJitter: 0, ttlMs: 60_000, staleWhileRevalidateMs: 0, ...options })
  cache.on('stale', event => stale.push(`${event.versionId}: ${event.cause.code}`))
  const read = cache.getSecretString(name)
  await answer(1, 'v1')
  await read
  await clock.advance(60_000)
  return cache
}

async function answer(number: number, version: string): Promise<void> {
  await (await source.request(number)).answer(version)
}

const moved = { arn, name, versionId: 'v2', at: Date.UTC(2030, 0, 1, 0, 2) }
const event = labelMoved(moved)

/** Ways by which a newer version comes in while a read waits for a load that hangs. */
const ways: [string, (cache: SecretCache) => Promise<unknown>][] = [
  ['refreshNow', cache => cache.refreshNow(name)],
  ['refreshNow by ARN', cache => cache.refreshNow(arn)],
  ['an event', cache => cache.handleRotationEvent(event)],
]

beforeEach(() => {
  clock = new ManualClock()
  source = new DeferredSource()
  stale = []
})

describe.each(ways)("a reader's patience that ends after %s has brought a new version", (_, bring) => {
  it('blames nobody, and gets the new version', async () => {
    const cache = await expiredCache()
    const read = cache.getSecretString(name)
    await settled()
    const brought = bring(cache)
    await answer(3, 'v2')
    await brought
    await clock.advance(1_000)
    expect(await read).toBe('v2')
    expect(await cache.getSecretString(name)).toBe('v2')
    expect(stale).toEqual([])
    expect(cache.peek(name)?.stale).toBe(false)
  })

  it('does not let readers be served an old value later, while the service is well', async () => {
    const cache = await expiredCache()
    const read = cache.getSecretString(name)
    await settled()
    const brought = bring(cache)
    await answer(3, 'v2')
    await brought
    await clock.advance(1_000)
    await read
    await clock.advance(60_000)
    const { length } = source.sent
    const later = cache.getSecretString(name)
    await answer(length + 1, 'v3')
    expect(await later).toBe('v3')
    expect(stale).toEqual([])
  })

  it('tells of no trouble after the next TTL either, when a load runs behind what is served at once', async () => {
    const cache = await expiredCache({ staleWhileRevalidateMs: 10_000 })
    await clock.advance(10_000)
    const read = cache.getSecretString(name)
    await settled()
    const brought = bring(cache)
    await answer(3, 'v2')
    await brought
    await clock.advance(1_000)
    await read
    expect(cache.stats().staleServed).toBe(0)
    await clock.advance(60_000)
    expect(await cache.getSecretString(name)).toBe('v2')
    await settled()
    expect(source.sent).toHaveLength(4)
    expect(stale).toEqual([])
  })
})

it('a reader whose secret is deleted while it waits gets what its load brings, however long that takes', async () => {
  const cache = await expiredCache()
  const read = cache.getSecretString(name)
  await settled()
  cache.delete(name)
  await clock.advance(2_000)
  await answer(2, 'v2')
  expect(await read).toBe('v2')
  expect(stale).toEqual([])
})

describe('after a load that failed', () => {
  async function cacheAfterFailure(): Promise<SecretCache> {
    const cache = await expiredCache()
    const read = cache.getSecretString(name)
    await (await source.request(2)).fail()
    expect(await read).toBe('v1')
    return cache
  }

  it('nobody waits for the next one, until one goes well', async () => {
    const cache = await cacheAfterFailure()
    await clock.advance(13_000)
    expect(await cache.getSecretString(name)).toBe('v1')
    expect(source.sent).toHaveLength(3)
  })

  it('readers wait for the next one if the secret was invalidated since', async () => {
    const cache = await cacheAfterFailure()
    cache.invalidate(name)
    const read = cache.getSecretString(name)
    await answer(3, 'v2')
    expect(await read).toBe('v2')
  })

  it('of an invalidated secret, readers are served at once as long as the pause is on', async () => {
    const cache = await expiredCache()
    cache.invalidate(name)
    const read = cache.getSecretString(name)
    await (await source.request(2)).fail()
    expect(await read).toBe('v1')
    expect(await cache.getSecretString(name)).toBe('v1')
    expect(source.sent).toHaveLength(2)
  })
})

it('what may be served no longer, peek does not show', async () => {
  const cache = await expiredCache({ staleIfErrorMs: 1_000 })
  await clock.advance(999)
  expect(cache.peek(name)?.text()).toBe('v1')
  await clock.advance(1)
  expect(cache.peek(name)).toBeUndefined()
})

it("a reader's patience that ends while nothing else has come in still tells of the load that is late", async () => {
  const cache = await expiredCache()
  const read = cache.getSecretString(name)
  await clock.advance(1_000)
  expect(await read).toBe('v1')
  expect(stale).toEqual(['v1: ERR_SECRET_TIMEOUT'])
})

describe('a load that brings a version after all, later than readers wait', () => {
  async function cacheAfterLateLoad(): Promise<SecretCache> {
    const cache = await expiredCache()
    const read = cache.getSecretString(name)
    await clock.advance(1_000)
    await read
    await answer(2, 'v1')
    stale = []
    return cache
  }

  it('ends the trouble: after the next TTL a read waits for a load again', async () => {
    const cache = await cacheAfterLateLoad()
    await clock.advance(60_000)
    const read = cache.getSecretString(name)
    await answer(3, 'v2')
    expect(await read).toBe('v2')
    expect(stale).toEqual([])
  })

  it('leaves nothing that an event must clear up: the version that it names is current already', async () => {
    const cache = await cacheAfterLateLoad()
    const results = await cache.handleRotationEvent(labelMoved({ ...moved, versionId: 'v1' }))
    expect(results).toEqual([expect.objectContaining({ outcome: 'unchanged', reason: 'already current' })])
    expect(source.sent).toHaveLength(2)
  })
})
