import { getEventListeners } from 'node:events'
import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache, type SecretCacheOptions } from '../../../src/index.js'
import { clock, fake, useFake } from '../../support/fake-cache.js'
import { rejectionOf } from '../../support/rejection.js'

const id = 'prod/key'

let controller: AbortController

function cacheOf(options: SecretCacheOptions = {}): SecretCache {
  return new SecretCache({ source: fake.source(), clock, ttlMs: 1_000, ttlJitter: 0, staleWhileRevalidateMs: 0, ...options })
}

useFake({ [id]: 'one' })

beforeEach(() => {
  controller = new AbortController()
})

describe.each<[string, (cache: SecretCache, signal: AbortSignal) => Promise<unknown>]>([
  ['getSecretString', (cache, signal) => cache.getSecretString(id, { signal })],
  ['getSecretBinary', (cache, signal) => cache.getSecretBinary(id, { signal })],
  ['getSecretJson', (cache, signal) => cache.getSecretJson(id, undefined, { signal })],
  ['getSecret', (cache, signal) => cache.getSecret(id, { signal })],
  ['refreshNow', (cache, signal) => cache.refreshNow(id, { signal })],
  ['withSecret', (cache, signal) => cache.withSecret(id, () => 'used', { isAuthError: () => false, signal })],
])('the signal of %s', (_, read) => {
  it('ends its waiting with the reason, and the load goes on', async () => {
    const cache = cacheOf()
    fake.inject({ delayMs: 100 })
    const aborted = rejectionOf(read(cache, controller.signal))
    await clock.advance(50)
    controller.abort(new Error('enough'))
    expect((await aborted).message).toBe('enough')
    await clock.advance(50)
    expect(cache.peek(id)?.text()).toBe('one')
    expect(fake.count()).toBe(1)
  })

  it('that was aborted before ends it without a call', async () => {
    controller.abort()
    expect((await rejectionOf(read(cacheOf(), controller.signal))).name).toBe('AbortError')
    expect(fake.count()).toBe(0)
  })

  it('is listened to no longer than need be', async () => {
    const cache = cacheOf()
    await read(cache, controller.signal).catch(() => undefined)
    fake.inject({ error: 'InternalServiceError' })
    await read(cache, controller.signal).catch(() => undefined)
    await clock.advance(0)
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  })
})

it('a thousand reads with one signal leave nothing on it', async () => {
  const cache = cacheOf()
  for (let n = 0; n < 1_000; n += 1) await cache.getSecretString(id, { signal: controller.signal })
  expect(getEventListeners(controller.signal, 'abort')).toEqual([])
})

it('an abort while the last known good could be had ends the waiting all the same', async () => {
  const cache = cacheOf()
  await cache.getSecretString(id)
  await clock.advance(1_000)
  fake.inject({ hang: true })
  const aborted = rejectionOf(cache.getSecretString(id, { signal: controller.signal }))
  const patient = cache.getSecretString(id)
  await clock.advance(100)
  controller.abort(new Error('enough'))
  expect((await aborted).message).toBe('enough')
  await clock.advance(400)
  expect(await patient).toBe('one')
})

it('an abort by everybody leaves a load that fails to the error event, and no unhandled rejection', async () => {
  const cache = cacheOf()
  const errors: string[] = []
  cache.on('error', ({ error }) => errors.push(error.code))
  fake.inject({ error: 'InternalServiceError', delayMs: 100 })
  const aborted = rejectionOf(cache.getSecretString(id, { signal: controller.signal }))
  await clock.advance(0)
  controller.abort(new Error('enough'))
  await aborted
  await clock.advance(100)
  expect(errors).toEqual(['ERR_SECRET_UNAVAILABLE'])
})

it('an abort counts as no failure of the secret: the next read joins the load', async () => {
  const cache = cacheOf()
  fake.inject({ delayMs: 100 })
  const aborted = rejectionOf(cache.getSecretString(id, { signal: controller.signal }))
  controller.abort()
  await aborted
  const read = cache.getSecretString(id)
  await clock.advance(100)
  expect(await read).toBe('one')
  expect(cache.stats()).toMatchObject({ loads: 1, failures: 0 })
})

it.each([null, 'AWSPREVIOUS'])(
  'options that are no object are a TypeError, and read no other version than was meant: %j',
  async options => {
    const error = await rejectionOf(cacheOf().getSecretString(id, options as never))
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toContain('a read takes a plain object of options')
  },
)

it.each([null, 'soon', {}, controllerLike()])('a signal that is none is a TypeError: %j', async signal => {
  const error = await rejectionOf(cacheOf().getSecretString(id, { signal: signal as never }))
  expect(error).toBeInstanceOf(TypeError)
})

function controllerLike(): unknown {
  return { abort: () => undefined }
}
