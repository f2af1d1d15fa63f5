import { describe, expect, it } from 'vitest'
import { type ErrorEvent, isSecretCacheError, SecretCache, type SecretCacheOptions, type StaleEvent } from '../../../src/index.js'
import { clock, fake, useFake } from '../../support/fake-cache.js'

const id = 'prod/key'

function cacheOf(options: SecretCacheOptions = {}): SecretCache {
  return new SecretCache({ source: fake.source(), clock, ttlMs: 10_000, ttlJitter: 0, ...options })
}

useFake({ [id]: 'one' })

describe('a first load that fails', () => {
  it('rejects, and ten retries at once make no further call', async () => {
    const cache = cacheOf()
    fake.inject({ error: 'InternalServiceError' })
    for (let read = 0; read < 11; read += 1) {
      await expect(cache.getSecretString(id)).rejects.toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE' })
    }
    expect(fake.count()).toBe(1)
  })

  it('gives each reader an error of its own with the same cause', async () => {
    const cache = cacheOf()
    fake.inject({ error: 'InternalServiceError' })
    const errors: Error[] = []
    for (let read = 0; read < 3; read += 1) await cache.getSecretString(id).catch(error => errors.push(error))
    expect(new Set(errors).size).toBe(3)
    expect(new Set(errors.map(({ cause }) => cause)).size).toBe(1)
  })

  it('is not remembered once the pause is over and the service is back', async () => {
    const cache = cacheOf()
    fake.inject({ error: 'InternalServiceError', times: 1 })
    await cache.getSecretString(id).catch(() => undefined)
    await clock.advance(200)
    expect(await cache.getSecretString(id)).toBe('one')
  })
})

it('survives an hour without the service at a thousand reads a second: no read fails, none waits after the first', async () => {
  const cache = cacheOf({ staleWhileRevalidateMs: 0 })
  await cache.getSecretString(id)
  await clock.advance(10_000)
  fake.resetCalls()
  fake.inject({ hang: true })
  const first = cache.getSecretString(id)
  await clock.advance(500)
  expect(await first).toBe('one')
  for (let second = 0; second < 3_600; second += 1) {
    for (let read = 0; read < 1_000; read += 100) expect(cache.getSecretString(id)).toBe(cache.getSecretString(id))
    await clock.advance(1_000)
  }
  expect(await cache.getSecretString(id)).toBe('one')
  expect(fake.count()).toBeLessThan(130)
})

it('a value that is younger than the step by which the clock is set back is read anew, and readers wait', async () => {
  const cache = cacheOf()
  await cache.getSecretString(id)
  await clock.advance(1_000)
  fake.rotate(id, 'two')
  clock.set(clock.now() - 3_600_000)
  expect(await cache.getSecretString(id)).toBe('two')
})

it('a load that ends late, as on a busy event loop, is followed by a pause like any other', async () => {
  const cache = cacheOf({ loadTimeoutMs: 5_000 })
  fake.inject({ hang: true, times: 1 })
  const read = cache.getSecretString(id).catch(error => error.code)
  clock.set(clock.now() + 999)
  await clock.advance(5_000)
  expect(await read).toBe('ERR_SECRET_TIMEOUT')
  await cache.getSecretString(id).catch(() => undefined)
  expect(fake.count()).toBe(1)
})

describe('the last known good', () => {
  it('is announced once for each failure, with age and cause', async () => {
    const cache = cacheOf({ staleWhileRevalidateMs: 0 })
    const events: (StaleEvent | ErrorEvent)[] = []
    cache.on('stale', event => events.push(event))
    cache.on('error', event => events.push(event))
    await cache.getSecretString(id)
    fake.inject({ error: 'ThrottlingException' })
    await clock.advance(10_000)
    for (let read = 0; read < 5; read += 1) await cache.getSecretString(id)
    expect(events).toMatchObject([
      { type: 'error', secretId: id, error: { code: 'ERR_SECRET_THROTTLED' } },
      { type: 'stale', secretId: id, ageMs: 10_000, cause: { code: 'ERR_SECRET_THROTTLED' } },
    ])
  })

  it('is tried to be replaced by the backoff, not after another TTL', async () => {
    const cache = cacheOf({ staleWhileRevalidateMs: 0, ttlMs: 3_600_000 })
    await cache.getSecretString(id)
    await clock.advance(3_600_000)
    fake.inject({ error: 'InternalServiceError', times: 1 })
    fake.rotate(id, 'two')
    expect(await cache.getSecretString(id)).toBe('one')
    await clock.advance(12_800)
    await cache.getSecretString(id)
    await cache.idle()
    expect(await cache.getSecretString(id)).toBe('two')
  })

  it('is served when the label has moved and the new version cannot be read', async () => {
    const cache = cacheOf()
    await cache.getSecretString(id)
    fake.rotate(id, 'two')
    fake.inject({ error: 'InternalServiceError' })
    await clock.advance(80_000)
    expect(await cache.getSecretString(id)).toBe('one')
  })
})

const transient = [
  'ThrottlingException',
  'InternalServiceError',
  'ServiceUnavailable',
  'ExpiredTokenException',
  'InvalidSignatureException',
  'RequestTimeTooSkewed',
  'SomethingNewException',
]
const denied = ['AccessDeniedException', 'UnrecognizedClientException', 'DecryptionFailure', 'ResourceNotFoundException']
const wrong = ['InvalidParameterException', 'ValidationException']

it.each(transient)('%s is transient: the last known good is served', async error => {
  const cache = cacheOf()
  await cache.getSecretString(id)
  fake.inject({ error })
  await clock.advance(80_000)
  expect(await cache.getSecretString(id)).toBe('one')
})

it.each([...denied, ...wrong])('after %s the value ends with its TTL', async error => {
  const cache = cacheOf()
  await cache.getSecretString(id)
  fake.inject({ error })
  await clock.advance(10_000)
  await cache.getSecretString(id)
  await cache.idle()
  await expect(cache.getSecretString(id)).rejects.toSatisfy(isSecretCacheError)
})

it.each(denied)('staleIfDeniedMs gives a value that much longer after %s', async error => {
  const cache = cacheOf({ staleIfDeniedMs: 30_000 })
  await cache.getSecretString(id)
  fake.inject({ error })
  await clock.advance(39_999)
  expect(await cache.getSecretString(id)).toBe('one')
  await cache.idle()
  await clock.advance(1)
  await expect(cache.getSecretString(id)).rejects.toSatisfy(isSecretCacheError)
})

it('a denial outlives the outage that follows it', async () => {
  const cache = cacheOf()
  await cache.getSecretString(id)
  await clock.advance(10_000)
  fake.inject({ error: 'AccessDeniedException', times: 1 })
  await cache.getSecretString(id)
  await cache.idle()
  fake.inject({ error: 'InternalServiceError' })
  await clock.advance(5_000)
  await expect(cache.getSecretString(id)).rejects.toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE' })
})

it('a denial while readers wait is not forgotten when their patience ends', async () => {
  const cache = cacheOf({ staleWhileRevalidateMs: 0, loadTimeoutMs: 2_000 })
  await cache.getSecretString(id)
  await clock.advance(10_000)
  fake.inject({ hang: true, times: 1 })
  const read = cache.getSecretString(id).catch(error => error.code)
  await clock.advance(100)
  fake.inject({ error: 'AccessDeniedException', times: 1 })
  await cache.refreshNow(id).catch(() => undefined)
  await clock.advance(1_900)
  expect(await read).toBe('ERR_SECRET_TIMEOUT')
})

it('ends a load that never answers at loadTimeoutMs, and tells its source', async () => {
  const signals: AbortSignal[] = []
  const cache = cacheOf({
    loadTimeoutMs: 1_000,
    source: {
      get(_, { signal }) {
        signals.push(signal)
        return new Promise(() => {})
      },
    },
  })
  const read = cache.getSecretString(id)
  await clock.advance(999)
  const settled = Promise.race([read.catch(error => error.code), Promise.resolve('still waiting')])
  expect(await settled).toBe('still waiting')
  expect(signals.map(({ aborted }) => aborted)).toEqual([false])
  await clock.advance(1)
  await expect(read).rejects.toMatchObject({
    code: 'ERR_SECRET_TIMEOUT',
    message: expect.stringContaining('No response within 1000 ms.'),
  })
  expect(signals.map(({ aborted }) => aborted)).toEqual([true])
})

it('ends one waiter by its abort, and no other', async () => {
  const cache = cacheOf()
  fake.inject({ delayMs: 100 })
  const controller = new AbortController()
  const aborted = cache.getSecretString(id, { signal: controller.signal })
  const patient = cache.getSecretString(id)
  controller.abort(new Error('enough'))
  await expect(aborted).rejects.toThrow('enough')
  await clock.advance(100)
  expect(await patient).toBe('one')
  expect(fake.count()).toBe(1)
})

it('keeps one good value and the newest failures apart: a flood of unknown ids costs one entry', async () => {
  for (let n = 0; n < 10; n += 1) fake.create(`s/${n}`, String(n))
  const cache = cacheOf({ maxEntries: 10 })
  for (let n = 0; n < 10; n += 1) await cache.getSecretString(`s/${n}`)
  for (let n = 0; n < 1_000; n += 1) await cache.getSecretString(`unknown/${n}`).catch(() => undefined)
  expect(Array.from({ length: 10 }, (_, n) => cache.peek(`s/${n}`)).filter(Boolean)).toHaveLength(9)
  expect(cache.stats().entries).toBe(10)
})

it('of failures the one that came first makes room, not the one that was first asked for', async () => {
  const cache = cacheOf({ maxEntries: 2 })
  const read = (name: string): Promise<unknown> => cache.getSecretString(name).catch(() => undefined)
  await read('a')
  await read('b')
  await clock.advance(1_000)
  await read('a')
  await read('c')
  fake.resetCalls()
  await read('a')
  expect(fake.count()).toBe(0)
  await read('b')
  expect(fake.count()).toBe(1)
})
