import { describe, expect, it, vi } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { DeferredSource, settled } from '../support/deferred-source.js'
import { cacheOf, clock, fake, useFake } from '../support/fake-cache.js'
import { rejectionOf } from '../support/rejection.js'

const id = 'prod/key'

/** Whether a promise has settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = {}
  await settled()
  return (await Promise.race([promise.catch(() => undefined), Promise.resolve(pending)])) !== pending
}

useFake({ [id]: 'one', other: 'other' })

describe('after close', () => {
  it.each<[string, (cache: SecretCache) => Promise<unknown>]>([
    ['getSecretString', cache => cache.getSecretString(id)],
    ['getSecretBinary', cache => cache.getSecretBinary(id)],
    ['getSecretJson', cache => cache.getSecretJson(id)],
    ['getSecret', cache => cache.getSecret(id)],
    ['a read with options', cache => cache.getSecret(id, { versionStage: 'AWSPREVIOUS' })],
    ['refreshNow', cache => cache.refreshNow(id)],
    ['withSecret', cache => cache.withSecret(id, () => 'used', { isAuthError: () => true })],
    ['resolve', cache => cache.resolve(id)],
    ['a handle', cache => cache.handle(id).get()],
  ])('%s rejects with ERR_SECRET_CACHE_CLOSED and calls nobody', async (_, read) => {
    const cache = cacheOf()
    await cache.getSecretString(id)
    await cache.close()
    fake.resetCalls()
    await expect(read(cache)).rejects.toMatchObject({
      code: 'ERR_SECRET_CACHE_CLOSED',
      message: `The cache is closed, so ${id} can no longer be read from it.`,
      secretId: id,
    })
    expect(fake.count()).toBe(0)
  })

  it('peek, invalidate, delete, stats, idle and events are harmless', async () => {
    const cache = cacheOf()
    await cache.getSecretString(id)
    await cache.close()
    cache.invalidate(id)
    cache.delete(id)
    cache.revalidate()
    cache.on('loaded', () => expect.fail())
    expect(cache.peek(id)).toBeUndefined()
    expect(cache.handle(id).current).toBeUndefined()
    expect(cache.stats()).toMatchObject({ loads: 1, entries: 0, evictions: 0 })
    await cache.idle()
    expect(await cache.handleRotationEvent(fake.rotate(id))).toMatchObject([
      { outcome: 'rejected', reason: 'ERR_SECRET_CACHE_CLOSED' },
    ])
  })

  it('the Secret that a reader holds is still readable', async () => {
    const cache = cacheOf()
    const secret = await cache.getSecret(id)
    await cache.close()
    expect(secret.text()).toBe('one')
  })

  it.each([
    ['an event that was to be heeded later', (cache: SecretCache) => cache.handleRotationEvent(fake.rotate(id))],
    ['a revalidation that was spread', async (cache: SecretCache) => cache.revalidate()],
  ])('%s calls nobody any more', async (_, schedule) => {
    const cache = cacheOf({ refreshSpreadMs: 10_000 })
    await cache.getSecretString(id)
    await schedule(cache)
    await cache.close()
    fake.resetCalls()
    await clock.advance(20_000)
    expect(fake.count()).toBe(0)
  })

  it('what a load brings that was under way is kept nowhere and told to nobody', async () => {
    const source = new DeferredSource()
    const cache = cacheOf({ source })
    const heard: string[] = []
    for (const type of ['loaded', 'rotated', 'error'] as const) cache.on(type, event => heard.push(event.type))
    const read = cache.getSecretString('secret')
    await settled()
    const closed = cache.close()
    await source.sent[0]?.answer('v1')
    expect(await read).toBe('v1')
    await closed
    expect(cache.stats().entries).toBe(0)
    expect(heard).toEqual([])
  })
})

it('a load that fails after close is kept nowhere', async () => {
  const source = new DeferredSource()
  const cache = cacheOf({ source })
  for (const number of [0, 1]) {
    const read = rejectionOf(cache.getSecretString('secret'))
    await settled()
    if (number === 1) void cache.close()
    await source.sent[number]?.fail()
    await read
    await clock.advance(1_000)
  }
  expect(cache.stats().entries).toBe(0)
})

describe('close', () => {
  it('closes the source after the last answer, not before', async () => {
    const source = Object.assign(new DeferredSource(), { close: vi.fn() })
    const cache = cacheOf({ source })
    const reads = [cache.getSecretString('secret'), cache.refreshNow('secret')]
    await settled()
    const closed = cache.close()
    expect(await isSettled(closed)).toBe(false)
    expect(source.close).not.toHaveBeenCalled()
    for (const request of source.sent) await request.answer('v1')
    await Promise.all(reads)
    await closed
    expect(source.close).toHaveBeenCalledTimes(1)
  })

  it('lets a refresh that waits for its turn have its answer', async () => {
    const cache = cacheOf()
    for (let call = 0; call < 5; call += 1) await cache.refreshNow(id)
    const sixth = cache.refreshNow(id)
    await clock.advance(0)
    const closed = cache.close()
    await clock.advance(1_000)
    expect((await sixth).text()).toBe('one')
    await closed
  })

  it('lets the second load have its answer that ifVersion asks for after the one it joined', async () => {
    const source = Object.assign(new DeferredSource(), { close: vi.fn() })
    const cache = cacheOf({ source })
    const early = cache.refreshNow('secret')
    await settled()
    const joined = cache.refreshNow('secret', { ifVersion: 'v1' })
    await settled()
    const closed = cache.close()
    await source.sent[0]?.answer('v1')
    expect((await early).text()).toBe('v1')
    expect(source.close).not.toHaveBeenCalled()
    await source.sent[1]?.answer('v2')
    expect((await joined).text()).toBe('v2')
    await closed
    expect(source.close).toHaveBeenCalledTimes(1)
  })

  it('ends at once a load whose only reader has left', async () => {
    const cache = cacheOf()
    fake.inject({ hang: true })
    const controller = new AbortController()
    const left = rejectionOf(cache.getSecretString(id, { signal: controller.signal }))
    await clock.advance(0)
    controller.abort()
    await left
    await cache.close()
    expect(clock.pending).toBe(0)
  })

  it('gives a reader whose patience ends the last known good', async () => {
    const cache = cacheOf({ ttlMs: 1_000, staleWhileRevalidateMs: 0 })
    await cache.getSecretString(id)
    await clock.advance(1_000)
    fake.inject({ hang: true })
    const read = cache.getSecretString(id)
    await clock.advance(0)
    const closed = cache.close()
    await clock.advance(500)
    expect(await read).toBe('one')
    await clock.advance(4_500)
    await closed
  })

  it('rejects each time with an error of ours if the source cannot be closed', async () => {
    const close = (): never => {
      throw new Error('stuck')
    }
    const cache = cacheOf({ source: { ...fake.source(), close } })
    const expected = { name: 'SecretCacheError', message: expect.stringContaining('The source of the cache was not closed') }
    await expect(cache.close()).rejects.toMatchObject(expected)
    await expect(cache.close()).rejects.toMatchObject(expected)
    await expect(cache.getSecretString(id)).rejects.toMatchObject({ code: 'ERR_SECRET_CACHE_CLOSED' })
  })

  it('of a cache that has read nothing loads no client', async () => {
    await new SecretCache().close()
  })

  it('leaves no timer behind', async () => {
    const cache = cacheOf()
    await cache.getSecretString(id)
    fake.inject({ error: 'InternalServiceError' })
    await rejectionOf(cache.getSecretString('other'))
    await cache.close()
    expect(clock.pending).toBe(0)
  })
})

describe('idle', () => {
  it('resolves at once if nothing is under way', async () => {
    const cache = cacheOf()
    await cache.idle()
    await cache.getSecretString(id)
    await cache.idle()
  })

  it('waits for loads behind readers, and for those that begin meanwhile', async () => {
    const source = new DeferredSource()
    const cache = cacheOf({ source })
    const first = cache.getSecretString('secret')
    await settled()
    const idle = cache.idle()
    const second = cache.getSecretString('other')
    await settled()
    await source.sent[0]?.answer('v1')
    expect(await isSettled(idle)).toBe(false)
    await source.sent[1]?.answer('o1', 'other')
    await idle
    await Promise.all([first, second])
  })

  it('never rejects: a load that fails ends it like any other', async () => {
    const cache = cacheOf()
    fake.inject({ error: 'InternalServiceError' })
    const read = rejectionOf(cache.getSecretString(id))
    await cache.idle()
    await read
  })
})
