import { beforeEach, describe, expect, it } from 'vitest'
import type { SecretCache } from '../../../src/index.js'
import type { FakeVersion } from '../../../src/testing/index.js'
import { settled } from '../../support/deferred-source.js'
import { cacheOf, clock, fake, useFake } from '../../support/fake-cache.js'

const id = 'prod/db'
const stranger = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:nobody/reads-this-AbCdEf'
/** Another account's, of the same name. */
const namesake = 'arn:aws:secretsmanager:eu-west-1:999999999999:secret:prod/db-AbCdEf'

let secret: FakeVersion

useFake({ other: 'other' })

beforeEach(() => {
  secret = fake.create(id, 'one')
})

/** What makes the next read wait for a new load. */
const ways: [string, (cache: SecretCache, form: string) => void][] = [
  ['invalidate', (cache, form) => cache.invalidate(form)],
  ['delete', (cache, form) => cache.delete(form)],
]

describe.each(ways)('%s of another secret', (_, drop) => {
  it.each(['nobody/reads-this', stranger, stranger.slice(0, -7), 'other', namesake, namesake.slice(0, -7)])(
    'leaves a first load under way alone: a hundred reads share it (%s)',
    async strange => {
      const cache = cacheOf()
      await cache.getSecretString('other')
      fake.resetCalls()
      fake.inject({ delayMs: 1_000 })
      const reads: Promise<string>[] = []
      for (let read = 0; read < 100; read += 1) {
        reads.push(cache.getSecretString(id))
        await clock.advance(1)
        drop(cache, strange)
      }
      await clock.advance(10_000)
      expect(new Set(await Promise.all(reads))).toEqual(new Set(['one']))
      expect(fake.count()).toBe(1)
      expect(await cache.getSecretString(id)).toBe('one')
      expect(fake.count()).toBe(1)
    },
  )

  it.each([namesake, namesake.slice(0, -7)])(
    'leaves a first load by ARN alone, if that names another account (%s)',
    async strange => {
      const cache = cacheOf()
      fake.inject({ delayMs: 100 })
      const read = cache.getSecretString(secret.arn)
      await clock.advance(10)
      drop(cache, strange)
      await clock.advance(1_000)
      expect(await read).toBe('one')
      expect(cache.peek(secret.arn)?.text()).toBe('one')
    },
  )

  it('leaves failures within maxEntries, and within their pauses', async () => {
    const cache = cacheOf({ maxEntries: 10 })
    fake.inject({ delayMs: 10 })
    for (let number = 0; number < 100; number += 1) {
      const read = cache.getSecretString(`missing/${number}`).catch(error => error.code)
      await clock.advance(1)
      drop(cache, 'nobody/reads-this')
      await clock.advance(20)
      expect(await read).toBe('ERR_SECRET_NOT_FOUND')
      expect(cache.stats().entries).toBeLessThanOrEqual(10)
    }
    fake.resetCalls()
    for (let again = 0; again < 10; again += 1) {
      cache.getSecretString('missing/99').catch(() => {})
      await settled()
    }
    expect(fake.count()).toBe(0)
  })

  it('voids a first load by name under way, if it is the one that an ARN names', async () => {
    const cache = cacheOf()
    fake.inject({ delayMs: 100, times: 1 })
    const early = cache.getSecretString(id)
    await clock.advance(10)
    fake.rotate(id, 'two')
    drop(cache, secret.arn)
    const late = cache.getSecretString(id)
    await clock.advance(1_000)
    expect(await early).toMatch(/one|two/)
    expect(await late).toBe('two')
    expect(await cache.getSecretString(secret.arn)).toBe('two')
  })
})

describe.each(ways)('%s and read, a thousand times in one moment', (_, drop) => {
  const states: [string, () => void][] = [
    ['while throttled', () => fake.inject({ error: 'ThrottlingException' })],
    ['while the service is well', () => {}],
    ['while the service hangs', () => fake.inject({ hang: true })],
    ['while access is denied', () => fake.inject({ error: 'AccessDeniedException' })],
  ]
  const table = states.flatMap(([state, set]) => [[state, 'held', set] as const, [state, 'cold', set] as const])
  it.each(table)('costs no more calls than the bucket holds (%s, %s)', async (__, held, set) => {
    const cache = cacheOf()
    if (held === 'held') await cache.getSecretString(id)
    set()
    fake.resetCalls()
    const reads: Promise<unknown>[] = []
    for (let time = 0; time < 1_000; time += 1) {
      drop(cache, time % 2 === 0 ? id : secret.arn)
      reads.push(cache.getSecretString(id).catch(() => {}))
      await settled()
    }
    expect(fake.count()).toBeGreaterThan(0)
    expect(fake.count()).toBeLessThanOrEqual(10)
    for (let second = 0; second < 60; second += 1) await clock.advance(1_000)
    await Promise.all(reads)
    expect(fake.count()).toBeLessThanOrEqual(80)
  })

  it('goes on by the rate of the bucket, for as long as the loop does', async () => {
    const cache = cacheOf()
    await cache.getSecretString(id)
    fake.inject({ error: 'ThrottlingException' })
    fake.resetCalls()
    for (let time = 0; time < 1_000; time += 1) {
      drop(cache, id)
      cache.getSecretString(id).catch(() => {})
      await clock.advance(20)
    }
    expect(fake.count()).toBeLessThanOrEqual(5 + 20 + 5)
    fake.recover()
    await clock.advance(120_000)
    expect(await cache.getSecretString(id)).toBe('one')
  })
})

describe.each(ways)('the first read after %s', (_, drop) => {
  it('loads at once, whatever pause was on', async () => {
    const cache = cacheOf()
    fake.inject({ error: 'ThrottlingException', times: 1 })
    await cache.getSecretString(id).catch(() => {})
    drop(cache, id)
    expect(await cache.getSecretString(id)).toBe('one')
  })
})
