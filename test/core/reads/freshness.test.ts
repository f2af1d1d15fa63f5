import { expect, it, vi } from 'vitest'
import { SecretCache, type SecretCacheOptions, type StaleEvent } from '../../../src/index.js'
import { clock, fake, useFake } from '../../support/fake-cache.js'

const id = 'prod/key'
const ttlMs = 10_000

function cacheOf(options: SecretCacheOptions = {}): SecretCache {
  return new SecretCache({
    source: fake.source(),
    clock,
    ttlMs,
    ttlJitter: 0,
    staleWhileRevalidateMs: 5_000,
    staleIfErrorMs: 60_000,
    ...options,
  })
}

useFake({ [id]: 'one' })

it('serves a fresh value without a call', async () => {
  const cache = cacheOf()
  for (let read = 0; read < 100; read += 1) await cache.getSecretString(id)
  await clock.advance(ttlMs - 1)
  await cache.getSecretString(id)
  expect(fake.count()).toBe(1)
})

it('serves a stale value at once while one load runs behind, however many readers there are', async () => {
  const cache = cacheOf()
  await cache.getSecretString(id)
  fake.rotate(id, 'two')
  fake.inject({ delayMs: 1_000 })
  await clock.advance(ttlMs)
  const reads = await Promise.all(Array.from({ length: 100 }, () => cache.getSecretString(id)))
  expect(new Set(reads)).toEqual(new Set(['one']))
  await clock.advance(1_000)
  expect(await cache.getSecretString(id)).toBe('two')
  expect(fake.count()).toBe(2)
})

it('makes one attempt behind a stale value: nobody waits for a second', async () => {
  const cache = cacheOf({ source: { ...fake.source(), singleAttempt: true }, backoff: { initialMs: 10 } })
  await cache.getSecretString(id)
  fake.inject({ error: 'InternalServiceError' })
  await clock.advance(ttlMs)
  expect(await cache.getSecretString(id)).toBe('one')
  await clock.advance(4_000)
  expect(fake.count()).toBe(2)
})

it('makes readers of an expired value wait for one load', async () => {
  const cache = cacheOf()
  await cache.getSecretString(id)
  fake.rotate(id, 'two')
  fake.inject({ delayMs: 400 })
  await clock.advance(ttlMs + 5_000)
  const reads = Promise.all(Array.from({ length: 100 }, () => cache.getSecretString(id)))
  await clock.advance(400)
  expect(new Set(await reads)).toEqual(new Set(['two']))
  expect(fake.count()).toBe(2)
})

it('serves the last known good when that load takes longer than staleWaitMs, and lets nobody wait again until one succeeds', async () => {
  const cache = cacheOf()
  const stale: StaleEvent[] = []
  cache.on('stale', event => stale.push(event))
  await cache.getSecretString(id)
  fake.rotate(id, 'two')
  fake.inject({ delayMs: 3_000, times: 1 })
  await clock.advance(ttlMs + 5_000)
  const first = cache.getSecretString(id)
  await clock.advance(500)
  expect(await first).toBe('one')
  expect(await cache.getSecretString(id)).toBe('one')
  expect(stale).toMatchObject([
    { secretId: id, ageMs: 15_500, cause: { code: 'ERR_SECRET_TIMEOUT', message: expect.stringContaining('within 500 ms.') } },
  ])
  await clock.advance(2_500)
  expect(await cache.getSecretString(id)).toBe('two')
  expect(fake.count()).toBe(2)
})

it('serves the last known good until staleIfErrorMs after the TTL, and not a millisecond longer', async () => {
  const cache = cacheOf()
  await cache.getSecretString(id)
  fake.inject({ error: 'InternalServiceError' })
  await clock.advance(ttlMs + 60_000 - 1)
  expect(await cache.getSecretString(id)).toBe('one')
  await clock.advance(1)
  await expect(cache.getSecretString(id)).rejects.toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE', secretId: id })
})

it('with a TTL of 0 loads for every read, shared by those at the same time', async () => {
  const cache = cacheOf({ ttlMs: 0 })
  await Promise.all([cache.getSecretString(id), cache.getSecretString(id)])
  expect(fake.count()).toBe(1)
  fake.rotate(id, 'two')
  expect(await cache.getSecretString(id)).toBe('two')
  expect(await cache.getSecretString(id)).toBe('two')
  expect(fake.count()).toBe(3)
})

it('draws due times from the jitter and never past the TTL', async () => {
  const names = Array.from({ length: 1_000 }, (_, n) => `s/${n}`)
  for (const name of names) fake.create(name, 'value')
  const cache = cacheOf({ ttlJitter: 0.2 })
  for (const name of names) await cache.getSecretString(name)
  const due: number[] = []
  for (let tenth = 0; tenth <= 10; tenth += 1) {
    due.push(names.filter(name => cache.peek(name)?.stale).length)
    await clock.advance(ttlMs / 10)
  }
  expect(due.slice(0, 8)).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
  expect(due[9]).toBeGreaterThan(350)
  expect(due[9]).toBeLessThan(650)
  expect(due[10]).toBe(1_000)
})

it.each([
  [0, 10_000],
  [0.5, 9_000],
])('is due, by a draw of %d, after %d of 10,000 ms', async (draw, dueMs) => {
  const random = vi.spyOn(Math, 'random').mockReturnValue(draw)
  const cache = cacheOf({ ttlJitter: 0.2 })
  await cache.getSecretString(id)
  random.mockRestore()
  await clock.advance(dueMs - 1)
  expect(cache.peek(id)?.stale).toBe(false)
  await clock.advance(1)
  expect(cache.peek(id)?.stale).toBe(true)
})

it('is never due with a TTL without end, whatever its jitter', async () => {
  const cache = cacheOf({ ttlMs: Infinity, ttlJitter: 1 })
  await cache.getSecretString(id)
  await clock.advance(1e15)
  expect(cache.peek(id)?.stale).toBe(false)
})

it('goes by the settings of one secret beside the default, whatever form of its id names them', async () => {
  fake.create('other', 'other')
  const { arn } = fake.put(id, 'one')
  const cache = cacheOf({ perSecret: { [arn]: { ttlMs: 1_000, staleWhileRevalidateMs: 0 } } })
  await cache.getSecretString(id)
  await cache.getSecretString('other')
  await clock.advance(1_000)
  expect(cache.peek(id)?.stale).toBe(true)
  expect(cache.peek('other')?.stale).toBe(false)
})

it('takes nothing for fresh after the clock was set back', async () => {
  const cache = cacheOf()
  await cache.getSecretString(id)
  fake.rotate(id, 'two')
  clock.set(clock.now() - 3_600_000)
  expect(await cache.getSecretString(id)).toBe('two')
  await clock.advance(ttlMs - 1)
  expect(cache.peek(id)?.stale).toBe(false)
})

it('keeps a value that was unreachable since the clock was set back from turning fresh when the clock catches up', async () => {
  const cache = cacheOf()
  await cache.getSecretString(id)
  clock.set(clock.now() - 1_000)
  fake.inject({ error: 'InternalServiceError' })
  expect(await cache.getSecretString(id)).toBe('one')
  await clock.advance(2_000)
  expect(cache.peek(id)?.stale).toBe(true)
})

it('serves the last known good for staleIfErrorMs from when the clock was set back, not for ever', async () => {
  const cache = cacheOf()
  await cache.getSecretString(id)
  clock.set(clock.now() - 3_600_000)
  fake.inject({ error: 'InternalServiceError' })
  expect(await cache.getSecretString(id)).toBe('one')
  await clock.advance(60_000)
  await expect(cache.getSecretString(id)).rejects.toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE' })
})

it('counts the age of an answer from its request', async () => {
  const cache = cacheOf({ loadTimeoutMs: 60_000 })
  fake.inject({ delayMs: 9_000, times: 1 })
  const first = cache.getSecretString(id)
  await clock.advance(9_000)
  await first
  expect(cache.peek(id)?.ageMs).toBe(9_000)
  await clock.advance(1_000)
  expect(cache.peek(id)?.stale).toBe(true)
})
