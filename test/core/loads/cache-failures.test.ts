import { describe, expect, it } from 'vitest'
import { SecretCache, type SecretCacheErrorCode, type SecretCacheOptions } from '../../../src/index.js'
import { clock, fake, useFake } from '../../support/fake-cache.js'
import { rejectionOf } from '../../support/rejection.js'

const id = 'prod/key'
const ttlMs = 10_000

function cacheOf(options: SecretCacheOptions = {}): SecretCache {
  return new SecretCache({ source: fake.source(), clock, ttlMs, ttlJitter: 0, staleWhileRevalidateMs: 0, ...options })
}

/** A source that rejects with `thrown` from the second request on. */
function failingAfterOne(thrown: unknown): NonNullable<SecretCacheOptions['source']> {
  const good = fake.source()
  let requests = 0
  return {
    get(request, options) {
      requests += 1
      return requests === 1 ? good.get(request, options) : Promise.reject(thrown)
    },
  }
}

useFake({ [id]: 'one' })

const transient: [string, SecretCacheErrorCode][] = [
  ['ThrottlingException', 'ERR_SECRET_THROTTLED'],
  ['Throttling', 'ERR_SECRET_THROTTLED'],
  ['ThrottledException', 'ERR_SECRET_THROTTLED'],
  ['RequestThrottled', 'ERR_SECRET_THROTTLED'],
  ['RequestThrottledException', 'ERR_SECRET_THROTTLED'],
  ['TooManyRequestsException', 'ERR_SECRET_THROTTLED'],
  ['LimitExceededException', 'ERR_SECRET_THROTTLED'],
  ['RequestLimitExceeded', 'ERR_SECRET_THROTTLED'],
  ['BandwidthLimitExceeded', 'ERR_SECRET_THROTTLED'],
  ['SlowDown', 'ERR_SECRET_THROTTLED'],
  ['PriorRequestNotComplete', 'ERR_SECRET_THROTTLED'],
  ['ProvisionedThroughputExceededException', 'ERR_SECRET_THROTTLED'],
  ['InternalServiceError', 'ERR_SECRET_UNAVAILABLE'],
  ['InternalFailure', 'ERR_SECRET_UNAVAILABLE'],
  ['InternalServerError', 'ERR_SECRET_UNAVAILABLE'],
  ['ServiceUnavailable', 'ERR_SECRET_UNAVAILABLE'],
  ['ServiceUnavailableException', 'ERR_SECRET_UNAVAILABLE'],
  ['ExpiredToken', 'ERR_SECRET_UNAVAILABLE'],
  ['ExpiredTokenException', 'ERR_SECRET_UNAVAILABLE'],
  ['RequestExpired', 'ERR_SECRET_UNAVAILABLE'],
  ['InvalidSignatureException', 'ERR_SECRET_UNAVAILABLE'],
  ['SignatureDoesNotMatch', 'ERR_SECRET_UNAVAILABLE'],
  ['IncompleteSignature', 'ERR_SECRET_UNAVAILABLE'],
  ['MissingAuthenticationTokenException', 'ERR_SECRET_UNAVAILABLE'],
  ['RequestTimeTooSkewed', 'ERR_SECRET_UNAVAILABLE'],
  ['RequestTimeoutException', 'ERR_SECRET_UNAVAILABLE'],
  ['CredentialsProviderError', 'ERR_SECRET_CREDENTIALS'],
  ['TokenProviderError', 'ERR_SECRET_CREDENTIALS'],
  ['AbortError', 'ERR_SECRET_UNAVAILABLE'],
  ['TimeoutError', 'ERR_SECRET_TIMEOUT'],
  ['AnExceptionOfTomorrow', 'ERR_SECRET_UNAVAILABLE'],
]

const denied: [string, SecretCacheErrorCode, string?][] = [
  ['AccessDeniedException', 'ERR_SECRET_ACCESS_DENIED'],
  ['AccessDenied', 'ERR_SECRET_ACCESS_DENIED'],
  ['NotAuthorized', 'ERR_SECRET_ACCESS_DENIED'],
  ['OptInRequired', 'ERR_SECRET_ACCESS_DENIED'],
  ['UnrecognizedClientException', 'ERR_SECRET_ACCESS_DENIED'],
  ['InvalidClientTokenId', 'ERR_SECRET_ACCESS_DENIED'],
  ['DecryptionFailure', 'ERR_SECRET_DECRYPTION'],
  ['ResourceNotFoundException', 'ERR_SECRET_NOT_FOUND', "Secrets Manager can't find the specified secret."],
  [
    'ResourceNotFoundException',
    'ERR_SECRET_VERSION',
    "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
  ],
  [
    'InvalidRequestException',
    'ERR_SECRET_DELETED',
    "You can't perform this operation on the secret because it was marked for deletion.",
  ],
  [
    'InvalidRequestException',
    'ERR_SECRET_DELETED',
    "You tried to perform the operation on a secret that's currently marked deleted.",
  ],
]

const wrong: [string, SecretCacheErrorCode, string?][] = [
  ['InvalidParameterException', 'ERR_SECRET_REQUEST'],
  ['ValidationException', 'ERR_SECRET_REQUEST'],
  ['ValidationError', 'ERR_SECRET_REQUEST'],
  ['InvalidRequestException', 'ERR_SECRET_REQUEST', 'The request is not valid for the current state.'],
]

function injected(error: string, message: string | undefined): { error: string; message?: string } {
  return message === undefined ? { error } : { error, message }
}

describe('a failure that passes', () => {
  it.each(transient)('%s is %s, and the last known good is served until staleIfErrorMs', async (error, code) => {
    const cache = cacheOf({ staleIfErrorMs: 3_600_000 })
    const causes: string[] = []
    cache.on('stale', ({ cause }) => causes.push(cause.code))
    await cache.getSecretString(id)
    fake.inject({ error })
    await clock.advance(ttlMs + 3_600_000 - 1)
    expect(await cache.getSecretString(id)).toBe('one')
    expect(causes).toEqual([code])
    await clock.advance(1)
    await expect(cache.getSecretString(id)).rejects.toMatchObject({ code, secretId: id })
  })

  it.each([
    ['an idle socket that was reset', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }), 'ECONNRESET'],
    ['a name that does not resolve', Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }), 'ENOTFOUND'],
    [
      'every address refused',
      new AggregateError([Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })]),
      'ECONNREFUSED',
    ],
    ['a wrapped socket error', new TypeError('fetch failed', { cause: { code: 'UND_ERR_SOCKET' } }), 'UND_ERR_SOCKET'],
  ])('may be %s', async (_, thrown, code) => {
    const cache = cacheOf({ source: failingAfterOne(thrown) })
    const errors: unknown[] = []
    cache.on('error', ({ error }) => errors.push(error))
    await cache.getSecretString(id)
    await clock.advance(ttlMs)
    expect(await cache.getSecretString(id)).toBe('one')
    expect(errors).toMatchObject([{ code: 'ERR_SECRET_UNAVAILABLE', cause: { code } }])
  })

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'down'],
    ['a number', 503],
    ['an object without a prototype', Object.create(null)],
    ['an object whose name is none', { name: Object.create(null) }],
    ['an object that throws when it is looked at', Object.defineProperty({}, 'name', { get: () => expect.fail('looked') })],
  ])('may be %s: it pauses like any other', async (_, thrown) => {
    const cache = cacheOf({ source: failingAfterOne(thrown) })
    await cache.getSecretString(id)
    await clock.advance(ttlMs)
    expect(await cache.getSecretString(id)).toBe('one')
    expect(await cache.getSecretString(id)).toBe('one')
    expect(cache.stats()).toMatchObject({ loads: 2, failures: 1 })
  })

  it('may be throttling that says so only by its status', async () => {
    const cache = cacheOf()
    fake.inject({ error: 'SomethingNew', status: 429 })
    await expect(cache.getSecretString(id)).rejects.toMatchObject({ code: 'ERR_SECRET_THROTTLED', cause: { status: 429 } })
  })
})

describe('a failure that denies', () => {
  it.each(denied)('%s is %s: the value ends with its TTL', async (error, code, message) => {
    const cache = cacheOf()
    await cache.getSecretString(id)
    fake.inject(injected(error, message))
    await clock.advance(ttlMs - 1)
    expect(await cache.getSecretString(id)).toBe('one')
    await clock.advance(1)
    const refusal = await rejectionOf(cache.getSecretString(id))
    expect(refusal).toMatchObject({ name: 'SecretCacheError', code, secretId: id })
    expect(refusal.message).toContain(id)
    expect(cache.peek(id)).toBeUndefined()
  })

  it('is over as soon as a load succeeds again', async () => {
    const cache = cacheOf()
    await cache.getSecretString(id)
    fake.inject({ error: 'AccessDeniedException', times: 1 })
    await clock.advance(ttlMs)
    await rejectionOf(cache.getSecretString(id))
    await clock.advance(200)
    expect(await cache.getSecretString(id)).toBe('one')
    fake.inject({ error: 'InternalServiceError' })
    await clock.advance(ttlMs)
    expect(await cache.getSecretString(id)).toBe('one')
  })

  it('pauses: reads during it make no call', async () => {
    const cache = cacheOf()
    fake.inject({ error: 'AccessDeniedException' })
    for (let read = 0; read < 10; read += 1) await rejectionOf(cache.getSecretString(id))
    expect(fake.count()).toBe(1)
  })

  it('ends the window of staleWhileRevalidateMs too', async () => {
    const cache = cacheOf({ staleWhileRevalidateMs: 60_000 })
    await cache.getSecretString(id)
    fake.inject({ error: 'AccessDeniedException' })
    await clock.advance(ttlMs)
    await cache.getSecretString(id)
    await cache.idle()
    await expect(cache.getSecretString(id)).rejects.toMatchObject({ code: 'ERR_SECRET_ACCESS_DENIED' })
  })
})

it('a pause whose settings are named but left undefined is the default one', async () => {
  const backoff = { initialMs: undefined, factor: undefined, maxMs: undefined } as never
  const cache = cacheOf({ backoff })
  fake.inject({ error: 'InternalServiceError' })
  for (let read = 0; read < 10; read += 1) await rejectionOf(cache.getSecretString(id))
  expect(fake.count()).toBe(1)
})

describe('a wrong request', () => {
  it.each(wrong)('%s is %s: never served over, whatever staleIfDeniedMs is', async (error, code, message) => {
    const cache = cacheOf({ staleIfDeniedMs: 3_600_000 })
    await cache.getSecretString(id)
    fake.inject(injected(error, message))
    await clock.advance(ttlMs)
    await expect(cache.getSecretString(id)).rejects.toMatchObject({ code, secretId: id })
  })
})

describe('by the service itself', () => {
  it('a secret that was scheduled for deletion ends, and comes back when it is restored', async () => {
    const cache = cacheOf()
    await cache.getSecretString(id)
    fake.perform('DeleteSecret', { SecretId: id })
    await clock.advance(ttlMs)
    const refusal = await rejectionOf(cache.getSecretString(id))
    expect(refusal).toMatchObject({ code: 'ERR_SECRET_DELETED', hint: expect.stringContaining('RestoreSecret') })
    fake.perform('RestoreSecret', { SecretId: id })
    await clock.advance(200)
    expect(await cache.getSecretString(id)).toBe('one')
  })

  it('a pinned version of a deleted secret ends with its TTL too', async () => {
    const cache = cacheOf()
    const { versionId } = await cache.getSecret(id)
    await cache.getSecretString(id, { versionId })
    fake.perform('DeleteSecret', { SecretId: id })
    await clock.advance(ttlMs)
    await expect(cache.getSecretString(id, { versionId })).rejects.toMatchObject({ code: 'ERR_SECRET_DELETED' })
  })
})
