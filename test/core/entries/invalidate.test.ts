import { beforeEach, describe, expect, it } from 'vitest'
import type { SecretCache } from '../../../src/index.js'
import { DeferredSource, settled } from '../../support/deferred-source.js'
import { cacheOf, clock, fake, useFake } from '../../support/fake-cache.js'
import { rejectionOf } from '../../support/rejection.js'

const id = 'prod/key'

useFake({ [id]: 'one', other: 'other' })

describe('invalidate', () => {
  it('makes the next reads share one new load, and the reads after it hits', async () => {
    const cache = cacheOf()
    await cache.getSecretString(id)
    fake.rotate(id, 'two')
    cache.invalidate(id)
    const reads = await Promise.all(Array.from({ length: 100 }, () => cache.getSecretString(id)))
    expect(new Set(reads)).toEqual(new Set(['two']))
    await cache.getSecretString(id)
    expect(fake.count()).toBe(2)
  })

  it('does nothing to other secrets, and nothing for one that was never read', async () => {
    const cache = cacheOf()
    await cache.getSecretString(id)
    cache.invalidate('other')
    cache.invalidate('unheard-of')
    await cache.getSecretString(id)
    expect(fake.count()).toBe(1)
    expect(cache.stats().entries).toBe(1)
  })

  it('marks the Secret that readers hold as stale, and a reload of the same version as fresh again', async () => {
    const cache = cacheOf()
    const secret = await cache.getSecret(id)
    cache.invalidate(id)
    expect(secret.stale).toBe(true)
    expect(await cache.getSecret(id)).toBe(secret)
    expect(secret.stale).toBe(false)
  })

  it('ends the pause after a failure', async () => {
    const cache = cacheOf()
    fake.inject({ error: 'InternalServiceError', times: 1 })
    await rejectionOf(cache.getSecretString(id))
    await rejectionOf(cache.getSecretString(id))
    expect(fake.count()).toBe(1)
    cache.invalidate(id)
    expect(await cache.getSecretString(id)).toBe('one')
  })

  it('does not let the pauses begin anew: the next failure goes on with the sequence', async () => {
    const cache = cacheOf({ backoff: { initialMs: 1_000, factor: 10 } })
    fake.inject({ error: 'InternalServiceError' })
    await rejectionOf(cache.getSecretString(id))
    cache.invalidate(id)
    await rejectionOf(cache.getSecretString(id))
    await clock.advance(1_000)
    await rejectionOf(cache.getSecretString(id))
    expect(fake.count()).toBe(2)
  })

  it('does not end a denial: what is denied stays so until a load succeeds', async () => {
    const cache = cacheOf()
    await cache.getSecretString(id)
    cache.invalidate(id)
    fake.inject({ error: 'AccessDeniedException', times: 1 })
    await rejectionOf(cache.getSecretString(id))
    fake.inject({ error: 'InternalServiceError', times: 1 })
    cache.invalidate(id)
    await expect(cache.getSecretString(id)).rejects.toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE' })
    cache.invalidate(id)
    expect(await cache.getSecretString(id)).toBe('one')
  })

  it('keeps the age of what it invalidates: the last known good still ends at staleIfErrorMs', async () => {
    const cache = cacheOf({ ttlMs: 1_000, staleWhileRevalidateMs: 0, staleIfErrorMs: 5_000 })
    await cache.getSecretString(id)
    cache.invalidate(id)
    fake.inject({ error: 'InternalServiceError' })
    await clock.advance(4_999)
    expect(await cache.getSecretString(id)).toBe('one')
    await clock.advance(1_001)
    await expect(cache.getSecretString(id)).rejects.toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE' })
  })

  it('a hundred times at once costs one call', async () => {
    const cache = cacheOf()
    await cache.getSecretString(id)
    for (let call = 0; call < 100; call += 1) cache.invalidate(id)
    await cache.getSecretString(id)
    expect(fake.count()).toBe(2)
  })

  it('during a refreshNow lets that answer its caller and makes reads after it wait for a newer load', async () => {
    const cache = cacheOf()
    fake.inject({ delayMs: 1_000, times: 1 })
    const refreshed = cache.refreshNow(id)
    await clock.advance(500)
    fake.rotate(id, 'two')
    cache.invalidate(id)
    expect(await cache.getSecretString(id)).toBe('two')
    await clock.advance(500)
    expect((await refreshed).text()).toMatch(/one|two/)
    expect(await cache.getSecretString(id)).toBe('two')
  })

  it('lets readers during the pause after a load that failed have the last known good at once', async () => {
    const cache = cacheOf()
    await cache.getSecretString(id)
    cache.invalidate(id)
    fake.inject({ error: 'InternalServiceError' })
    await cache.getSecretString(id)
    expect(await cache.getSecretString(id)).toBe('one')
    expect(fake.count()).toBe(2)
  })
})

describe('a load that was under way', () => {
  let source: DeferredSource
  let cache: SecretCache

  beforeEach(async () => {
    source = new DeferredSource()
    cache = cacheOf({ source, ttlMs: 1_000, staleWhileRevalidateMs: 0 })
    const read = cache.getSecretString('secret')
    await settled()
    await source.sent[0]?.answer('v1')
    await read
  })

  it('answers who asked for it with what it brought, not with the older value that is held, and as stale', async () => {
    const rotated: string[] = []
    cache.on('rotated', event => rotated.push(event.versionId))
    const refreshed = cache.refreshNow('secret')
    await settled()
    cache.invalidate('secret')
    await clock.advance(5)
    await source.sent[1]?.answer('v2')
    expect(await refreshed).toMatchObject({ versionId: 'v2', stale: true, ageMs: 5 })
    expect([cache.peek('secret'), rotated]).toEqual([undefined, ['v2']])
  })

  it('leaves what it brought as the last known good, which is served if the next load fails', async () => {
    const refreshed = cache.refreshNow('secret')
    await settled()
    cache.invalidate('secret')
    await source.sent[1]?.answer('v2')
    await refreshed
    const read = cache.getSecretString('secret')
    await settled()
    await source.sent[2]?.fail()
    expect(await read).toBe('v2')
  })

  it('and first of all leaves its answer to a later failure, too', async () => {
    const early = cache.getSecretString('new')
    await settled()
    cache.invalidate('new')
    await source.sent[1]?.answer('v1', 'new')
    await early
    const late = cache.getSecretString('new')
    await settled()
    await source.sent[2]?.fail()
    expect(await late).toBe('v1')
  })

  it('answers readers of an expired value, too', async () => {
    await clock.advance(1_000)
    const read = cache.getSecretString('secret')
    await settled()
    cache.invalidate('secret')
    await source.sent[1]?.answer('v2')
    expect(await read).toBe('v2')
  })

  it('is not made void by the invalidation of another secret', async () => {
    const refreshed = cache.refreshNow('secret')
    await settled()
    cache.invalidate('other')
    await source.sent[1]?.answer('v2')
    await refreshed
    expect(cache.peek('secret')?.versionId).toBe('v2')
  })

  it('is made void by another form of its id as long as nobody knows whose it is, also if one beside it has ended', async () => {
    const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:new-AbCdEf'
    const read = rejectionOf(cache.getSecretString(arn))
    await settled()
    const refreshed = cache.refreshNow(arn)
    await settled()
    await source.sent[1]?.fail()
    await read
    cache.invalidate('new')
    await source.sent[2]?.answer('v1', 'new')
    await refreshed
    expect(cache.peek(arn)).toBeUndefined()
  })

  it('and was made void leaves the secret to the forced load that followed it', async () => {
    const read = cache.getSecretString('new')
    await settled()
    cache.invalidate('new')
    const refreshed = cache.refreshNow('new')
    await settled()
    await source.sent[1]?.answer('v1', 'new')
    await source.sent[2]?.answer('v2', 'new')
    await Promise.all([read, refreshed])
    expect(cache.peek('new')?.versionId).toBe('v2')
  })

  it('and was made void keeps nothing of its failure', async () => {
    const read = rejectionOf(cache.getSecretString('new'))
    await settled()
    cache.invalidate('new')
    await source.sent[1]?.fail()
    await read
    expect(cache.stats().entries).toBe(1)
  })

  it('does not stand in for what the next load was denied, though that was made void, too', async () => {
    cache.delete('secret')
    const overtaken = cache.getSecretString('secret')
    await source.request(2)
    cache.invalidate('secret')
    const denied = rejectionOf(cache.getSecretString('secret'))
    await source.request(3)
    cache.invalidate('secret')
    await (await source.request(2)).answer('v1')
    await (await source.request(3)).fail(Object.assign(new Error('no'), { name: 'AccessDeniedException' }))
    expect(await overtaken).toBe('v1')
    expect(await denied).toMatchObject({ code: 'ERR_SECRET_ACCESS_DENIED' })
  })

  it('when its secret was deleted does not stand in the way of the next', async () => {
    const early = cache.getSecretString('new')
    await settled()
    cache.delete('new')
    await source.sent[1]?.answer('v2', 'new')
    await early
    const read = cache.getSecretString('new')
    await settled()
    await source.sent[2]?.answer('v3', 'new')
    expect([await read, cache.peek('new')?.versionId]).toEqual(['v3', 'v3'])
  })
})

it('a move of AWSCURRENT voids a load of another label under way, also one by an id that turns out later to be of that secret', async () => {
  const source = new DeferredSource()
  const cache = cacheOf({ source })
  const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:secret-AbCdEf'
  const first = cache.getSecretString(arn)
  await (await source.request(1)).answer('v1')
  await first
  const previous = cache.getSecretString('secret', { versionStage: 'AWSPREVIOUS' })
  const request = await source.request(2)
  const refreshed = cache.refreshNow(arn)
  await (await source.request(3)).answer('v2')
  await refreshed
  await request.answer('v0')
  expect(await previous).toBe('v0')
  const again = cache.getSecretString('secret', { versionStage: 'AWSPREVIOUS' })
  await (await source.request(4)).answer('v1')
  expect(await again).toBe('v1')
})

describe('delete', () => {
  it('forgets the value and the failures of a secret in all its stages', async () => {
    const cache = cacheOf()
    await cache.getSecretString(id)
    await rejectionOf(cache.getSecretString(id, { versionStage: 'AWSPREVIOUS' }))
    expect(cache.stats().entries).toBe(2)
    cache.delete(id)
    expect(cache.stats().entries).toBe(0)
    expect(cache.peek(id)).toBeUndefined()
    expect(await cache.getSecretString(id)).toBe('one')
    expect(fake.count()).toBe(3)
  })

  it('is no eviction, and no rotation when the secret is read again with another value', async () => {
    const cache = cacheOf()
    const heard: string[] = []
    cache.on('evicted', ({ type }) => heard.push(type))
    cache.on('rotated', ({ type }) => heard.push(type))
    await cache.getSecretString(id)
    cache.delete(id)
    fake.rotate(id, 'two')
    expect(await cache.getSecretString(id)).toBe('two')
    expect(heard).toEqual([])
    expect(cache.stats()).toMatchObject({ evictions: 0, rotations: 0 })
  })

  it('leaves no last known good behind', async () => {
    const cache = cacheOf()
    await cache.getSecretString(id)
    cache.delete(id)
    fake.inject({ error: 'InternalServiceError' })
    await expect(cache.getSecretString(id)).rejects.toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE' })
  })

  it('leaves the Secret that a reader holds readable, and stale', async () => {
    const cache = cacheOf()
    const secret = await cache.getSecret(id)
    cache.delete(id)
    expect(secret.text()).toBe('one')
    expect(secret.stale).toBe(true)
  })

  it('of what was never read, or twice, does nothing', async () => {
    const cache = cacheOf()
    cache.delete(id)
    await cache.getSecretString(id)
    cache.delete(id)
    cache.delete(id)
    expect(cache.stats().entries).toBe(0)
  })
})
