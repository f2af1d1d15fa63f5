import { describe, expect, it } from 'vitest'
import type { RotatedEvent } from '../../../src/index.js'
import { cacheOf, clock, fake, useFake } from '../../support/fake-cache.js'

const id = 'prod/key'

useFake({ [id]: 'one' })

describe('refreshNow', () => {
  it('answers the fresh value at once', async () => {
    const cache = cacheOf()
    await cache.getSecretString(id)
    fake.rotate(id, 'two')
    expect((await cache.refreshNow(id)).text()).toBe('two')
    expect(await cache.getSecretString(id)).toBe('two')
    expect(fake.count()).toBe(2)
  })

  it('twenty at once is one call', async () => {
    const cache = cacheOf()
    await Promise.all(Array.from({ length: 20 }, () => cache.refreshNow(id)))
    expect(fake.count()).toBe(1)
  })

  it('is never answered by a load that was sent before it was asked', async () => {
    const cache = cacheOf()
    fake.inject({ delayMs: 100 })
    const early = cache.refreshNow(id)
    await clock.advance(50)
    fake.rotate(id, 'two')
    const late = cache.refreshNow(id)
    await clock.advance(100)
    expect((await late).text()).toBe('two')
    expect((await early).text()).toMatch(/one|two/)
    expect(fake.count()).toBe(2)
  })

  it('makes no call if the cache has moved on from ifVersion', async () => {
    const cache = cacheOf()
    const { versionId } = await cache.getSecret(id)
    fake.rotate(id, 'two')
    await cache.refreshNow(id)
    fake.resetCalls()
    expect((await cache.refreshNow(id, { ifVersion: versionId })).text()).toBe('two')
    expect(fake.count()).toBe(0)
  })

  it('with ifVersion joins a load under way, and makes one more if that still shows the version', async () => {
    const cache = cacheOf()
    const { versionId } = await cache.getSecret(id)
    fake.inject({ delayMs: 100 })
    const early = cache.refreshNow(id)
    await clock.advance(50)
    fake.rotate(id, 'two')
    const refused = Array.from({ length: 50 }, () => cache.refreshNow(id, { ifVersion: versionId }))
    await clock.advance(200)
    expect((await early).text()).toBe('one')
    for (const secret of await Promise.all(refused)) expect(secret.text()).toBe('two')
    expect(fake.count()).toBe(3)
  })

  it('works during the pause after a failure, and ends it', async () => {
    const cache = cacheOf()
    fake.inject({ error: 'InternalServiceError', times: 1 })
    await cache.getSecretString(id).catch(() => undefined)
    expect((await cache.refreshNow(id)).text()).toBe('one')
    expect(await cache.getSecretString(id)).toBe('one')
  })

  it('that fails rejects and leaves the old value', async () => {
    const cache = cacheOf()
    await cache.getSecretString(id)
    fake.inject({ error: 'AccessDeniedException' })
    await expect(cache.refreshNow(id)).rejects.toMatchObject({ code: 'ERR_SECRET_ACCESS_DENIED' })
    expect(await cache.getSecretString(id)).toBe('one')
  })

  it('in an endless loop makes five calls at once and then one a second', async () => {
    const cache = cacheOf()
    const stop = clock.now() + 60_000
    const loop = (async () => {
      while (clock.now() < stop) await cache.refreshNow(id)
    })()
    await clock.advance(62_000)
    await loop
    expect(fake.count()).toBeGreaterThanOrEqual(60)
    expect(fake.count()).toBeLessThanOrEqual(66)
  })

  it('reads another stage without touching the current one', async () => {
    const cache = cacheOf()
    fake.rotate(id, 'two')
    await cache.getSecretString(id)
    expect((await cache.refreshNow(id, { versionStage: 'AWSPREVIOUS' })).text()).toBe('one')
    expect(await cache.getSecretString(id)).toBe('two')
  })
})

describe('invalidate', () => {
  it('makes the next read wait for the new value', async () => {
    const cache = cacheOf()
    await cache.getSecretString(id)
    fake.rotate(id, 'two')
    cache.invalidate(id)
    fake.inject({ delayMs: 2_000 })
    const read = cache.getSecretString(id)
    await clock.advance(2_000)
    expect(await read).toBe('two')
  })

  it('keeps the result of an older load from overwriting and from answering later reads', async () => {
    const cache = cacheOf()
    fake.inject({ delayMs: 1_000, times: 1 })
    const early = cache.getSecretString(id)
    await clock.advance(500)
    fake.rotate(id, 'two')
    cache.invalidate(id)
    expect(await cache.getSecretString(id)).toBe('two')
    await clock.advance(500)
    expect(await early).toMatch(/one|two/)
    expect(await cache.getSecretString(id)).toBe('two')
    expect(fake.count()).toBe(2)
  })

  it('by one form of the id voids a load under another, although nobody knows yet that they are one secret', async () => {
    const { arn } = fake.put(id, 'one')
    const cache = cacheOf()
    fake.inject({ delayMs: 1_000, times: 1 })
    const early = cache.getSecretString(arn)
    await clock.advance(500)
    fake.rotate(id, 'two')
    cache.invalidate(id)
    const later = cache.getSecretString(arn)
    expect(await later).toBe('two')
    await clock.advance(500)
    expect(await early).toMatch(/one|two/)
    expect(await cache.getSecretString(arn)).toBe('two')
    expect(await cache.getSecretString(id)).toBe('two')
  })

  it('expires all stages of the secret', async () => {
    const cache = cacheOf()
    const { versionId } = await cache.getSecret(id)
    fake.rotate(id, 'two')
    await cache.getSecretString(id, { versionStage: 'AWSPREVIOUS' })
    cache.invalidate(id)
    fake.moveCurrent(id, versionId)
    expect(await cache.getSecretString(id, { versionStage: 'AWSPREVIOUS' })).toBe('two')
  })

  it('falls back to the last known good if the new load fails for a transient reason, and to an error if it is denied', async () => {
    const cache = cacheOf()
    await cache.getSecretString(id)
    cache.invalidate(id)
    fake.inject({ error: 'InternalServiceError' })
    expect(await cache.getSecretString(id)).toBe('one')
    fake.recover()
    cache.invalidate(id)
    fake.inject({ error: 'AccessDeniedException' })
    await expect(cache.getSecretString(id)).rejects.toMatchObject({ code: 'ERR_SECRET_ACCESS_DENIED' })
  })
})

describe('an old answer just after a rotation', () => {
  it('is read again, and nothing rotates backwards', async () => {
    const cache = cacheOf()
    const rotated: RotatedEvent[] = []
    cache.on('rotated', event => rotated.push(event))
    await cache.getSecretString(id)
    fake.rotate(id, 'two')
    await cache.refreshNow(id)
    fake.inject({ answer: 'old', times: 2 })
    const refreshed = cache.refreshNow(id)
    await clock.advance(1_000)
    expect((await refreshed).text()).toBe('two')
    expect(rotated).toHaveLength(1)
  })

  it('counts as a rollback if it stays, and at once a minute later', async () => {
    const cache = cacheOf()
    const rotated: RotatedEvent[] = []
    cache.on('rotated', event => rotated.push(event))
    const { versionId: first } = await cache.getSecret(id)
    const second = fake.rotate(id, 'two').detail.versionId
    await cache.refreshNow(id)
    fake.moveCurrent(id, first)
    fake.resetCalls()
    const refreshed = cache.refreshNow(id)
    await clock.advance(3_700)
    expect((await refreshed).versionId).toBe(first)
    expect(fake.count()).toBe(5)
    await clock.advance(60_000)
    fake.moveCurrent(id, second)
    expect((await cache.refreshNow(id)).versionId).toBe(second)
    expect(rotated.map(({ versionId }) => versionId)).toEqual([second, first, second])
  })

  it('counts as a rollback also over several loads, each with a deadline too short to be sure of it', async () => {
    const cache = cacheOf({ loadTimeoutMs: 1_000 })
    const { versionId: first } = await cache.getSecret(id)
    fake.rotate(id, 'two')
    await cache.refreshNow(id)
    fake.moveCurrent(id, first)
    const versions: string[] = []
    for (let turn = 0; turn < 6; turn += 1) {
      const refreshed = cache.refreshNow(id).then(
        ({ versionId }) => versions.push(versionId),
        ({ code }) => versions.push(code),
      )
      await clock.advance(800)
      await refreshed
    }
    expect(versions).toEqual([...Array(4).fill('ERR_SECRET_TIMEOUT'), first, first])
  })

  it('is one anew after a good answer in between', async () => {
    const cache = cacheOf({ loadTimeoutMs: 1_000 })
    await cache.getSecretString(id)
    fake.rotate(id, 'two')
    await cache.refreshNow(id)
    for (let turn = 0; turn < 4; turn += 1) {
      fake.inject({ answer: 'old', times: 3 })
      const refused = expect(cache.refreshNow(id)).rejects.toMatchObject({ code: 'ERR_SECRET_TIMEOUT' })
      await clock.advance(1_000)
      await refused
      expect((await cache.refreshNow(id)).text()).toBe('two')
    }
  })
})
