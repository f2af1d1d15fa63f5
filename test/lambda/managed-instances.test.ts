import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { createLambdaCache, createRotationEventHandler, type LambdaCacheOptions, withSecrets } from '../../src/lambda/index.js'
import { DeferredSource, settled } from '../support/deferred-source.js'
import { clock, fake, useFake } from '../support/fake-cache.js'

const id = 'prod/key'
const ttlMs = 60_000

useFake({ [id]: 'one', other: 'one' })

beforeEach(() => vi.stubEnv('AWS_LAMBDA_INITIALIZATION_TYPE', 'lambda-managed-instances'))
afterEach(() => vi.unstubAllEnvs())

function cacheOf(options: Partial<LambdaCacheOptions> = {}): SecretCache {
  return createLambdaCache({ secrets: [id], source: fake.source(), clock, ttlMs, ttlJitter: 0, ...options })
}

/** A warm cache whose secret has been rotated and whose service hangs from now on. */
async function hangingCache(options: Partial<LambdaCacheOptions> = {}): Promise<SecretCache> {
  const cache = cacheOf(options)
  await cache.idle()
  fake.rotate(id, 'two')
  fake.inject({ hang: true })
  return cache
}

describe('the cache works as in a service', () => {
  it('past the TTL, a stale value is served at once while a load runs behind', async () => {
    const cache = await hangingCache()
    await clock.advance(ttlMs + 59_999)
    expect(await cache.getSecretString(id)).toBe('one')
  })

  it('an expired read waits half a second for its load, and no more', async () => {
    const cache = await hangingCache()
    await clock.advance(ttlMs + 60_000)
    const read = cache.getSecretString(id)
    await clock.advance(500)
    expect(await read).toBe('one')
  })

  it('the options for the background apply, also those of single secrets', async () => {
    const cache = await hangingCache({ staleWhileRevalidateMs: 0, perSecret: { [id]: { staleWhileRevalidateMs: 1_000 } } })
    await clock.advance(ttlMs + 999)
    expect(await cache.getSecretString(id)).toBe('one')
  })

  it('a refresh after an event is spread, if that is asked for', async () => {
    const cache = cacheOf({ refreshSpreadMs: 30_000 })
    await cache.idle()
    expect(await cache.handleRotationEvent(fake.rotate(id, 'two'))).toMatchObject([{ outcome: 'scheduled' }])
  })

  it('a window of last known good values that is shorter than that of stale ones is a TypeError, as there', () => {
    expect(() => cacheOf({ staleIfErrorMs: 0 })).toThrow(/^staleIfErrorMs must be at least staleWhileRevalidateMs/)
    expect(cacheOf({ staleIfErrorMs: 0, staleWhileRevalidateMs: 0 })).toBeInstanceOf(SecretCache)
  })

  it('what it is does not change with the environment variable', async () => {
    const cache = await hangingCache()
    vi.stubEnv('AWS_LAMBDA_INITIALIZATION_TYPE', 'on-demand')
    await clock.advance(ttlMs)
    expect(await cache.getSecretString(id)).toBe('one')
  })
})

describe('invocations at the same time', () => {
  let source: DeferredSource

  beforeEach(() => {
    source = new DeferredSource()
  })

  it('all wait for the warm-up', async () => {
    const cache = createLambdaCache({ secrets: ['secret'], source })
    const handler = withSecrets(cache, async () => cache.peek('secret')?.text())
    const answers = Promise.all([handler(), handler()])
    await settled()
    await source.sent[0]?.answer('v1')
    expect(await answers).toEqual(['v1', 'v1'])
  })

  it('wait for nothing but the warm-up, though another one has begun a load before it ended', async () => {
    const cache = createLambdaCache({ secrets: ['secret'], source })
    const handler = withSecrets(cache, async (_event: object, _context?: object) => 'answered')
    const waiting = handler({})
    void cache.getSecretString('another').catch(() => {})
    await settled()
    await source.sent[0]?.answer('v1')
    expect(await waiting).toBe('answered')
    expect(await handler({})).toBe('answered')
    expect(source.sent).toHaveLength(2)
  })

  it('go on without the warm-up when their time is up', async () => {
    const cache = createLambdaCache({ secrets: ['secret'], source })
    const handler = withSecrets(cache, async (_event: object, _context: object) => 'answered')
    expect(await handler({}, { getRemainingTimeInMillis: () => 500 })).toBe('answered')
  })

  it('do not wait for the loads of others in a handler that is used late', async () => {
    const cache = createLambdaCache({ secrets: [], source })
    const refresh = createRotationEventHandler(cache)
    await cache.idle()
    void cache.getSecretString('another').catch(() => {})
    await settled()
    expect(await refresh({ source: 'elsewhere' })).toEqual({ batchItemFailures: [] })
  })

  it('wait for the warm-up of a cache that was created otherwise', async () => {
    const cache = new SecretCache({ source })
    void cache.warmup(['secret'])
    const handler = withSecrets(cache, async () => cache.peek('secret')?.text())
    const answer = handler()
    await settled()
    await source.sent[0]?.answer('v1')
    expect(await answer).toBe('v1')
  })
})
