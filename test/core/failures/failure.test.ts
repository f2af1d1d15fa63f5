import { describe, expect, it } from 'vitest'
import { errorFor, failure, failureFrom, isIdleReset } from '../../../src/core/failures/failure.js'
import { loadPeer } from '../../../src/core/failures/peer.js'
import { isSecretCacheError, SecretCacheError } from '../../../src/index.js'
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

describe('the error for a reader', () => {
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
    expect(errorFor(failure('timeout', 'No answer within 5 ms.'), 'a').message).toBe(
      'The secret a could not be read in time: No answer within 5 ms.',
    )
  })
})

describe('an optional package', () => {
  it.each(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'])('that is not there is named (%s)', async code => {
    const load = (): Promise<never> => Promise.reject(Object.assign(new Error('nope'), { code }))
    await expect(loadPeer('some-package', load)).rejects.toThrow('The package some-package is not installed.')
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
