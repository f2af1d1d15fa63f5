import { describe, expect, it } from 'vitest'
import { SecretCache, type SecretCacheOptions } from '../../../src/index.js'
import { clock, fake, useFake } from '../../support/fake-cache.js'

const id = 'prod/db'
const minuteMs = 60_000

async function warmCache(options: SecretCacheOptions = {}): Promise<SecretCache> {
  const cache = new SecretCache({ source: fake.source(), clock, ttlMs: 5 * minuteMs, ttlJitter: 0, ...options })
  await cache.getSecretString(id)
  return cache
}

/** What a read came to, however long it waits for that. */
async function read(cache: SecretCache): Promise<string> {
  const outcome = cache.getSecretString(id).catch(error => String(error.code))
  await clock.advance(1_000)
  return outcome
}

/** The first minute, of so many, in which nothing is served any more; the clock is set back at the end of each step. */
async function minuteOfEnd(cache: SecretCache, stepMinutes: number, backMs: number, readBefore: boolean): Promise<number> {
  for (let minute = 1; minute <= 200; minute += 1) {
    await clock.advance(minuteMs - 2_000)
    const isEndOfStep = minute % stepMinutes === 0
    if (readBefore || isEndOfStep) if ((await read(cache)).startsWith('ERR')) return minute
    if (!isEndOfStep) continue
    clock.set(clock.now() - backMs)
    if ((await read(cache)).startsWith('ERR')) return minute
  }
  return Number.POSITIVE_INFINITY
}

useFake({ [id]: 'one' })

describe('a clock that is set back again and again in an outage', () => {
  const steps = [1, 4, 9]
  const table = steps.flatMap(step => [
    [step, 60 * minuteMs, true] as const,
    [step, 60 * minuteMs, false] as const,
    [step, 24 * 60 * minuteMs, true] as const,
  ])

  it.each(table)(
    'prolongs what is served by one step at most (every %i min by %i ms, read each minute: %s)',
    async (step, back, often) => {
      const cache = await warmCache({ staleIfErrorMs: 10 * minuteMs })
      fake.inject({ error: 'InternalServiceError' })
      // The TTL, the window, one step, and what the pauses and waits of reads add.
      expect(await minuteOfEnd(cache, step, back, often)).toBeLessThanOrEqual(5 + 10 + step + 2)
    },
  )

  it.each(steps)('does not prolong the window after a denial either (every %i min)', async step => {
    const cache = await warmCache({ staleIfDeniedMs: 10 * minuteMs })
    fake.inject({ error: 'AccessDeniedException' })
    expect(await minuteOfEnd(cache, step, 60 * minuteMs, true)).toBeLessThanOrEqual(5 + 10 + step + 2)
  })

  it.each(steps)('does not prolong what an invalidated value is served for (every %i min)', async step => {
    const cache = await warmCache({ staleIfErrorMs: 10 * minuteMs })
    cache.invalidate(id)
    fake.inject({ error: 'InternalServiceError' })
    expect(await minuteOfEnd(cache, step, 60 * minuteMs, true)).toBeLessThanOrEqual(5 + 10 + step + 2)
  })
})

describe('a clock that is set back while the service is well', () => {
  it.each([1, 10])('makes nothing fresh again: the next read after it brings the new version (%i times)', async times => {
    const cache = await warmCache()
    for (let time = 0; time < times; time += 1) {
      clock.set(clock.now() - 60 * minuteMs)
      const { versionId } = fake.rotate(id).detail
      await read(cache)
      await read(cache)
      expect(cache.peek(id)?.versionId).toBe(versionId)
    }
  })

  it('does not make an old version fresh when it is put right again', async () => {
    const cache = await warmCache()
    clock.set(clock.now() - 60 * minuteMs)
    fake.inject({ error: 'InternalServiceError' })
    await read(cache)
    clock.set(clock.now() + 60 * minuteMs)
    fake.recover()
    fake.rotate(id, 'two')
    await clock.advance(5 * minuteMs)
    await read(cache)
    expect(await read(cache)).toBe('two')
  })
})

it.each([
  [2 * minuteMs, false],
  [minuteMs, false],
  [minuteMs - 1, true],
])('a value that was loaded %i ms before the clock was set back by a minute is read anew: %s', async (ageMs, isReadAnew) => {
  const cache = await warmCache()
  await clock.advance(ageMs)
  fake.rotate(id, 'two')
  clock.set(clock.now() - minuteMs)
  expect(await read(cache)).toBe(isReadAnew ? 'two' : 'one')
})

it('a clock that is set back by little makes nothing younger', async () => {
  const cache = await warmCache()
  await clock.advance(1_000)
  expect(cache.peek(id)?.ageMs).toBe(1_000)
  clock.set(clock.now() - 50)
  expect(cache.peek(id)?.ageMs).toBe(1_000)
})
