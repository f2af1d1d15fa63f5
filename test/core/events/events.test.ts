import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SecretCache, type SecretCacheEvent, type SecretCacheOptions } from '../../../src/index.js'
import { clock, fake, useFake } from '../../support/fake-cache.js'
import { rejectionOf } from '../../support/rejection.js'

const id = 'prod/key'
const types = ['loaded', 'rotated', 'stale', 'error', 'recovered', 'evicted'] as const

let heard: SecretCacheEvent[]

function cacheOf(options: SecretCacheOptions = {}): SecretCache {
  const cache = new SecretCache({
    source: fake.source(),
    clock,
    ttlMs: 1_000,
    ttlJitter: 0,
    staleWhileRevalidateMs: 0,
    ...options,
  })
  for (const type of types) cache.on(type, event => heard.push(event))
  return cache
}

function typesHeard(): string[] {
  return heard.map(({ type }) => type)
}

/** Holds back what is put off to the next tick, where an error would end this process; answers and ends that when it is called. */
function laterCalls(): () => (() => void)[] {
  const calls: (() => void)[] = []
  const spy = vi.spyOn(process, 'nextTick').mockImplementation(run => {
    calls.push(run as () => void)
  })
  return () => {
    spy.mockRestore()
    return calls
  }
}

useFake({ [id]: 'one', other: 'other' })

beforeEach(() => {
  heard = []
})

describe('an event', () => {
  it('loaded tells how long the load took, and comes for each load that went well', async () => {
    const cache = cacheOf()
    fake.inject({ delayMs: 250, times: 1 })
    const read = cache.getSecret(id)
    await clock.advance(250)
    const { arn, versionId } = await read
    await clock.advance(1_000)
    await cache.getSecret(id)
    const about = { type: 'loaded', secretId: id, arn, name: id, versionStage: 'AWSCURRENT', versionId }
    expect(heard).toEqual([
      { ...about, durationMs: 250 },
      { ...about, durationMs: 0 },
    ])
  })

  it('loaded counts the pauses of a forced load in', async () => {
    const cache = cacheOf()
    for (let call = 0; call < 5; call += 1) await cache.refreshNow(id)
    heard = []
    const sixth = cache.refreshNow(id)
    await clock.advance(1_000)
    await sixth
    expect(heard).toMatchObject([{ type: 'loaded', durationMs: 1_000 }])
  })

  it('error of a secret that no answer has revealed knows neither its ARN nor its name', async () => {
    fake.inject({ error: 'AccessDeniedException' })
    await rejectionOf(cacheOf().getSecretString(id))
    expect(heard).toMatchObject([
      { type: 'error', secretId: id, arn: undefined, name: undefined, error: { code: 'ERR_SECRET_ACCESS_DENIED', secretId: id } },
    ])
  })

  it('error of a secret that is known has its ARN and name, whatever id is read', async () => {
    const cache = cacheOf()
    const { arn } = await cache.getSecret(id)
    fake.inject({ error: 'InternalServiceError' })
    heard = []
    await rejectionOf(cache.refreshNow(arn))
    expect(heard).toMatchObject([{ type: 'error', secretId: id, arn, name: id, error: { secretId: id } }])
  })

  it('of a pinned version has no stage', async () => {
    const cache = cacheOf()
    const { versionId } = await cache.getSecret(id)
    heard = []
    await cache.getSecret(id, { versionId })
    expect(heard).toMatchObject([{ type: 'loaded', versionStage: undefined, versionId }])
  })

  it('stale comes once for each failure, and not for a value that is served while it is revalidated', async () => {
    const cache = cacheOf({ staleWhileRevalidateMs: 500 })
    await cache.getSecretString(id)
    await clock.advance(1_000)
    await cache.getSecretString(id)
    await cache.idle()
    expect(typesHeard()).toEqual(['loaded', 'loaded'])
    fake.inject({ error: 'InternalServiceError' })
    await clock.advance(1_500)
    for (let read = 0; read < 5; read += 1) await cache.getSecretString(id)
    await clock.advance(12_800)
    for (let read = 0; read < 5; read += 1) await cache.getSecretString(id)
    await cache.idle()
    await cache.getSecretString(id)
    expect(typesHeard().slice(2)).toEqual(['error', 'stale', 'error', 'stale'])
  })

  it('evicted names what had to go', async () => {
    const cache = cacheOf({ maxEntries: 1 })
    const { arn } = await cache.getSecret(id)
    await cache.getSecret('other')
    expect(heard.filter(({ type }) => type === 'evicted')).toEqual([
      { type: 'evicted', secretId: id, arn, name: id, versionStage: 'AWSCURRENT' },
    ])
  })

  it.each([
    ['a first load', async () => undefined],
    ['a reload of the same version', async (cache: SecretCache) => cache.refreshNow(id)],
    [
      'a read after delete',
      async (cache: SecretCache) => {
        cache.delete(id)
        fake.rotate(id, 'two')
        await cache.getSecretString(id)
      },
    ],
    [
      'a refresh that failed',
      async (cache: SecretCache) => {
        fake.inject({ error: 'InternalServiceError' })
        await rejectionOf(cache.refreshNow(id))
      },
    ],
  ])('rotated does not come after %s', async (_, act) => {
    const cache = cacheOf()
    await cache.getSecretString(id)
    await act(cache)
    expect(typesHeard()).not.toContain('rotated')
  })

  it('rotated comes once though a thousand readers noticed at the same time', async () => {
    const cache = cacheOf()
    await cache.getSecretString(id)
    fake.rotate(id, 'two')
    await clock.advance(1_000)
    await Promise.all(Array.from({ length: 1_000 }, () => cache.getSecretString(id)))
    expect(typesHeard()).toEqual(['loaded', 'loaded', 'rotated'])
  })
})

describe('a listener', () => {
  it('that throws spoils neither the load nor other listeners, and its error is not swallowed', async () => {
    const mistake = new Error('a mistake in a listener')
    const later = laterCalls()
    const cache = new SecretCache({ source: fake.source(), clock })
    cache.on('loaded', () => {
      throw mistake
    })
    const after = vi.fn()
    cache.on('loaded', after)
    expect(await cache.getSecretString(id)).toBe('one')
    expect(after).toHaveBeenCalledTimes(1)
    const [surfaced] = later()
    expect(surfaced).toThrow(mistake)
  })

  it('may remove itself, and may be added twice', async () => {
    const cache = cacheOf()
    const listener = vi.fn()
    const stop = cache.on('loaded', listener)
    cache.on('loaded', listener)
    await cache.refreshNow(id)
    stop()
    stop()
    await cache.refreshNow(id)
    expect(listener).toHaveBeenCalledTimes(3)
  })

  it.each(['once', 'toString', '', undefined])('of %j is refused', type => {
    expect(() => cacheOf().on(type as never, () => undefined)).toThrow(TypeError)
  })

  it('that is no function is refused', () => {
    expect(() => cacheOf().on('loaded', undefined as never)).toThrow(
      new TypeError('The listener of "loaded" must be a function.'),
    )
  })
})

describe('diagnostics_channel', () => {
  const published: unknown[] = []
  const onMessage = (message: unknown, name: string | symbol): void => {
    published.push([name, (message as SecretCacheEvent).type])
  }

  afterEach(() => {
    for (const type of types) unsubscribe(`awscurrent:${type}`, onMessage)
    published.length = 0
  })

  it('has a channel for each event of each cache, also where nobody listens to the cache', async () => {
    for (const type of types) subscribe(`awscurrent:${type}`, onMessage)
    const cache = new SecretCache({
      source: fake.source(),
      clock,
      ttlMs: 1_000,
      ttlJitter: 0,
      staleWhileRevalidateMs: 0,
      maxEntries: 1,
    })
    await cache.getSecretString(id)
    fake.rotate(id, 'two')
    await clock.advance(1_000)
    await cache.getSecretString(id)
    fake.inject({ error: 'InternalServiceError', times: 1 })
    await clock.advance(1_000)
    await cache.getSecretString(id)
    await cache.getSecretString('other')
    expect(published).toEqual(
      ['loaded', 'loaded', 'rotated', 'error', 'stale', 'evicted', 'loaded'].map(type => [`awscurrent:${type}`, type]),
    )
  })

  it('with a subscriber that throws spoils no load', async () => {
    const later = laterCalls()
    const thrower = (): never => {
      throw new Error('a mistake in a subscriber')
    }
    channel('awscurrent:loaded').subscribe(thrower)
    expect(await new SecretCache({ source: fake.source(), clock }).getSecretString(id)).toBe('one')
    channel('awscurrent:loaded').unsubscribe(thrower)
    expect(later()).toHaveLength(1)
  })
})

describe('stats', () => {
  it('count what happened and nothing twice', async () => {
    const cache = cacheOf({ maxEntries: 2 })
    expect(cache.stats()).toEqual({
      hits: 0,
      misses: 0,
      loads: 0,
      failures: 0,
      staleServed: 0,
      rotations: 0,
      evictions: 0,
      entries: 0,
    })
    await Promise.all([cache.getSecretString(id), cache.getSecretJson(id).catch(() => undefined), cache.getSecret(id)])
    for (let read = 0; read < 10; read += 1) await cache.getSecretString(id)
    expect(cache.stats()).toMatchObject({ hits: 10, misses: 3, loads: 1, entries: 1 })
    cache.peek(id)
    cache.handle(id)
    cache.invalidate('other')
    expect(cache.stats()).toMatchObject({ hits: 10, misses: 3, loads: 1, entries: 1 })
    await cache.getSecretString(id, { versionStage: 'AWSCURRENT' })
    expect(cache.stats()).toMatchObject({ hits: 11, misses: 3 })
    fake.inject({ error: 'InternalServiceError' })
    await clock.advance(1_000)
    for (let read = 0; read < 3; read += 1) await cache.getSecretString(id)
    expect(cache.stats()).toMatchObject({ hits: 11, misses: 4, loads: 2, failures: 1, staleServed: 3 })
  })

  it('are a copy: changing one changes nothing', () => {
    const cache = cacheOf()
    Object.assign(cache.stats(), { hits: 5 })
    expect(cache.stats().hits).toBe(0)
  })
})
