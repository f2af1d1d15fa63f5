import { SecretsManagerClient, type SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SecretCache, type SecretCacheOptions } from '../../../src/index.js'
import { type BrokenAnswer, FakeSecretsManager, type FakeServer, ManualClock } from '../../../src/testing/index.js'
import { rejectionOf } from '../../support/rejection.js'

const id = 'prod/key'
const credentials = { accessKeyId: 'nobody', secretAccessKey: 'nothing' }

let clock: ManualClock
let fake: FakeSecretsManager
let server: FakeServer
let cache: SecretCache

/** A cache with a client of the caller's. */
function cacheWith(config: SecretsManagerClientConfig = {}): void {
  const client = new SecretsManagerClient({
    endpoint: server.endpoint,
    region: fake.region,
    credentials,
    maxAttempts: 1,
    ...config,
  })
  cache = new SecretCache({ client, clock, ttlMs: 1_000, ttlJitter: 0, staleWhileRevalidateMs: 0 })
}

/** A cache with a client of its own, which finds its service by the environment. */
function cacheOfItsOwn(options: SecretCacheOptions = {}): SecretCache {
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', server.endpoint)
  vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey)
  cache = new SecretCache({ region: fake.region, clock, ttlMs: 1_000, ttlJitter: 0, staleWhileRevalidateMs: 0, ...options })
  return cache
}

beforeEach(async () => {
  clock = new ManualClock()
  fake = new FakeSecretsManager({ secrets: { [id]: 'one' } })
  server = await fake.listen()
})

afterEach(async () => {
  await cache.close()
  await server.close()
  vi.unstubAllEnvs()
})

describe("by a caller's client", () => {
  it.each<[string, number, string]>([
    ['ThrottlingException', 400, 'ERR_SECRET_THROTTLED'],
    ['SomethingNew', 429, 'ERR_SECRET_THROTTLED'],
    ['SomethingNew', 403, 'ERR_SECRET_UNAVAILABLE'],
    ['InternalServiceError', 500, 'ERR_SECRET_UNAVAILABLE'],
    ['ServiceUnavailable', 503, 'ERR_SECRET_UNAVAILABLE'],
  ])('%s with HTTP %i is %s, and the last known good is served', async (error, status, code) => {
    cacheWith()
    const codes: string[] = []
    cache.on('stale', ({ cause }) => codes.push(cause.code))
    await cache.getSecretString(id)
    await clock.advance(1_000)
    fake.inject({ error, status })
    expect(await cache.getSecretString(id)).toBe('one')
    expect(codes).toEqual([code])
  })

  it.each<BrokenAnswer>(['cut', 'echo', 'empty', 'html', 'reset', 'truncated', 'wrong-types'])(
    'an answer broken by %s passes, and the next one counts',
    async answer => {
      cacheWith()
      await cache.getSecretString(id)
      fake.rotate(id, 'two')
      fake.inject({ answer, times: 1 })
      await clock.advance(1_000)
      expect(await cache.getSecretString(id)).toBe('one')
      expect(cache.stats()).toMatchObject({ loads: 2, failures: 1, staleServed: 1 })
      expect(await cache.refreshNow(id)).toMatchObject({ name: id })
      expect(await cache.getSecretString(id)).toBe('two')
    },
  )

  it('a huge answer with everything in it is an answer', async () => {
    cacheWith()
    fake.inject({ answer: 'huge' })
    expect(await cache.getSecretString(id)).toBe('one')
  })

  it('its own retries are its own: one load, as many calls as it makes', async () => {
    cacheWith({ maxAttempts: 3 })
    fake.inject({ error: 'InternalServiceError', times: 2 })
    expect(await cache.getSecretString(id)).toBe('one')
    expect(fake.count()).toBe(3)
    expect(cache.stats()).toMatchObject({ loads: 1, failures: 0 })
  })

  it('credentials that cannot be had pass, and are asked for again by the backoff', async () => {
    let isDown = false
    const provider = async (): Promise<typeof credentials & { expiration: Date }> => {
      if (isDown) throw Object.assign(new Error('the provider is down'), { name: 'CredentialsProviderError' })
      return { ...credentials, expiration: new Date(0) }
    }
    cacheWith({ credentials: provider })
    await cache.getSecretString(id)
    fake.rotate(id, 'two')
    isDown = true
    await clock.advance(1_000)
    expect(await cache.getSecretString(id)).toBe('one')
    expect(cache.stats()).toMatchObject({ loads: 2, failures: 1, staleServed: 1 })
    isDown = false
    await clock.advance(12_800)
    await cache.getSecretString(id)
    await cache.idle()
    expect(await cache.getSecretString(id)).toBe('two')
  })

  it('credentials that were never there are said to be missing', async () => {
    const failing = (): Promise<never> => Promise.reject(Object.assign(new Error('none'), { name: 'CredentialsProviderError' }))
    cacheWith({ credentials: failing })
    await expect(cache.getSecretString(id)).rejects.toMatchObject({
      code: 'ERR_SECRET_CREDENTIALS',
      message: expect.stringMatching(/: none\. Is the role attached/),
    })
    expect(fake.count()).toBe(0)
  })

  it('a Region that is not the one of the service is refused by it', async () => {
    cacheWith({ region: 'us-east-1' })
    expect((await rejectionOf(cache.getSecretString(id))).code).toBe('ERR_SECRET_UNAVAILABLE')
  })

  it('a status without a body is known by its number', async () => {
    cacheWith()
    fake.inject({ error: 'Gateway', message: '', status: 502 })
    await expect(cache.getSecretString(id)).rejects.toMatchObject({ cause: { status: 502 } })
  })
})

describe('by a client of its own', () => {
  it('a batch that stays throttled is read one by one', async () => {
    const names = Array.from({ length: 5 }, (_, n) => `s/${n}`)
    for (const name of names) fake.create(name, name)
    fake.inject({ operation: 'BatchGetSecretValue', error: 'ThrottlingException' })
    const report = await cacheOfItsOwn({ clock: { now: Date.now } }).warmup(names)
    expect(report.map(({ outcome }) => outcome)).toEqual(names.map(() => 'loaded'))
    expect(fake.count('BatchGetSecretValue')).toBe(3)
  })

  it('a batch that fails for a transient reason is tried again for each secret, within the same load', async () => {
    const names = Array.from({ length: 5 }, (_, n) => `s/${n}`)
    for (const name of names) fake.create(name, name)
    fake.inject({ operation: 'BatchGetSecretValue', error: 'InternalServiceError' })
    const report = await cacheOfItsOwn({ clock: { now: Date.now }, backoff: { initialMs: 1 } }).warmup(names)
    expect(report.map(({ outcome }) => outcome)).toEqual(names.map(() => 'loaded'))
    expect(fake.count('GetSecretValue')).toBe(5)
  })

  it('an answer that cannot be read is tried again while there is nothing to serve', async () => {
    cacheOfItsOwn({ clock: { now: Date.now }, backoff: { initialMs: 1 } })
    fake.inject({ answer: 'truncated', times: 2 })
    expect(await cache.getSecretString(id)).toBe('one')
    expect(fake.count()).toBe(3)
  })

  it('65,536 bytes of text come back as they are', async () => {
    const text = 'ä'.repeat(32_768)
    fake.rotate(id, text)
    expect(await cacheOfItsOwn().getSecretString(id)).toBe(text)
  })
})
