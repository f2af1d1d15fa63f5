import { describe, expect, it } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { createLambdaCache, type LambdaCacheOptions } from '../../src/lambda/index.js'
import { DeferredSource, settled } from '../support/deferred-source.js'
import { clock, fake, useFake } from '../support/fake-cache.js'
import { rejectionOf } from '../support/rejection.js'

const id = 'prod/key'
const ttlMs = 60_000

function cacheOf(options: Partial<LambdaCacheOptions> = {}): SecretCache {
  return createLambdaCache({ secrets: [id], client: fake.client(), clock, ttlMs, ttlJitter: 0, ...options })
}

useFake({ [id]: 'one', other: 'one' })

describe('the warm-up', () => {
  it('begins at once, and idle() waits for it', async () => {
    const source = new DeferredSource()
    const cache = createLambdaCache({ secrets: ['secret'], source, clock })
    let isIdle = false
    const idle = cache.idle().then(() => {
      isIdle = true
    })
    await settled()
    expect(source.sent).toHaveLength(1)
    expect(isIdle).toBe(false)
    await source.sent[0]?.answer('v1')
    await idle
    expect(cache.peek('secret')?.text()).toBe('v1')
  })

  it('of 45 secrets is 3 calls', async () => {
    const secrets = Array.from({ length: 45 }, (_, index) => `prod/${index}`)
    for (const secretId of secrets) fake.create(secretId, 'one')
    await cacheOf({ secrets }).idle()
    expect(fake.calls.map(({ operation }) => operation)).toEqual(Array(3).fill('BatchGetSecretValue'))
  })

  it('that fails is an event, and the first read tries again without a pause', async () => {
    fake.inject({ error: 'InternalServiceError', times: 1 })
    const cache = cacheOf()
    const failures: string[] = []
    cache.on('error', ({ error }) => failures.push(error.code))
    await cache.idle()
    expect(failures).toEqual(['ERR_SECRET_UNAVAILABLE'])
    expect(await cache.getSecretString(id)).toBe('one')
  })

  it('fails one secret and loads the others', async () => {
    const cache = cacheOf({ secrets: ['missing', id] })
    await cache.idle()
    expect(cache.peek(id)?.text()).toBe('one')
    expect(cache.peek('missing')).toBeUndefined()
  })

  it('that ends late leaves alone what a read has found since its failure', async () => {
    fake.inject({ secretId: id, error: 'InternalServiceError', times: 1 })
    fake.inject({ secretId: 'other', delayMs: 3_000 })
    const cache = cacheOf({ secrets: [id, 'other'] })
    await clock.advance(1_000)
    expect(await cache.getSecretString(id)).toBe('one')
    await clock.advance(2_000)
    await cache.idle()
    fake.resetCalls()
    expect(await cache.getSecretString(id)).toBe('one')
    expect(fake.count()).toBe(0)
  })

  it('of no secrets is none', async () => {
    await cacheOf({ secrets: [] }).idle()
    expect(fake.count()).toBe(0)
  })
})

describe('past the TTL a read waits for its load', () => {
  const staleWhileRevalidateMs = 60_000
  const fromJavaScript: [string, object][] = [
    ['', {}],
    [', although revalidation is asked for', { staleWhileRevalidateMs }],
    [', although revalidation is asked for one secret', { perSecret: { [id]: { staleWhileRevalidateMs } } }],
  ]

  it.each(fromJavaScript)('and is given the new version%s', async (_, options) => {
    const cache = cacheOf(options)
    await cache.idle()
    fake.rotate(id, 'two')
    await clock.advance(ttlMs)
    expect(await cache.getSecretString(id)).toBe('two')
  })

  it('however long that takes within its deadline', async () => {
    const cache = cacheOf()
    await cache.idle()
    fake.rotate(id, 'two')
    await clock.advance(ttlMs)
    fake.inject({ delayMs: 4_999 })
    const read = cache.getSecretString(id)
    await clock.advance(4_999)
    expect(await read).toBe('two')
  })

  it('and after a load that failed in passing is given the last known good', async () => {
    const cache = cacheOf()
    await cache.idle()
    await clock.advance(ttlMs)
    fake.inject({ error: 'InternalServiceError' })
    expect(await cache.getSecretString(id)).toBe('one')
  })

  it('as long as staleWaitMs says, if it is given', async () => {
    const cache = cacheOf({ staleWaitMs: 100 })
    await cache.idle()
    await clock.advance(ttlMs)
    fake.inject({ hang: true })
    const read = cache.getSecretString(id)
    await clock.advance(100)
    expect(await read).toBe('one')
  })
})

it('a rotation event is heeded at once, although a spread is asked for', async () => {
  const spread: object = { refreshSpreadMs: 60_000 }
  const cache = cacheOf(spread)
  await cache.idle()
  expect(await cache.handleRotationEvent(fake.rotate(id, 'two'))).toMatchObject([{ outcome: 'refreshed' }])
})

it('settings of single secrets hold', async () => {
  const cache = cacheOf({ secrets: [id, 'other'], perSecret: { other: { ttlMs: 1_000 } } })
  await cache.idle()
  await clock.advance(1_000)
  fake.resetCalls()
  await cache.getSecretString(id)
  expect(fake.count()).toBe(0)
  await cache.getSecretString('other')
  expect(fake.count()).toBe(1)
})

it('a cache that is closed in the middle of its warm-up says so to its readers', async () => {
  fake.inject({ hang: true })
  const cache = cacheOf()
  const closed = cache.close()
  await clock.advance(5_000)
  await closed
  await cache.idle()
  expect(await rejectionOf(cache.getSecretString(id))).toMatchObject({ code: 'ERR_SECRET_CACHE_CLOSED' })
})

it.each<[string, unknown, RegExp]>([
  ['no options', undefined, /^secrets must be a list/],
  ['no list of secrets', {}, /^secrets must be a list/],
  ['one id for a list', { secrets: id }, /^secrets must be a list/],
  ['an empty id', { secrets: [id, ''] }, /^secrets\[1\] /],
  ['a number for an id', { secrets: [7] }, /^secrets\[0\] /],
  ['an unknown option', { secrets: [], ttl: 5 }, /ttl/],
  ['a bad option that has no effect here', { secrets: [], staleWhileRevalidateMs: -1 }, /^staleWhileRevalidateMs must/],
  ['settings that are none', { secrets: [], perSecret: { [id]: 5 } }, /^perSecret\['prod\/key'\] must/],
  ['settings of no secret', { secrets: [], perSecret: 5 }, /^perSecret must/],
])('%s is a TypeError that says so', (_, options, message) => {
  const create = (): SecretCache => createLambdaCache(options as LambdaCacheOptions)
  expect(create).toThrow(TypeError)
  expect(create).toThrow(message)
})

it('last known good values can be ruled out: no window of revalidation needs them', () => {
  expect(createLambdaCache({ secrets: [], staleIfErrorMs: 0, perSecret: { [id]: { staleIfErrorMs: 0 } } })).toBeInstanceOf(
    SecretCache,
  )
})
