import { afterEach, describe, expect, it, vi } from 'vitest'
import { SecretCache, type SecretCacheOptions, type SecretSource } from '../../../src/index.js'
import { DeferredSource } from '../../support/deferred-source.js'

const id = 'prod/db'
const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf'

/** A service whose secret is another version at every read. */
function newSource(): SecretSource & { calls: number } {
  const source = {
    calls: 0,
    async get() {
      source.calls += 1
      const versionId = `v${source.calls}`
      return { arn, name: id, versionId, versionStages: ['AWSCURRENT'], string: versionId }
    },
  }
  return source
}

function cacheOf(source: SecretSource, options: SecretCacheOptions = {}): SecretCache {
  return new SecretCache({ source, ttlMs: 60_000, ttlJitter: 0, staleWhileRevalidateMs: 0, ...options })
}

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('a mocked Date moves the cache', () => {
  const mocks: [string, () => void][] = [
    ['Date alone', () => vi.useFakeTimers({ toFake: ['Date'] })],
    ['all timers', () => vi.useFakeTimers()],
    ['Date and timers', () => vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] })],
  ]

  it.each(mocks)('that was made after it (%s)', async (_, mock) => {
    mock()
    const source = newSource()
    const cache = cacheOf(source)
    expect(await cache.getSecretString(id)).toBe('v1')
    vi.setSystemTime(Date.now() + 59_000)
    expect(await cache.getSecretString(id)).toBe('v1')
    expect(cache.peek(id)?.ageMs).toBe(59_000)
    vi.setSystemTime(Date.now() + 2_000)
    expect(cache.peek(id)?.stale).toBe(true)
    expect(await cache.getSecretString(id)).toBe('v2')
  })

  it.each(mocks)('that was made before it (%s)', async (_, mock) => {
    const source = newSource()
    const cache = cacheOf(source)
    mock()
    expect(await cache.getSecretString(id)).toBe('v1')
    vi.setSystemTime(Date.now() + 61_000)
    expect(await cache.getSecretString(id)).toBe('v2')
  })

  it('as timers are advanced', async () => {
    vi.useFakeTimers()
    const source = newSource()
    const cache = cacheOf(source)
    await cache.getSecretString(id)
    await vi.advanceTimersByTimeAsync(61_000)
    expect(await cache.getSecretString(id)).toBe('v2')
  })

  it('by whatever replaces Date.now', async () => {
    const source = newSource()
    const cache = cacheOf(source)
    await cache.getSecretString(id)
    const now = Date.now()
    vi.spyOn(Date, 'now').mockReturnValue(now + 61_000)
    expect(await cache.getSecretString(id)).toBe('v2')
  })

  it('back to the machine when the mock ends', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const source = newSource()
    const cache = cacheOf(source)
    vi.setSystemTime(Date.now() - 1_000_000)
    await cache.getSecretString(id)
    vi.useRealTimers()
    expect(await cache.getSecretString(id)).toBe('v2')
  })
})

it('mocked timers end the wait of a reader for a late load', async () => {
  vi.useFakeTimers()
  let hang = false
  const answering = newSource()
  const source: SecretSource = {
    get: (request, options) => (hang ? new Promise(() => {}) : answering.get(request, options)),
  }
  const cache = cacheOf(source)
  await cache.getSecretString(id)
  await vi.advanceTimersByTimeAsync(61_000)
  hang = true
  const read = cache.getSecretString(id)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(await read).toBe('v1')
})

it('the process is held while somebody waits for a load, and no longer', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const source = new DeferredSource()
  const cache = cacheOf(source)
  const reads = [cache.getSecretString('secret'), cache.getSecretString('secret')]
  const request = await source.request(1)
  expect(vi.getTimerCount()).toBe(1)
  await request.answer('v1')
  await Promise.all(reads)
  expect(vi.getTimerCount()).toBe(0)
})
