import { describe, expect, it } from 'vitest'
import { SecretCache, type SecretCacheOptions } from '../../../src/index.js'
import { settled } from '../../support/deferred-source.js'
import { clock, fake, useFake } from '../../support/fake-cache.js'

const id = 'prod/db'

/** A cache that has read the secret once. */
async function warmCache(options: SecretCacheOptions = {}): Promise<SecretCache> {
  const cache = new SecretCache({ source: fake.source(), clock, ttlJitter: 0, ...options })
  await cache.getSecretString(id)
  return cache
}

/** What readers are given, one each second, for so many seconds; none of them waits for anything. */
async function readEachSecond(cache: SecretCache, seconds: number): Promise<string[]> {
  const values: string[] = []
  for (let second = 0; second < seconds; second += 1) {
    await clock.advance(1_000)
    const value = await Promise.race([cache.getSecretString(id), settled().then(() => 'waits')])
    values.push(value)
  }
  return values
}

/** Hands over an event, and goes on until its refresh has come to an end. */
async function handle(cache: SecretCache, event: unknown, forMs = 1_000): Promise<string | undefined> {
  const handled = cache.handleRotationEvent(event)
  await clock.advance(forMs)
  return (await handled)[0]?.outcome
}

useFake({ [id]: 'one' })

describe('an event whose refresh fails for a transient reason', () => {
  it.each(['InternalServiceError', 'ThrottlingException', 'ExpiredTokenException'])(
    'is not lost: the new version is served within seconds, without another delivery (%s)',
    async error => {
      const cache = await warmCache()
      const event = fake.rotate(id, 'two')
      fake.inject({ error, times: 1 })
      await handle(cache, event)
      expect((await readEachSecond(cache, 5)).at(-1)).toBe('two')
    },
  )

  it('is not lost when the answers hang', async () => {
    const cache = await warmCache()
    const event = fake.rotate(id, 'two')
    fake.inject({ hang: true, times: 1 })
    await handle(cache, event, 10_000)
    expect((await readEachSecond(cache, 5)).at(-1)).toBe('two')
  })

  it('is not lost with a spread either, though nobody hears of the failure', async () => {
    const cache = await warmCache({ refreshSpreadMs: 2_000 })
    const event = fake.rotate(id, 'two')
    fake.inject({ error: 'InternalServiceError', times: 1 })
    expect(await handle(cache, event, 2_000)).toBe('scheduled')
    expect((await readEachSecond(cache, 5)).at(-1)).toBe('two')
  })

  it.each([0, 2_000])(
    'is made up for within seconds of the end of a longer outage (refreshSpreadMs %i)',
    async refreshSpreadMs => {
      const cache = await warmCache({ refreshSpreadMs, backoff: { maxMs: 2_000 } })
      const event = fake.rotate(id, 'two')
      fake.inject({ error: 'InternalServiceError' })
      await handle(cache, event, 3_000)
      expect(new Set(await readEachSecond(cache, 60))).toEqual(new Set(['one']))
      fake.recover()
      expect((await readEachSecond(cache, 5)).at(-1)).toBe('two')
    },
  )

  it('asks a failing service by the backoff, not at every read', async () => {
    const cache = await warmCache()
    const event = fake.rotate(id, 'two')
    fake.inject({ error: 'InternalServiceError' })
    await handle(cache, event)
    fake.resetCalls()
    await readEachSecond(cache, 50)
    expect(fake.count()).toBeGreaterThan(2)
    expect(fake.count()).toBeLessThan(15)
  })

  it('tells handles and listeners of the change once, when it is made up for', async () => {
    const cache = await warmCache()
    const heard: string[] = []
    cache.on('rotated', event => heard.push(`cache ${event.versionId}`))
    cache.handle(id).on('rotated', event => heard.push(`handle ${event.versionId}`))
    const event = fake.rotate(id, 'two')
    fake.inject({ error: 'InternalServiceError', times: 1 })
    await handle(cache, event)
    await readEachSecond(cache, 5)
    expect(heard.toSorted()).toEqual([`cache ${event.detail.versionId}`, `handle ${event.detail.versionId}`])
  })

  it('works too when it is delivered again', async () => {
    const cache = await warmCache()
    const event = fake.rotate(id, 'two')
    fake.inject({ error: 'InternalServiceError', times: 1 })
    await handle(cache, event)
    expect(await handle(cache, event)).toBe('refreshed')
    expect(await cache.getSecretString(id)).toBe('two')
  })
})

describe('what is held when an event is accepted', () => {
  it('is stale from that moment, and readers are served it at once', async () => {
    const cache = await warmCache()
    const secret = await cache.getSecret(id)
    const event = fake.rotate(id, 'two')
    fake.inject({ delayMs: 100, times: 1 })
    const handled = cache.handleRotationEvent(event)
    await settled()
    expect(secret.stale).toBe(true)
    expect(await Promise.race([cache.getSecretString(id), settled()])).toBe('one')
    await clock.advance(1_000)
    await handled
    expect(await cache.getSecretString(id)).toBe('two')
    expect(cache.peek(id)?.stale).toBe(false)
  })

  it('with a spread is stale once the spread is over, whatever became of the refresh', async () => {
    const cache = await warmCache({ refreshSpreadMs: 5_000 })
    const secret = await cache.getSecret(id)
    fake.inject({ error: 'InternalServiceError' })
    await handle(cache, fake.rotate(id, 'two'), 5_000)
    expect(secret.stale).toBe(true)
  })

  it('is fresh again once a load has brought the version that the event named', async () => {
    const cache = await warmCache()
    const event = fake.rotate(id, 'two')
    fake.inject({ error: 'InternalServiceError', times: 1 })
    await handle(cache, event)
    await readEachSecond(cache, 5)
    fake.resetCalls()
    await readEachSecond(cache, 60)
    expect([fake.count(), cache.peek(id)?.stale]).toEqual([0, false])
  })
})

describe('an event that names the version which is held', () => {
  it('tells when that became current: an old answer after it, of a version never seen, is not believed', async () => {
    const event = fake.rotate(id, 'two')
    const cache = await warmCache()
    expect(await handle(cache, event)).toBe('unchanged')
    fake.inject({ operation: 'GetSecretValue', answer: 'old', times: 1 })
    const refreshed = cache.refreshNow(id)
    await clock.advance(1_000)
    expect((await refreshed).text()).toBe('two')
  })

  it('is no news about a version that was denied since: the service is asked, and what it says holds again', async () => {
    const cache = await warmCache()
    const secret = await cache.getSecret(id)
    const event = fake.rotate(id, 'two')
    await handle(cache, event)
    fake.inject({ error: 'AccessDeniedException', times: 1 })
    await expect(cache.refreshNow(id)).rejects.toMatchObject({ code: 'ERR_SECRET_ACCESS_DENIED' })
    fake.resetCalls()
    await handle(cache, { ...event, id: 'another delivery' })
    expect(fake.count()).toBe(1)
    fake.inject({ error: 'InternalServiceError' })
    await clock.advance(400_000)
    const read = cache.getSecretString(id)
    await clock.advance(10_000)
    expect(await read).toBe('two')
    expect(secret.stale).toBe(true)
  })
})

it('old answers after an event do not make the old version fresh for another TTL', async () => {
  const cache = await warmCache()
  await clock.advance(200_000)
  const event = fake.rotate(id, 'two')
  const recover = fake.inject({ operation: 'GetSecretValue', answer: 'old' })
  await handle(cache, event, 20_000)
  recover()
  await clock.advance(90_000)
  expect((await readEachSecond(cache, 3)).at(-1)).toBe('two')
})
