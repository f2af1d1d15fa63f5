import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache, type SecretCacheOptions } from '../../../src/index.js'
import { clock, fake, useFake } from '../../support/fake-cache.js'

const ids = ['a', 'b', 'c']

/** The secrets that had to go, the oldest first. */
let gone: (string | undefined)[]

function cacheOf(options: SecretCacheOptions = {}): SecretCache {
  const cache = new SecretCache({ source: fake.source(), clock, ttlJitter: 0, maxEntries: 3, ...options })
  cache.on('evicted', ({ secretId, versionStage }) => gone.push(versionStage === 'AWSCURRENT' ? secretId : versionStage))
  return cache
}

async function read(cache: SecretCache, ...secretIds: string[]): Promise<void> {
  for (const id of secretIds) await cache.getSecretString(id)
}

useFake(Object.fromEntries([...ids, 'd', 'e', 'f', 'g'].map(id => [id, id])))

beforeEach(() => {
  gone = []
})

describe('where there is no room, the value that was read least recently goes first', () => {
  it('whatever the order of the first reads was', async () => {
    const cache = cacheOf()
    await read(cache, 'a', 'b', 'c', 'c', 'a', 'b')
    await read(cache, 'd', 'e', 'f')
    expect(gone).toEqual(['c', 'a', 'b'])
  })

  it('also after others had to go before', async () => {
    const cache = cacheOf()
    await read(cache, 'a', 'b', 'c', 'b', 'a', 'd')
    expect(gone).toEqual(['c'])
    await read(cache, 'b', 'a', 'b', 'e', 'f')
    expect(gone).toEqual(['c', 'd', 'a'])
    await read(cache, 'b', 'g')
    expect(gone).toEqual(['c', 'd', 'a', 'e'])
  })

  it('also after thousands of reads of a few', async () => {
    const cache = cacheOf()
    await read(cache, 'a', 'b', 'c')
    for (let round = 0; round < 1_000; round += 1) await read(cache, 'c', 'b')
    await read(cache, 'a', 'd', 'e')
    expect(gone).toEqual(['c', 'b'])
  })

  it('a read of another stage is one of that stage', async () => {
    fake.rotate('a', 'two')
    const cache = cacheOf()
    await cache.getSecretString('a', { versionStage: 'AWSPREVIOUS' })
    await read(cache, 'a', 'b')
    await cache.getSecretString('a', { versionStage: 'AWSPREVIOUS' })
    await read(cache, 'c', 'd')
    expect(gone).toEqual(['a', 'b'])
  })

  it('a look by peek is no read', async () => {
    const cache = cacheOf()
    await read(cache, 'a', 'b', 'c')
    cache.peek('a')
    await read(cache, 'd')
    expect(gone).toEqual(['a'])
  })
})

describe('where there is no room for a failure', () => {
  const missing = ['missing/1', 'missing/2', 'missing/3']

  async function fail(cache: SecretCache, ...secretIds: string[]): Promise<void> {
    for (const id of secretIds) await cache.getSecretString(id).catch(() => {})
  }

  it('the oldest failure goes, and is asked for again without a pause', async () => {
    const cache = cacheOf({ maxEntries: 2 })
    await fail(cache, ...missing)
    expect(cache.stats().entries).toBe(2)
    fake.resetCalls()
    await fail(cache, 'missing/3', 'missing/2')
    expect(fake.count()).toBe(0)
    await fail(cache, 'missing/1')
    expect(fake.count()).toBe(1)
    expect(gone).toEqual(['missing/1', 'missing/2'])
  })

  it('a value goes if there is no other failure: the newest one stays, and with it its pause', async () => {
    const cache = cacheOf()
    await read(cache, ...ids)
    await fail(cache, 'missing/1', 'missing/1')
    expect(gone).toEqual(['a'])
    expect(fake.count()).toBe(4)
  })
})
