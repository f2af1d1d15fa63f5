import { beforeEach, describe, expect, it } from 'vitest'
import type { SecretCache } from '../../../src/index.js'
import type { FakeVersion } from '../../../src/testing/index.js'
import { DeferredSource, settled } from '../../support/deferred-source.js'
import { cacheOf, clock, fake, useFake } from '../../support/fake-cache.js'

const id = 'prod/db'

let secret: FakeVersion

/** The name, the ARN and the partial ARN of the secret. */
function formsOf({ arn }: FakeVersion): string[] {
  return [id, arn, arn.slice(0, -7)]
}

/** Has the cache read the secret by each form of its id in turn, and forget it again by `forget`: under which id is it loaded, and asked for? */
async function idsOfLoads(cache: SecretCache, forget: () => Promise<unknown>): Promise<[unknown, unknown][]> {
  const ids: [unknown, unknown][] = []
  cache.on('loaded', ({ secretId, arn }) => {
    if (arn === secret.arn) ids.push([secretId, fake.calls.at(-1)?.input.SecretId])
  })
  for (const form of formsOf(secret)) {
    await forget()
    await cache.getSecretString(form)
  }
  return ids
}

useFake()

beforeEach(() => {
  secret = fake.create(id, 'one')
  fake.rotate(id, 'two')
  fake.create('other', 'other')
  fake.create('third', 'third')
})

/** Reads that leave something to forget. */
const reads: [string, (cache: SecretCache) => Promise<unknown>][] = [
  ['by name', cache => cache.getSecretString(id)],
  ['by its ARN', cache => cache.getSecretString(secret.arn)],
  ['by its partial ARN', cache => cache.getSecretString(secret.arn.slice(0, -7))],
  ['by all of its ids', async cache => [await cache.getSecretString(secret.arn), await cache.getSecretString(id)]],
  ['at another stage', cache => cache.getSecretString(id, { versionStage: 'AWSPREVIOUS' })],
  [
    'at several stages',
    async cache => [await cache.getSecretString(id), await cache.getSecretString(id, { versionStage: 'AWSPREVIOUS' })],
  ],
  ['by the id of a version', cache => cache.getSecretString(id, { versionId: secret.versionId })],
]

describe.each(reads)('a secret that was read %s, and deleted', (_, read) => {
  it('is a new one to the cache once its bucket is full again', async () => {
    const cache = cacheOf()
    await cache.getSecretString('other')
    await read(cache)
    const ids = await idsOfLoads(cache, async () => {
      cache.delete(secret.arn)
      await clock.advance(5_000)
      await cache.getSecretString(`missing/${clock.now()}`).catch(() => {})
    })
    expect(ids).toEqual(formsOf(secret).map(form => [form, form]))
  })

  it('is read anew', async () => {
    const cache = cacheOf()
    await cache.getSecretString('other')
    await read(cache)
    cache.delete(secret.arn)
    fake.rotate(id, 'three')
    for (const form of [id, secret.arn, secret.arn.slice(0, -7)]) expect(await cache.getSecretString(form)).toBe('three')
    expect(cache.stats().entries).toBe(2)
  })
})

it('a secret that had to go is a new one to the cache at once', async () => {
  const cache = cacheOf({ maxEntries: 1 })
  await cache.getSecretString('other')
  await cache.getSecretString(id)
  const ids = await idsOfLoads(cache, () => {
    cache.invalidate('other')
    return cache.getSecretString('other')
  })
  expect(ids).toEqual(formsOf(secret).map(form => [form, form]))
})

it('a secret that is deleted and read again is kept, though others are forgotten by then', async () => {
  const cache = cacheOf()
  await cache.getSecretString('other')
  await cache.getSecretString(id)
  cache.delete('other')
  cache.delete(id)
  await cache.getSecretString(id)
  await clock.advance(5_000)
  await cache.getSecretString('third')
  fake.resetCalls()
  expect(await cache.getSecretString(id)).toBe('two')
  expect(fake.count()).toBe(0)
})

it('deleted and read in a loop, costs five calls at once and one a second then, though others are read meanwhile', async () => {
  const cache = cacheOf()
  await cache.getSecretString(id)
  fake.resetCalls()
  async function loop(): Promise<void> {
    for (let time = 0; time < 5; time += 1) {
      cache.delete(id)
      cache.getSecretString(id).catch(() => {})
      await settled()
      await cache.getSecretString(`missing/${clock.now()}/${time}`).catch(() => {})
    }
  }
  const calls = (): number => fake.calls.filter(({ input }) => input.SecretId === id).length
  await loop()
  expect(calls()).toBe(5)
  for (let second = 1; second <= 10; second += 1) {
    await clock.advance(1_000)
    await loop()
    expect(calls()).toBe(5 + second)
  }
})

it('a secret that is deleted while it is followed, and has the same version when it is read again, is told of to nobody', async () => {
  const cache = cacheOf()
  const heard: unknown[] = []
  cache.on('rotated', event => heard.push(event))
  cache.handle(id).on('rotated', event => heard.push(event))
  await cache.getSecretString(id)
  cache.delete(id)
  expect(await cache.getSecretString(id)).toBe('two')
  expect(heard).toEqual([])
})

it('a secret that is deleted while a load is under way has left no version: what is answered then counts at once', async () => {
  const source = new DeferredSource()
  const cache = cacheOf({ source })
  for (const [number, version] of [
    [1, 'v1'],
    [2, 'v2'],
  ] as const) {
    const refreshed = cache.refreshNow('secret')
    await (await source.request(number)).answer(version)
    await refreshed
  }
  const underWay = cache.refreshNow('secret')
  const slow = await source.request(3)
  cache.delete('secret')
  const read = cache.getSecretString('secret')
  await (await source.request(4)).answer('v1')
  expect(await read).toBe('v1')
  await slow.answer('v1')
  await underWay
})
