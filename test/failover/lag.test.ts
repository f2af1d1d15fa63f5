import { beforeEach, describe, expect, it } from 'vitest'
import { failoverSource } from '../../src/failover/index.js'
import { type RotatedEvent, SecretCache } from '../../src/index.js'
import { FakeSecretsManager } from '../../src/testing/index.js'
import { id, type Scene, setScene } from './support.js'

let scene: Scene

beforeEach(() => {
  scene = setScene()
})

describe('a replica with another version than the last', () => {
  it('is believed at once if nothing was read before', async () => {
    scene.rotate('two', { replicate: false })
    scene.primaryFails()
    expect(await scene.outcome()).toBe('one')
  })

  it('is not believed until it has shown that version for 30 seconds', async () => {
    await scene.outcome()
    scene.rotate('two')
    scene.primaryFails()
    for (const waitMs of [0, 10_000, 19_999]) {
      await scene.clock.advance(waitMs)
      expect(await scene.outcome()).toBe('ServiceUnavailable')
    }
    await scene.clock.advance(1)
    expect(await scene.outcome()).toBe('two')
    expect(await scene.outcome()).toBe('two')
  })

  it('turns nothing back by lagging', async () => {
    scene.rotate('two', { replicate: false })
    expect(await scene.outcome()).toBe('two')
    scene.primaryFails()
    expect(await scene.outcome()).toBe('ServiceUnavailable')
    await scene.clock.advance(29_999)
    scene.replicate()
    expect(await scene.outcome()).toBe('two')
  })

  it('has to begin again after it has shown the last one, or a third', async () => {
    await scene.outcome()
    const { versionId } = await scene.replica.source().get({ secretId: id }, new AbortController())
    const second = scene.rotate('two')
    scene.primaryFails()
    await scene.outcome()
    await scene.clock.advance(29_000)
    scene.replica.moveCurrent(id, versionId)
    expect(await scene.outcome()).toBe('one')
    scene.replica.moveCurrent(id, second)
    await scene.clock.advance(1_000)
    expect(await scene.outcome()).toBe('ServiceUnavailable')
    await scene.clock.advance(29_000)
    scene.rotate('three')
    await scene.clock.advance(1_000)
    expect(await scene.outcome()).toBe('ServiceUnavailable')
    await scene.clock.advance(30_000)
    expect(await scene.outcome()).toBe('three')
  })

  it('is believed after that time though another replica goes on showing the last one', async () => {
    const third = new FakeSecretsManager({ region: 'eu-north-1', clock: scene.clock, secrets: { [id]: 'one' } })
    const sources = [scene.primary, scene.replica, third].map(fake => fake.source())
    const source = failoverSource(sources, { clock: scene.clock })
    const read = async () => (await source.get({ secretId: id }, new AbortController())).string
    await read()
    scene.replica.put(id, 'two')
    scene.primaryFails()
    for (const waitMs of [0, 10_000, 19_999]) {
      await scene.clock.advance(waitMs)
      expect(await read()).toBe('one')
    }
    await scene.clock.advance(1)
    expect(await read()).toBe('two')
  })

  it('that was seen in an outage long ago has to be shown anew', async () => {
    await scene.outcome()
    scene.rotate('two', { replicate: false })
    for (const value of ['two', 'another']) scene.replica.put(id, value)
    scene.primaryFails()
    await scene.outcome()
    scene.primary.recover()
    for (const _ of [1, 2, 3, 4]) await scene.outcome()
    await scene.clock.advance(3_600_000)
    scene.primaryFails()
    expect(await scene.outcome()).toBe('ServiceUnavailable')
  })

  it('is not believed sooner because the clock was set back', async () => {
    await scene.outcome()
    scene.rotate('two')
    scene.primaryFails()
    await scene.outcome()
    scene.clock.set(scene.clock.now() - 3_600_000)
    expect(await scene.outcome()).toBe('ServiceUnavailable')
    await scene.clock.advance(29_999)
    expect(await scene.outcome()).toBe('ServiceUnavailable')
    await scene.clock.advance(1)
    expect(await scene.outcome()).toBe('two')
  })

  it('does not matter to a primary that is well again', async () => {
    scene.rotate('two', { replicate: false })
    await scene.outcome()
    scene.primaryFails()
    await scene.outcome()
    scene.primary.recover()
    expect(await scene.outcome()).toBe('two')
  })

  it('does not matter to another stage, nor to a version that is asked for by its id', async () => {
    const { versionId } = await scene.read()
    scene.rotate('two')
    expect(await scene.outcome()).toBe('two')
    scene.primaryFails()
    for (const request of [{ versionStage: 'AWSPREVIOUS' }, { versionId }]) {
      expect(await scene.source.get({ secretId: id, ...request }, new AbortController())).toMatchObject({ string: 'one' })
    }
    expect(await scene.outcome()).toBe('two')
  })
})

describe('a cache over both', () => {
  const settings = { ttlMs: 1_000, ttlJitter: 0, staleWhileRevalidateMs: 0 }
  let cache: SecretCache
  let rotated: RotatedEvent[]

  beforeEach(() => {
    cache = new SecretCache({ source: scene.source, clock: scene.clock, ...settings })
    rotated = []
    cache.on('rotated', event => rotated.push(event))
  })

  it('serves the last known good while the replica lags, and never goes back', async () => {
    scene.rotate('two', { replicate: false })
    expect(await cache.getSecretString(id)).toBe('two')
    scene.primaryFails()
    for (const _ of Array(14)) {
      await scene.clock.advance(2_000)
      expect(await cache.getSecretString(id)).toBe('two')
    }
    scene.replicate()
    await scene.clock.advance(60_000)
    await cache.getSecretString(id)
    await cache.idle()
    expect(cache.peek(id)).toMatchObject({ stale: false })
    expect(rotated).toEqual([])
  })

  it('follows a rotation that only the replica shows', async () => {
    await cache.getSecretString(id)
    scene.rotate('two')
    scene.primaryFails()
    const values = new Set<string>()
    for (const _ of Array(60)) {
      await scene.clock.advance(2_000)
      values.add(await cache.getSecretString(id))
    }
    expect([...values]).toEqual(['one', 'two'])
    expect(rotated).toHaveLength(1)
  })
})

describe('a version that only a replica has shown', () => {
  const settings = { ttlMs: 60_000, ttlJitter: 0, staleWhileRevalidateMs: 0 }
  let cache: SecretCache
  let moves: string[]

  beforeEach(() => {
    cache = new SecretCache({ source: scene.source, clock: scene.clock, ...settings })
    moves = []
    cache.on('rotated', event => moves.push(event.versionId))
  })

  async function readAfterAMinute(times = 1): Promise<string[]> {
    const values: string[] = []
    for (let read = 0; read < times; read += 1) {
      await scene.clock.advance(61_000)
      values.push(await cache.getSecretString(id))
    }
    return values
  }

  it.each([1, 4])('is left once the primary shows a new one in %i reads, though it fails again', async reads => {
    scene.rotate('two', { replicate: false })
    scene.primaryFails()
    expect(await readAfterAMinute()).toEqual(['one'])
    for (const _ of [1, 2, 3]) {
      scene.primary.recover()
      expect(new Set(await readAfterAMinute(reads))).toEqual(new Set(['two']))
      scene.primaryFails()
      expect(await readAfterAMinute()).toEqual(['two'])
    }
    expect(moves).toHaveLength(1)
  })

  it.each([false, true])(
    'because that was promoted, is left once the primary shows a new one (comes back first as it was: %o)',
    async comesBack => {
      await readAfterAMinute()
      scene.primaryFails()
      // Versions of the same number have the same id.
      for (const value of ['between', 'two']) scene.replica.put(id, value)
      expect((await readAfterAMinute(3)).at(-1)).toBe('two')
      if (comesBack) {
        scene.primary.recover()
        expect((await readAfterAMinute(5)).at(-1)).toBe('one')
        scene.primaryFails()
        expect((await readAfterAMinute(3)).at(-1)).toBe('two')
        scene.primary.recover()
        expect((await readAfterAMinute(5)).at(-1)).toBe('one')
      }
      scene.primary.put(id, 'three')
      scene.primary.recover()
      expect((await readAfterAMinute(5)).at(-1)).toBe('three')
      scene.primaryFails()
      expect(await readAfterAMinute(3)).toEqual(['three', 'three', 'three'])
    },
  )
})

describe('a cache that has nothing to serve', () => {
  const settings = { ttlMs: 60_000, ttlJitter: 0 }
  const nothingIsLeft: Record<string, (cache: SecretCache) => Promise<void>> = {
    'because the secret was evicted': async cache => {
      await cache.getSecretString('other')
    },
    'because the secret was deleted': async cache => {
      cache.delete(id)
    },
    'because the last known good is too old': async () => {
      await scene.clock.advance(90_000_000)
    },
  }

  it.each(Object.entries(nothingIsLeft))('takes the version that the replica shows at once, %s', async (_, lose) => {
    for (const fake of [scene.primary, scene.replica]) fake.create('other', 'other')
    const cache = new SecretCache({ source: scene.source, clock: scene.clock, maxEntries: 1, ...settings })
    await cache.getSecretString(id)
    await lose(cache)
    scene.rotate('two')
    await scene.clock.advance(30_000)
    scene.primaryFails()
    expect(await cache.getSecretString(id)).toBe('two')
  })

  it('takes no other one than the primary has shown just before', async () => {
    scene.rotate('two', { replicate: false })
    const cache = new SecretCache({ source: scene.source, clock: scene.clock, ...settings })
    await cache.getSecret(id)
    cache.delete(id)
    await scene.clock.advance(29_000)
    scene.primaryFails()
    await expect(cache.getSecret(id)).rejects.toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE' })
  })

  it('is given what the primary shows, and not the replica beside it', async () => {
    scene.rotate('two', { replicate: false })
    const cache = new SecretCache({ source: scene.source, clock: scene.clock, ...settings })
    scene.primaryFails()
    expect(await cache.getSecretString(id)).toBe('one')
    scene.primary.recover()
    scene.rotate('three', { replicate: false })
    scene.replicate()
    scene.rotate('four', { replicate: false })
    cache.delete(id)
    await scene.clock.advance(60_000)
    expect(await cache.getSecretString(id)).toBe('four')
  })

  it('takes none that the label has left all the same', async () => {
    const cache = new SecretCache({ source: scene.source, clock: scene.clock, ...settings })
    await cache.getSecretString(id)
    scene.rotate('two', { replicate: false })
    await cache.refreshNow(id)
    cache.delete(id)
    await scene.clock.advance(60_000)
    scene.primaryFails()
    await expect(cache.getSecretString(id)).rejects.toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE' })
  })
})
