import { beforeEach, describe, expect, it } from 'vitest'
import type { SecretCache } from '../../../src/index.js'
import { DeferredSource, settled } from '../../support/deferred-source.js'
import { cacheOf, clock, fake, useFake } from '../../support/fake-cache.js'
import { rejectionOf } from '../../support/rejection.js'

const id = 'prod/key'

/** Takes all five tokens of a secret. */
async function exhaust(cache: SecretCache, secretId: string = id): Promise<void> {
  for (let call = 0; call < 5; call += 1) await cache.refreshNow(secretId)
}

useFake({ [id]: 'one', other: 'other' })

describe('what refreshNow answers', () => {
  it('is the same Secret as before if the version has not moved, with its age renewed', async () => {
    const cache = cacheOf()
    const before = await cache.getSecret(id)
    await clock.advance(1_000)
    expect(before.ageMs).toBe(1_000)
    expect(await cache.refreshNow(id)).toBe(before)
    expect(before.ageMs).toBe(0)
  })

  it('is never that of a regular load sent before it was asked', async () => {
    const source = new DeferredSource()
    const cache = cacheOf({ source })
    const read = cache.getSecretString('secret')
    await settled()
    const refreshed = cache.refreshNow('secret')
    await settled()
    expect(source.sent).toHaveLength(2)
    await source.sent[0]?.answer('v1')
    await source.sent[1]?.answer('v2')
    expect(await read).toBe('v1')
    expect((await refreshed).text()).toBe('v2')
  })

  it('is that of a load of its own if invalidate() came in between, even in the same turn', async () => {
    const source = new DeferredSource()
    const cache = cacheOf({ source })
    const before = cache.refreshNow('secret')
    cache.invalidate('secret')
    const after = cache.refreshNow('secret')
    await settled()
    expect(source.sent).toHaveLength(2)
    await source.sent[0]?.answer('v1')
    await source.sent[1]?.answer('v2')
    expect((await Promise.all([before, after])).map(secret => secret.text())).toEqual(['v1', 'v2'])
    expect(cache.peek('secret')?.versionId).toBe('v2')
  })

  it('answers no read made after its load has ended', async () => {
    const cache = cacheOf({ ttlMs: 1_000, staleWhileRevalidateMs: 0 })
    await cache.refreshNow(id)
    await clock.advance(1_000)
    fake.rotate(id, 'two')
    expect(await cache.getSecretString(id)).toBe('two')
  })

  it('rejects if the load fails, although the last known good is served to reads', async () => {
    const cache = cacheOf({ ttlMs: 1_000, staleWhileRevalidateMs: 0 })
    await cache.getSecretString(id)
    await clock.advance(1_000)
    fake.inject({ error: 'ThrottlingException' })
    await expect(cache.refreshNow(id)).rejects.toMatchObject({ code: 'ERR_SECRET_THROTTLED', secretId: id })
    expect(await cache.getSecretString(id)).toBe('one')
  })

  it('is an error of each caller own where twenty share a load that fails', async () => {
    const cache = cacheOf()
    fake.inject({ error: 'InternalServiceError' })
    const errors = await Promise.all(Array.from({ length: 20 }, () => rejectionOf(cache.refreshNow(id))))
    expect(new Set(errors).size).toBe(20)
    expect(fake.count()).toBe(1)
  })
})

describe('ifVersion', () => {
  it('that is still current makes one call for all who ask at once', async () => {
    const cache = cacheOf()
    const { versionId: ifVersion } = await cache.getSecret(id)
    fake.rotate(id, 'two')
    fake.resetCalls()
    const all = await Promise.all(Array.from({ length: 50 }, () => cache.refreshNow(id, { ifVersion })))
    expect(new Set(all.map(secret => secret.text()))).toEqual(new Set(['two']))
    expect(fake.count()).toBe(1)
  })

  it('that nothing was ever read of makes a call', async () => {
    expect((await cacheOf().refreshNow(id, { ifVersion: 'unheard-of' })).text()).toBe('one')
    expect(fake.count()).toBe(1)
  })

  it('does not trust what was invalidated to have moved on', async () => {
    const cache = cacheOf()
    await cache.getSecret(id)
    cache.invalidate(id)
    fake.rotate(id, 'two')
    expect((await cache.refreshNow(id, { ifVersion: 'older' })).text()).toBe('two')
  })

  it('does not answer with what is too old to be served', async () => {
    const cache = cacheOf({ ttlMs: 1_000, staleWhileRevalidateMs: 0, staleIfErrorMs: 5_000 })
    await cache.getSecretString(id)
    await clock.advance(6_000)
    await cache.refreshNow(id, { ifVersion: 'older' })
    expect(fake.count()).toBe(2)
  })

  it('joins no load that invalidate() has made void', async () => {
    const source = new DeferredSource()
    const cache = cacheOf({ source })
    const first = cache.refreshNow('secret')
    await settled()
    cache.invalidate('secret')
    const second = cache.refreshNow('secret', { ifVersion: 'v0' })
    await settled()
    for (const [number, request] of source.sent.entries()) await request.answer(`v${number + 1}`)
    expect((await Promise.all([first, second])).map(secret => secret.text())).toEqual(['v1', 'v2'])
  })

  it('answers who joined a load with its failure, without one more load', async () => {
    const source = new DeferredSource()
    const cache = cacheOf({ source })
    const first = rejectionOf(cache.refreshNow('secret'))
    await settled()
    const joined = rejectionOf(cache.refreshNow('secret', { ifVersion: 'v1' }))
    await settled()
    await source.sent[0]?.fail()
    expect(await joined).not.toBe(await first)
    expect(source.sent).toHaveLength(1)
  })
})

describe('the bucket of a secret', () => {
  it('makes the sixth call wait for a second, and a seventh at that time shares it', async () => {
    const cache = cacheOf()
    await exhaust(cache)
    fake.rotate(id, 'two')
    const sixth = cache.refreshNow(id)
    await clock.advance(999)
    const seventh = cache.refreshNow(id)
    expect(fake.count()).toBe(5)
    await clock.advance(1)
    expect((await sixth).text()).toBe('two')
    expect((await seventh).text()).toBe('two')
    expect(fake.count()).toBe(6)
  })

  it('fills up again, to five and no more', async () => {
    const cache = cacheOf()
    await exhaust(cache)
    await clock.advance(60_000)
    await exhaust(cache)
    const sixth = cache.refreshNow(id)
    await clock.advance(0)
    expect(fake.count()).toBe(10)
    await clock.advance(1_000)
    await sixth
  })

  it('is not that of another secret', async () => {
    const cache = cacheOf()
    await exhaust(cache)
    expect((await cache.refreshNow('other')).text()).toBe('other')
  })

  it('is shared by all forms of its id, and by all its stages', async () => {
    const cache = cacheOf()
    const { arn } = await cache.getSecret(id)
    fake.rotate(id, 'two')
    for (const form of [id, arn, arn.slice(0, -7)]) await cache.refreshNow(form)
    for (const form of [id, arn]) await cache.refreshNow(form, { versionStage: 'AWSPREVIOUS' })
    fake.resetCalls()
    const sixth = cache.refreshNow(id)
    await clock.advance(999)
    expect(fake.count()).toBe(0)
    await clock.advance(1)
    expect((await sixth).text()).toBe('two')
  })

  it('is not drawn from by what ifVersion answers without a call', async () => {
    const cache = cacheOf()
    const { versionId } = await cache.getSecret(id)
    fake.rotate(id, 'two')
    await cache.refreshNow(id)
    for (let call = 0; call < 100; call += 1) await cache.refreshNow(id, { ifVersion: versionId })
    await cache.refreshNow(id)
    expect(fake.count()).toBe(3)
  })

  it('lets one caller leave by its signal while it waits; the load goes on for the others', async () => {
    const cache = cacheOf()
    await exhaust(cache)
    const controller = new AbortController()
    const leaving = rejectionOf(cache.refreshNow(id, { signal: controller.signal }))
    const staying = cache.refreshNow(id)
    controller.abort(new Error('enough'))
    expect((await leaving).message).toBe('enough')
    await clock.advance(1_000)
    expect((await staying).text()).toBe('one')
  })
})

describe('a pause after failures', () => {
  it('is gone through by refreshNow, and prolonged if that fails too', async () => {
    const cache = cacheOf()
    fake.inject({ error: 'InternalServiceError' })
    for (let call = 0; call < 5; call += 1) await rejectionOf(cache.refreshNow(id))
    await clock.advance(1_000)
    await rejectionOf(cache.getSecretString(id))
    expect(fake.count()).toBe(5)
  })
})

it.each([{ versionStage: '' }, { versionStage: 5 }, { signal: 'soon' }])(
  'options that are none are refused: %j',
  async options => {
    const error = await rejectionOf(cacheOf().refreshNow(id, options as never))
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toMatch(/^(versionStage must be a string that is not empty|signal must be an AbortSignal)\.$/)
    expect(fake.count()).toBe(0)
  },
)

it('an old answer that the deadline cuts off from being read again leaves the last known good, and says why', async () => {
  const cache = cacheOf({ loadTimeoutMs: 1_700 })
  await cache.getSecretString(id)
  fake.rotate(id, 'two')
  await cache.refreshNow(id)
  fake.inject({ answer: 'old' })
  const refreshed = rejectionOf(cache.refreshNow(id))
  await clock.advance(1_700)
  expect(await refreshed).toMatchObject({
    code: 'ERR_SECRET_TIMEOUT',
    message: expect.stringContaining('Only the previous version was returned in time'),
  })
  expect(await cache.getSecretString(id)).toBe('two')
})

describe('a version that was left', () => {
  let source: DeferredSource
  let cache: SecretCache

  /** Refreshes, and answers with a version whatever is asked in the time that goes by. */
  async function refreshTo(version: string, forMs = 0): Promise<void> {
    const refreshed = cache.refreshNow('secret')
    await settled()
    await source.sent.at(-1)?.answer(version)
    for (let ms = 0; ms < forMs; ms += 100) {
      await clock.advance(100)
      await source.sent.at(-1)?.answer(version)
    }
    await refreshed
  }

  beforeEach(async () => {
    source = new DeferredSource()
    cache = cacheOf({ source })
    await refreshTo('v1')
    await refreshTo('v2')
  })

  it('two rotations ago is an old answer as well', async () => {
    await refreshTo('v3')
    const refreshed = cache.refreshNow('secret')
    await settled()
    await source.sent[3]?.answer('v1')
    await clock.advance(200)
    await source.sent[4]?.answer('v3')
    expect((await refreshed).text()).toBe('v3')
  })

  it('is current like any other once it came back for good: it is not read again and again', async () => {
    await refreshTo('v1', 3_700)
    const calls = source.sent.length
    await refreshTo('v1')
    expect(source.sent).toHaveLength(calls + 1)
  })

  it('is doubted for as long where the clock is set back meanwhile', async () => {
    clock.set(clock.now() - 3_600_000)
    const refreshed = cache.refreshNow('secret')
    await settled()
    await source.sent[2]?.answer('v1')
    await clock.advance(200)
    await source.sent[3]?.answer('v2')
    expect((await refreshed).text()).toBe('v2')
    await clock.advance(60_000)
    await refreshTo('v1')
    expect(cache.peek('secret')?.versionId).toBe('v1')
  })
})
