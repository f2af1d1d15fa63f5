import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache, type SecretCacheOptions } from '../../../src/index.js'
import { clock, fake, useFake } from '../../support/fake-cache.js'

const followed = ['followed/1', 'followed/2', 'followed/3']
const plain = ['plain/1', 'plain/2']

let stops: (() => void)[]

/** A cache for two entries, in which three other secrets are followed. */
async function fullCache(options: SecretCacheOptions = {}): Promise<SecretCache> {
  const cache = new SecretCache({ source: fake.source(), clock, ttlJitter: 0, maxEntries: 2, ...options })
  stops = followed.map(id => cache.handle(id).on('rotated', () => {}))
  for (const id of followed) await cache.getSecretString(id)
  fake.resetCalls()
  return cache
}

useFake()

beforeEach(() => {
  for (const id of [...followed, ...plain, 'plain/3']) fake.create(id, id)
})

describe('secrets that are followed do not count in maxEntries', () => {
  it('so that others are cached beside them', async () => {
    const cache = await fullCache()
    for (let round = 0; round < 10; round += 1) {
      for (const id of [...plain, ...followed]) expect(await cache.getSecretString(id)).toBe(id)
    }
    expect(fake.count()).toBe(plain.length)
    expect(cache.stats().evictions).toBe(0)
  })

  it('and are not what has to go where there is no room', async () => {
    const cache = await fullCache()
    for (const id of [...plain, 'plain/3']) await cache.getSecretString(id)
    expect(cache.stats().evictions).toBe(1)
    expect(followed.map(id => cache.peek(id)?.text())).toEqual(followed)
    expect([...plain, 'plain/3'].map(id => cache.peek(id)?.text())).toEqual([undefined, 'plain/2', 'plain/3'])
  })

  it('but are counted among the entries, also while they cannot be read', async () => {
    const cache = await fullCache()
    cache.handle('missing').on('rotated', () => {})
    expect(cache.stats().entries).toBe(followed.length)
    await cache.getSecretString('missing').catch(() => {})
    expect(cache.stats().entries).toBe(followed.length + 1)
  })

  it('so that a failing id is remembered beside them, and asked for by its pauses', async () => {
    const cache = await fullCache()
    for (let round = 0; round < 10; round += 1) {
      for (const id of ['missing/1', 'missing/2']) {
        await expect(cache.getSecretString(id)).rejects.toMatchObject({ code: 'ERR_SECRET_NOT_FOUND' })
      }
    }
    expect(fake.count()).toBe(2)
  })

  it('also if they were read before anybody followed them', async () => {
    const cache = new SecretCache({ source: fake.source(), clock, ttlJitter: 0, maxEntries: 2 })
    for (const id of followed.slice(0, 2)) await cache.getSecretString(id)
    for (const id of followed.slice(0, 2)) cache.handle(id).on('rotated', () => {})
    fake.resetCalls()
    for (let round = 0; round < 5; round += 1) for (const id of plain) await cache.getSecretString(id)
    expect(fake.count()).toBe(2)
    expect(cache.stats().evictions).toBe(0)
  })

  it('and count again once nobody follows them', async () => {
    const cache = await fullCache()
    for (const id of plain) await cache.getSecretString(id)
    for (const stop of stops) stop()
    await cache.getSecretString('plain/3')
    expect(cache.stats().entries).toBeLessThanOrEqual(2)
    expect(cache.peek('plain/3')?.text()).toBe('plain/3')
  })
})

describe('delete() of a secret that is followed', () => {
  const forms: [string, (arn: string) => string][] = [
    ['name', () => 'plain/1'],
    ['ARN', arn => arn],
    ['partial ARN', arn => arn.slice(0, -7)],
  ]

  it.each(forms)('does not hide the next rotation from its handle (by %s)', async (_, form) => {
    const cache = new SecretCache({ source: fake.source(), clock, ttlJitter: 0 })
    const before = await cache.getSecret('plain/1')
    const heard: string[] = []
    cache.on('rotated', event => heard.push(`cache: ${event.previousVersionId}→${event.versionId}`))
    cache.handle(form(before.arn)).on('rotated', event => heard.push(`handle: ${event.previousVersionId}→${event.versionId}`))
    cache.delete(form(before.arn))
    expect(cache.peek('plain/1')).toBeUndefined()
    const { versionId } = fake.rotate('plain/1', 'two').detail
    expect(await cache.getSecretString('plain/1')).toBe('two')
    const move = `${before.versionId}→${versionId}`
    expect(heard.toSorted()).toEqual([`cache: ${move}`, `handle: ${move}`])
  })

  it.each(forms)('does not hide a rotation that an event tells of (by %s)', async (_, form) => {
    const cache = new SecretCache({ source: fake.source(), clock, ttlJitter: 0 })
    const { arn } = await cache.getSecret('plain/1')
    const heard: string[] = []
    cache.handle(form(arn)).on('rotated', ({ versionId }) => heard.push(versionId))
    cache.delete(form(arn))
    const event = fake.rotate('plain/1', 'two')
    await cache.handleRotationEvent(event)
    await clock.advance(1_000)
    expect(await cache.getSecretString('plain/1')).toBe('two')
    expect(heard).toEqual([event.detail.versionId])
  })

  it('tells of nothing where the version has not moved, and of the move after that', async () => {
    const cache = new SecretCache({ source: fake.source(), clock, ttlJitter: 0 })
    await cache.getSecretString('plain/1')
    const heard: string[] = []
    cache.handle('plain/1').on('rotated', ({ versionId }) => heard.push(versionId))
    cache.delete('plain/1')
    await cache.getSecretString('plain/1')
    expect(heard).toEqual([])
    const { versionId } = fake.rotate('plain/1', 'two').detail
    await cache.refreshNow('plain/1')
    expect(heard).toEqual([versionId])
  })

  it('leaves no trace of one that nobody follows: what is read later is a first read', async () => {
    const cache = new SecretCache({ source: fake.source(), clock, ttlJitter: 0 })
    const heard: string[] = []
    cache.on('rotated', ({ versionId }) => heard.push(versionId))
    await cache.getSecretString('plain/1')
    cache.delete('plain/1')
    fake.rotate('plain/1', 'two')
    expect(await cache.getSecretString('plain/1')).toBe('two')
    expect(heard).toEqual([])
  })
})
