import { expect, it } from 'vitest'
import { SecretCache, type SecretCacheOptions } from '../../../src/index.js'
import { clock, fake, useFake } from '../../support/fake-cache.js'
import { turnsDuring } from '../../support/turns-during.js'

const id = 'prod/key'

function cacheOf(options: SecretCacheOptions = {}): SecretCache {
  return new SecretCache({ source: fake.source(), clock, ttlMs: 10_000, ttlJitter: 0, ...options })
}

/** Reads every `everyMs` and tells at what times the service was called. */
async function timesOfCalls(cache: SecretCache, forMs: number, everyMs: number): Promise<number[]> {
  const begin = clock.now()
  const times: number[] = []
  while (clock.now() - begin < forMs) {
    const before = fake.count()
    await cache.getSecretString(id).catch(() => undefined)
    await cache.idle()
    if (fake.count() > before) times.push(clock.now() - begin)
    await clock.advance(everyMs)
  }
  return times
}

useFake({ [id]: 'one' })

it('pauses for 0.2, 0.4, 0.8 … 60 s, each drawn from the upper half of its range', async () => {
  const cache = cacheOf()
  fake.inject({ error: 'InternalServiceError' })
  const times = await timesOfCalls(cache, 300_000, 10)
  const pauses = times.slice(1).map((time, call) => time - (times[call] ?? 0))
  const longest = pauses.map((_, call) => Math.min(60_000, 200 * 2 ** call))
  expect(pauses.length).toBeGreaterThan(9)
  for (const [call, pause] of pauses.entries()) {
    expect(pause).toBeLessThanOrEqual((longest[call] ?? 0) + 10)
    expect(pause).toBeGreaterThanOrEqual((longest[call] ?? 0) / 2)
  }
})

it('pauses for 12.8, 25.6 … 60 s while something can be served, each drawn from the upper half of its range', async () => {
  const cache = cacheOf({ ttlMs: 1_000 })
  await cache.getSecretString(id)
  await clock.advance(1_000)
  fake.inject({ error: 'InternalServiceError' })
  const times = await timesOfCalls(cache, 300_000, 50)
  const pauses = times.slice(1).map((time, call) => time - (times[call] ?? 0))
  const longest = pauses.map((_, call) => Math.min(60_000, 12_800 * 2 ** call))
  expect(pauses.length).toBeGreaterThan(5)
  for (const [call, pause] of pauses.entries()) {
    expect(pause).toBeLessThanOrEqual((longest[call] ?? 0) + 50)
    expect(pause).toBeGreaterThanOrEqual((longest[call] ?? 0) / 2)
  }
})

it('pauses for no longer than 0.2 s after a forced load has failed, though something can be served', async () => {
  const cache = cacheOf({ ttlMs: 1_000, staleWhileRevalidateMs: 0 })
  await cache.getSecretString(id)
  fake.rotate(id, 'two')
  fake.inject({ error: 'InternalServiceError', times: 1 })
  await cache.refreshNow(id).catch(() => undefined)
  await clock.advance(1_000)
  await cache.getSecretString(id)
  await cache.idle()
  expect(await cache.getSecretString(id)).toBe('two')
})

it('begins the pauses anew after a success', async () => {
  const cache = cacheOf({ ttlMs: 0 })
  fake.inject({ error: 'InternalServiceError', times: 5 })
  await timesOfCalls(cache, 10_000, 100)
  fake.inject({ error: 'InternalServiceError', times: 1 })
  await cache.getSecretString(id)
  const before = fake.count()
  await clock.advance(12_800)
  await cache.getSecretString(id)
  expect(fake.count()).toBe(before + 1)
})

it('a clock that is set back neither ends the pause nor prolongs it', async () => {
  const cache = cacheOf()
  fake.inject({ error: 'InternalServiceError', times: 1 })
  await cache.getSecretString(id).catch(() => undefined)
  clock.set(clock.now() - 3_600_000)
  await expect(cache.getSecretString(id)).rejects.toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE' })
  await clock.advance(200)
  expect(await cache.getSecretString(id)).toBe('one')
  expect(fake.count()).toBe(2)
})

it('a read that is repeated as soon as it fails lets the event loop go on', async () => {
  const cache = cacheOf()
  fake.inject({ error: 'AccessDeniedException' })
  await cache.getSecretString(id).catch(() => undefined)
  const turns = await turnsDuring(async () => {
    for (let n = 0; n < 20; n += 1)
      await expect(cache.getSecretString(id)).rejects.toMatchObject({ code: 'ERR_SECRET_ACCESS_DENIED' })
  })
  expect([turns, fake.count()]).toEqual([10, 1])
})
