import { describe, expect, it } from 'vitest'
import { noteAsked } from '../../../src/core/failures/asked.js'
import { errorFor, failure, failureFrom, isIdleReset } from '../../../src/core/failures/failure.js'
import { loadPeer, MissingPeerError } from '../../../src/core/failures/peer.js'
import { isSecretCacheError, SecretCacheError, type SecretCacheErrorCode } from '../../../src/index.js'
import { everythingVisibleIn } from '../../support/doors.js'

const planted = 'planted-7d1f'
const user = 'User: arn:aws:sts::123456789012:assumed-role/app/i-1 is not authorized to perform: secretsmanager:GetSecretValue'

function exception(name: string, message = ''): Error {
  return Object.assign(new Error(message), { name })
}

describe('an error of this package that a source throws', () => {
  it.each([
    ['ERR_SECRET_NOT_FOUND', 'denied'],
    ['ERR_SECRET_DELETED', 'denied'],
    ['ERR_SECRET_ACCESS_DENIED', 'denied'],
    ['ERR_SECRET_DECRYPTION', 'denied'],
    ['ERR_SECRET_VERSION', 'denied'],
    ['ERR_SECRET_THROTTLED', 'transient'],
    ['ERR_SECRET_TIMEOUT', 'transient'],
    ['ERR_SECRET_UNAVAILABLE', 'transient'],
    ['ERR_SECRET_CONFIG', 'transient'],
    ['ERR_SECRET_CREDENTIALS', 'transient'],
    ['ERR_SECRET_REQUEST', 'wrong'],
  ] as const)('keeps its code and hint: %s is %s', (code, kind) => {
    const own = new SecretCacheError({ code, message: 'm', hint: 'h', cause: new Error('c') })
    expect(failureFrom(own)).toMatchObject({ code, kind, hint: 'h' })
  })

  it('does not carry the foreign error out that is its cause', () => {
    const cause = Object.assign(new Error(planted), { SecretString: planted, name: 'AccessDeniedException' })
    const own = new SecretCacheError({
      code: 'ERR_SECRET_UNAVAILABLE',
      message: planted,
      cause: Object.assign(cause, { name: 'Nobody' }),
    })
    const failed = failureFrom(own)
    expect(everythingVisibleIn([failed, errorFor(failed, 'prod/db')])).not.toContain(planted)
  })
})

it('the HTTP status and the request id of an answer survive in the cause of an error that a source has made itself', () => {
  const requestId = '11111111-1111-4111-8111-111111111111'
  const answered = Object.assign(new Error('said'), { $metadata: { httpStatusCode: 403, requestId } })
  const cause = failureFrom(answered).cause
  const own = new SecretCacheError({ code: 'ERR_SECRET_CREDENTIALS', message: 'refused', cause })
  expect(failureFrom(own).cause).toMatchObject({ message: 'HTTP 403', status: 403, requestId })
})

describe('what came before any answer is told apart', () => {
  const system = (code: string): Error => Object.assign(new Error(''), { code })

  function noted(hasAnswered: boolean, code: string): Error {
    const thrown = system(code)
    noteAsked(thrown, { region: undefined, hasAnswered })
    return thrown
  }

  it.each<[string, unknown, SecretCacheErrorCode]>([
    ['a role that may not be assumed', exception('AccessDenied', 'to perform: sts:AssumeRole on r'), 'ERR_SECRET_CREDENTIALS'],
    ['a secret that may not be read', exception('AccessDenied', user), 'ERR_SECRET_ACCESS_DENIED'],
    ['a provider that finds nothing', exception('CredentialsProviderError'), 'ERR_SECRET_CREDENTIALS'],
    ['metadata that are switched off', exception('InstanceMetadataV1FallbackError'), 'ERR_SECRET_CREDENTIALS'],
    ['a token whose file is not there', noted(true, 'ENOENT'), 'ERR_SECRET_CREDENTIALS'],
    ['a token whose file may not be read', noted(false, 'EACCES'), 'ERR_SECRET_CREDENTIALS'],
    ['a file that a source of its own has missed', system('ENOENT'), 'ERR_SECRET_UNAVAILABLE'],
    ['a service that was never there', noted(false, 'ECONNREFUSED'), 'ERR_SECRET_CONFIG'],
    ['a service that is no longer there', noted(true, 'ECONNREFUSED'), 'ERR_SECRET_UNAVAILABLE'],
    ['a service of which nothing is known', system('ECONNREFUSED'), 'ERR_SECRET_UNAVAILABLE'],
    ['another failure of a service that never answered', noted(false, 'ECONNRESET'), 'ERR_SECRET_UNAVAILABLE'],
    ['endpoints that exclude each other', exception('EndpointError'), 'ERR_SECRET_CONFIG'],
    ['a module that is not there', system('ERR_MODULE_NOT_FOUND'), 'ERR_SECRET_CONFIG'],
    ['a missing Region', new Error('Region is missing'), 'ERR_SECRET_CONFIG'],
    ['a missing package', new MissingPeerError('some-package'), 'ERR_SECRET_CONFIG'],
    ['a limit of time', exception('TimeoutError'), 'ERR_SECRET_TIMEOUT'],
    ['HTTP 429', Object.assign(new Error(''), { $metadata: { httpStatusCode: 429 } }), 'ERR_SECRET_THROTTLED'],
    ['HTTP 430', Object.assign(new Error(''), { $metadata: { httpStatusCode: 430 } }), 'ERR_SECRET_UNAVAILABLE'],
    ['a KMS key, named by a service that is not asked for a key', exception('SlowDown', 'KMS'), 'ERR_SECRET_THROTTLED'],
  ])('%s', (_, thrown, code) => {
    expect(failureFrom(thrown)).toMatchObject({ code, waitingHelps: !/CONFIG|CREDENTIALS|DENIED/.test(code) })
  })

  it('another package that Node misses is told in its words', async () => {
    const said = "Cannot find package 'another' imported from /app/x.js"
    const thrown = Object.assign(new Error(said), { code: 'ERR_MODULE_NOT_FOUND' })
    await expect(loadPeer('some-package', () => Promise.reject(thrown))).rejects.toBe(thrown)
    expect(failureFrom(thrown)).toMatchObject({ code: 'ERR_SECRET_CONFIG', cause: { message: said } })
  })
})

describe('the error for a reader', () => {
  it.each([
    ['ResourceNotFoundException', '', 'denied', 'does not exist'],
    ['ResourceNotFoundException', "can't find the specified secret value", 'denied', 'has no such version'],
    ['InvalidRequestException', 'marked for deletion', 'denied', 'is scheduled for deletion'],
    ['AccessDeniedException', '', 'denied', 'may not be read'],
    ['UnrecognizedClientException', '', 'denied', 'may not be read'],
    ['EncryptionFailure', '', 'denied', 'could not be decrypted'],
    ['ThrottlingException', '', 'transient', 'could not be read'],
    ['TimeoutError', '', 'transient', 'could not be read in time'],
    ['ServiceUnavailable', '', 'transient', 'could not be read'],
    ['ExpiredTokenException', '', 'transient', 'could not be read'],
    ['EndpointError', '', 'transient', 'could not be read'],
    ['IDPRejectedClaim', '', 'transient', 'could not be read'],
    ['ValidationException', '', 'wrong', 'cannot be requested like this'],
  ])('of %s (%s) is %s, and says that the secret %s', (name, message, kind, outcome) => {
    const failed = failureFrom(exception(name, message))
    expect(failed.kind).toBe(kind)
    expect(errorFor(failed, 'prod/db').message).toContain(`The secret prod/db ${outcome}: ${message || name}`)
  })

  it.each([
    ['foreign', 'belongs to an account that is not allowed', 'ERR_SECRET_ACCOUNT', 'denied'],
    ['closed', 'was not read', 'ERR_SECRET_CACHE_CLOSED', 'transient'],
  ] as const)('of what the cache itself has found is told apart, too: %s', (sort, outcome, code, kind) => {
    const failed = failure(sort, 'said')
    expect(failed.kind).toBe(kind)
    expect(errorFor(failed, 'prod/db')).toMatchObject({ code, message: `The secret prod/db ${outcome}: said` })
  })

  it('says what failed, for which id, and why; it is a new one each time', () => {
    const failed = failureFrom(exception('AccessDeniedException', user))
    const [error, another] = [errorFor(failed, 'prod/db'), errorFor(failed, 'prod/db')]
    expect(error).toMatchObject({ name: 'SecretCacheError', code: 'ERR_SECRET_ACCESS_DENIED', secretId: 'prod/db' })
    expect(error.message).toBe(`The secret prod/db may not be read: ${user}. ${error.hint}`)
    expect(isSecretCacheError(error)).toBe(true)
    expect(error).not.toBe(another)
    expect(error.cause).toBe(another.cause)
  })

  it('of what we noticed ourselves says so', () => {
    expect(errorFor(failure('timeout', 'No response within 5 ms.'), 'a').message).toBe(
      'The secret a could not be read in time: No response within 5 ms.',
    )
  })
})

describe('an optional package', () => {
  it.each(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'])('that is not there is named (%s)', async code => {
    for (const said of ['nope', "Cannot find package 'some-package' imported from /app/x.js"]) {
      const load = (): Promise<never> => Promise.reject(Object.assign(new Error(said), { code }))
      await expect(loadPeer('some-package', load)).rejects.toMatchObject({
        name: 'MissingPeerError',
        message: 'The package some-package is not installed.',
      })
    }
  })

  it('that a bundler has not found is named', async () => {
    const stub = new Error('Could not resolve "some-package" imported by "awscurrent". Is it installed?')
    await expect(loadPeer('some-package', () => Promise.reject(stub))).rejects.toThrow(
      'The package some-package is not installed.',
    )
  })

  it('that fails while it loads is told as it is', async () => {
    const broken = new Error('broken')
    await expect(loadPeer('some-package', () => Promise.reject(broken))).rejects.toBe(broken)
    expect(await loadPeer('some-package', async () => ({ here: true }))).toEqual({ here: true })
  })
})

it.each([
  [true, 'a reset', { code: 'ECONNRESET' }],
  [true, 'a pipe that broke', { code: 'EPIPE' }],
  [false, 'another failure of the network', { code: 'ENOTFOUND' }],
  [false, 'a reset in the midst of an answer', { code: 'ECONNRESET', $metadata: { httpStatusCode: 200 } }],
])('is an idle connection that was reset: %j for %s', (expected, _, error) => {
  expect(isIdleReset(Object.assign(new Error('m'), error))).toBe(expected)
})
