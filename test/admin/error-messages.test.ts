import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createSecret, putSecretValue, rotateNow } from '../../src/admin/index.js'
import { loadSdk } from '../../src/core/loads/sdk.js'
import { SecretCache } from '../../src/index.js'
import { FakeSecretsManager } from '../../src/testing/index.js'
import { rejectionOf } from '../support/rejection.js'

const id = 'prod/key'

let cache: SecretCache

// Its import takes time that no test spells out.
beforeAll(() => loadSdk())
beforeEach(() => {
  cache = new SecretCache({ client: new FakeSecretsManager({ secrets: { [id]: 'one' } }).client() })
})
afterEach(() => cache.close())

/** A client, none of the SDK, whose calls fail. */
function failing(name: string, message = 'It failed.', fields: object = {}) {
  return { client: { send: () => Promise.reject(Object.assign(new Error(message), { name, ...fields })) } }
}

type Given = ReturnType<typeof failing> | undefined

/** Each function, what it says that it could not do, what it needs, and what it advises where it may have done it. */
const operations: [name: string, call: (given: Given) => Promise<unknown>, done: string, needs: string, lookFirst: string][] = [
  [
    'CreateSecret',
    given => createSecret(cache, id, 'two', given),
    'created',
    'kms:GenerateDataKey and kms:Decrypt on a key of yours',
    'The write may have been carried out: read the secret before you write again.',
  ],
  [
    'PutSecretValue',
    given => putSecretValue(cache, id, 'two', given),
    'written',
    'kms:GenerateDataKey and kms:Decrypt on a key of yours',
    'The write may have been carried out: read the secret before you write again.',
  ],
  [
    'RotateSecret',
    given => rotateNow(cache, id, given),
    'rotated',
    'lambda:InvokeFunction on its rotation function',
    'The rotation may have started: AWSPENDING is the version that it creates.',
  ],
]

const unsent = 'The request was never sent, so the secret is unchanged.'

describe.each(operations)('%s', (operation, call, done, needs, lookFirst) => {
  it.each(['AccessDeniedException', 'DecryptionFailure'])('that fails by %s says what the role needs', async name => {
    const { message, hint } = await rejectionOf(call(failing(name)))
    expect(hint).toBe(`The role needs secretsmanager:${operation} on the secret, and ${needs}.`)
    expect(message).toBe(`The secret ${id} could not be ${done}: It failed. ${hint}`)
  })

  it('that a policy denies says which policy', async () => {
    const error = await rejectionOf(call(failing('AccessDeniedException', 'because no session policy allows the action')))
    expect(error.hint).toBe("The role's session policy does not allow this call.")
  })

  it('without an answer says that it may have been done', async () => {
    expect((await rejectionOf(call(failing('InternalServiceError')))).hint).toBe(lookFirst)
  })

  it('that was never sent says so, and why', async () => {
    const error = await rejectionOf(call(failing('Error', 'getaddrinfo ENOTFOUND x', { code: 'ENOTFOUND' })))
    expect(error.hint).toMatch(/^The request was never sent, so the secret is unchanged\. The endpoint does not resolve\. /)
  })
})

it.each(operations.slice(0, 2))(
  '%s through a closed cache was never sent, and nothing else is to be done',
  async (_, call, done) => {
    await cache.close()
    expect(await rejectionOf(call(undefined))).toMatchObject({
      code: 'ERR_SECRET_CACHE_CLOSED',
      secretId: id,
      hint: unsent,
      message: `The secret ${id} could not be ${done}: The cache is closed. ${unsent}`,
    })
  },
)

it('a rotation that the service rejects says how to configure one, and a write does not', async () => {
  const given = failing('InvalidRequestException', 'No Lambda.')
  expect((await rejectionOf(rotateNow(cache, id, given))).hint).toBe(
    'Is rotation configured for it? Configure it once: in the console, with a CloudFormation RotationSchedule, or by RotateSecret with a RotationLambdaARN.',
  )
  expect((await rejectionOf(putSecretValue(cache, id, 'two', given))).hint).toBeUndefined()
})

describe('the words of the service', () => {
  const words = 'planted-value'
  const told = async (name: string) => {
    const { cause } = await rejectionOf(putSecretValue(cache, id, 'two', failing(name, words)))
    return cause as Error
  }

  it.each([
    'AccessDeniedException',
    'NotAuthorized',
    'OptInRequired',
    'UnrecognizedClientException',
    'InvalidClientTokenId',
    'ResourceNotFoundException',
    'ResourceExistsException',
    'InvalidRequestException',
    'LimitExceededException',
    'DecryptionFailure',
    'EncryptionFailure',
  ])('are told of %s, which is about no field of the request', async name => {
    expect(await told(name)).toMatchObject({ name, message: words })
  })

  it.each([
    ['ValidationException', 'A field of the request was rejected.'],
    ['InvalidParameterException', 'A field of the request was rejected.'],
    ['SerializationException', 'A field of the request was rejected.'],
    ['ThrottlingException', 'ThrottlingException'],
    ['RequestLimitExceeded', 'RequestLimitExceeded'],
    ['InternalServiceError', 'InternalServiceError'],
  ])('are not told of %s, which may quote one', async (name, message) => {
    expect(await told(name)).toMatchObject({ name, message })
  })

  it('are told of a request for a rotation, which has no value to quote', async () => {
    const { cause } = await rejectionOf(rotateNow(cache, id, failing('ValidationException', words)))
    expect(cause).toMatchObject({ name: 'ValidationException', message: words })
  })
})
