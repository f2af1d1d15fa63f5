import { beforeEach, describe, expect, it } from 'vitest'
import { putSecretValue } from '../../src/admin/index.js'
import { type RotatedEvent, SecretCache } from '../../src/index.js'
import { losingClient } from '../support/losing-client.js'
import { id, type Scene, setScene } from './support.js'

let scene: Scene

beforeEach(() => {
  scene = setScene()
})

describe('a version that was written through the cache', () => {
  it.each([0, 40_000])('is turned back by no replica that lags, for %i ms and longer', async waitMs => {
    const cache = new SecretCache({ source: scene.source, clock: scene.clock, ttlMs: 60_000, ttlJitter: 0 })
    const rotated: RotatedEvent[] = []
    await cache.getSecretString(id)
    const { versionId } = await putSecretValue(cache, id, 'two', { client: scene.primary.client() })
    cache.on('rotated', event => rotated.push(event))
    scene.primaryFails()
    for (const _ of [1, 2, 3]) {
      await cache.refreshNow(id).catch(() => {})
      expect(await cache.getSecretString(id)).toBe('two')
      await scene.clock.advance(waitMs)
    }
    expect(rotated).toEqual([])
    scene.replica.perform('PutSecretValue', { SecretId: id, SecretString: 'two', ClientRequestToken: versionId })
    expect((await cache.refreshNow(id)).text()).toBe('two')
  })

  it('is not turned back though the primary has shown the version before while the write was under way', async () => {
    const cache = new SecretCache({ source: scene.source, clock: scene.clock, ttlMs: 60_000, ttlJitter: 0 })
    await cache.getSecretString(id)
    await scene.clock.advance(10_000)
    const client = scene.primary.client()
    const slow: typeof client = {
      ...client,
      async send(command, options) {
        await new Promise<void>(resolve => scene.clock.setTimeout(resolve, 1_000))
        return client.send(command, options)
      },
    }
    const written = putSecretValue(cache, id, 'two', { client: slow })
    await scene.clock.advance(300)
    expect((await cache.refreshNow(id)).text()).toBe('one')
    scene.primary.inject({ operation: 'GetSecretValue', error: 'ServiceUnavailable' })
    await scene.clock.advance(5_000)
    await written
    for (const _ of [1, 2]) {
      await scene.clock.advance(61_000)
      expect(await cache.getSecretString(id)).toBe('two')
    }
    await scene.clock.advance(5_000)
    expect(cache.peek(id)?.text()).toBe('two')
  })

  it('is not turned back where a replica has answered with the write before while it was under way', async () => {
    const cache = new SecretCache({ source: scene.source, clock: scene.clock, ttlMs: 600_000, ttlJitter: 0 })
    await cache.getSecretString(id)
    await scene.clock.advance(70_000)
    const { versionId } = await putSecretValue(cache, id, 'two', { client: scene.primary.client() })
    scene.replica.perform('PutSecretValue', { SecretId: id, SecretString: 'two', ClientRequestToken: versionId })
    await scene.clock.advance(61_000)
    scene.primary.inject({ operation: 'GetSecretValue', error: 'ServiceUnavailable' })
    scene.replica.inject({ operation: 'GetSecretValue', delayMs: 100, times: 1 })
    const refreshed = cache.refreshNow(id)
    await scene.clock.advance(20)
    await putSecretValue(cache, id, 'three', { client: scene.primary.client() })
    await scene.clock.advance(1_000)
    expect((await refreshed).text()).toBe('three')
    for (const _ of [1, 2, 3]) {
      await scene.clock.advance(2_000)
      await cache.refreshNow(id).catch(() => {})
      expect(cache.peek(id)?.text()).toBe('three')
    }
  })

  it('is not turned back where the primary is away only while the cache reads again', async () => {
    const cache = new SecretCache({ source: scene.source, clock: scene.clock, ttlMs: 60_000, ttlJitter: 0 })
    await cache.getSecretString(id)
    await putSecretValue(cache, id, 'two', { client: scene.primary.client() })
    scene.primaryFails()
    const refreshed = cache.refreshNow(id).catch(() => undefined)
    await scene.clock.advance(5_000)
    scene.primary.recover()
    await refreshed
    expect(await cache.getSecretString(id)).toBe('two')
  })
})

describe('a write of which nobody knows whether it was carried out', () => {
  /** Writes a version, and loses the answer of the service. */
  async function writeInDoubt(cache: SecretCache, value: string): Promise<void> {
    const client = losingClient(scene.primary.client())
    await expect(putSecretValue(cache, id, value, { client })).rejects.toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE' })
  }

  it('is not settled by a replica, which may lag', async () => {
    const cache = new SecretCache({ source: scene.source, clock: scene.clock, ttlJitter: 0 })
    await cache.getSecretString(id)
    await writeInDoubt(cache, 'two')
    scene.primaryFails()
    expect(await cache.getSecretString(id)).toBe('one')
    scene.primary.recover()
    await scene.clock.advance(1_000)
    await cache.getSecretString(id)
    await cache.idle()
    expect(cache.peek(id)?.text()).toBe('two')
  })

  it('is settled by a replica that has shown the version before for 30 seconds', async () => {
    const cache = new SecretCache({ source: scene.source, clock: scene.clock, ttlJitter: 0 })
    await cache.getSecretString(id)
    scene.primary.inject({ operation: 'PutSecretValue', error: 'InternalServiceError' })
    await expect(putSecretValue(cache, id, 'two', { client: scene.primary.client() })).rejects.toThrow()
    scene.primaryFails()
    for (let n = 0; n < 120; n += 1) {
      await scene.clock.advance(1_000)
      expect(await cache.getSecretString(id)).toBe('one')
    }
    await cache.idle()
    expect(cache.peek(id)?.stale).toBe(false)
  })
})

it('what one cache has written turns back no other on the same source, to which the primary has shown a later version', async () => {
  const [one, two] = [1, 2].map(() => new SecretCache({ source: scene.source, clock: scene.clock })) as [SecretCache, SecretCache]
  for (const cache of [one, two]) await cache.getSecret(id)
  const { versionId } = await putSecretValue(one, id, 'two', { client: scene.primary.client() })
  await scene.clock.advance(61_000)
  scene.replica.perform('PutSecretValue', { SecretId: id, SecretString: 'two', ClientRequestToken: versionId })
  const third = scene.primary.put(id, 'three').versionId
  await two.refreshNow(id)
  scene.primaryFails()
  await scene.clock.advance(1_000)
  for (const cache of [one, two]) await cache.refreshNow(id).catch(() => {})
  expect(two.peek(id)?.text()).toBe('three')
  scene.replica.perform('PutSecretValue', { SecretId: id, SecretString: 'three', ClientRequestToken: third })
  for (const cache of [one, two]) expect((await cache.refreshNow(id)).text()).toBe('three')
})

it('a version that one cache has taken from a replica is kept from no other on the same source', async () => {
  const ttls = [10_000, 60_000]
  const caches = ttls.map(ttlMs => new SecretCache({ source: scene.source, clock: scene.clock, ttlMs, ttlJitter: 0 }))
  for (const cache of caches) await cache.getSecret(id)
  scene.primaryFails()
  scene.rotate('two')
  for (let second = 0; second < 150; second += 1) {
    await scene.clock.advance(1_000)
    for (const cache of caches) await cache.getSecret(id)
  }
  for (const cache of caches) expect(cache.peek(id)?.text()).toBe('two')
})

it('an old answer of the primary, just before it fails, makes no replica believed that lags', async () => {
  const cache = new SecretCache({ source: scene.source, clock: scene.clock, ttlMs: 60_000, ttlJitter: 0 })
  const first = await cache.getSecret(id)
  const second = scene.rotate('two', { replicate: false })
  await cache.refreshNow(id)
  scene.primary.moveCurrent(id, first.versionId)
  const refreshed = cache.refreshNow(id).catch(() => undefined)
  // Doubted, and asked for again by the time at which the primary has failed.
  await scene.clock.advance(100)
  scene.primaryFails()
  await scene.clock.advance(5_000)
  await refreshed
  for (const _ of [1, 2, 3]) {
    await scene.clock.advance(61_000)
    expect((await cache.getSecret(id)).versionId).toBe(second)
  }
  scene.primary.recover()
  for (const _ of [1, 2, 3]) {
    await scene.clock.advance(61_000)
    await cache.getSecret(id)
    await cache.idle()
  }
  expect(cache.peek(id)?.versionId).toBe(first.versionId)
})
