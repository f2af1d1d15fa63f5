import { describe, expect, it } from 'vitest'
import { causeFrom, readForeignError } from '../../../src/core/failures/foreign-error.js'

const planted = 'planted-7d1f'
const requestId = '0a1b2c3d-0000-4000-8000-0123456789ab'

function withName(name: string, fields: object = {}): Error {
  return Object.assign(new Error(`said ${name}`), { name, ...fields })
}

describe('what is repeated of a foreign error', () => {
  it('is the name and message of an exception of the service', () => {
    expect(readForeignError(withName('AccessDeniedException'))).toMatchObject({
      name: 'AccessDeniedException',
      message: 'said AccessDeniedException',
    })
  })

  it.each(['InvalidSignatureException', 'SignatureDoesNotMatch', 'IncompleteSignatureException'])(
    'is what %s says before it quotes the request',
    name => {
      for (const end of [
        '\n\nThe Canonical String for this request should have been',
        ' The Canonical String is',
        '\r\nPOST',
        '\r',
      ])
        expect(readForeignError(withName(name, { message: `\nWhy it is refused.${end} ${planted}` })).message).toBe(
          'Why it is refused.',
        )
    },
  )

  it.each(['ValidationException', 'AccessDenied', 'CredentialsProviderError'])('is no session token that %s quotes', name => {
    for (const header of [
      'x-amz-security-token:',
      'X-Amz-Security-Token=',
      'x-amz-security-token%3A',
      '"x-amz-security-token": "',
    ])
      expect(readForeignError(withName(name, { message: `Not with ${header}${planted}` })).message).toMatch(
        /^Not with "?x-amz-security-token$/i,
      )
  })

  it.each(['TimeoutError', 'AbortError', 'SyntaxError', 'TypeError'])('is the name of %s without its message', name => {
    expect(readForeignError(withName(name))).toMatchObject({ name, message: undefined })
  })

  it.each([
    planted,
    'Planted Exception',
    'TypeErrors',
    'PlantedTypeError',
    'ProviderErrors',
    'PlantedProviderError',
    'AccessDeniedExceptionExtra',
    'ExceptionAccessDenied',
    'constructor',
    '__proto__',
  ])('is nothing of an unknown name: %s', name => {
    expect(readForeignError(withName(name))).toMatchObject({ name: 'Error', message: undefined })
  })

  it.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'CERT_HAS_EXPIRED', 'UND_ERR_HEADERS_TIMEOUT'])(
    'is the code %s, wherever it stands',
    code => {
      for (const error of [{ code }, { cause: { code } }, { errors: [{ code }, { code: 'ECONNRESET' }] }])
        expect(readForeignError(error).code).toBe(code)
    },
  )

  it.each([planted, 'E', 'ESECRET', `ENOTFOUND ${planted}`, `${planted} ENOTFOUND`, 5, null, ['ENOTFOUND']])(
    'is no code that the system does not have: %j',
    code => {
      expect(readForeignError({ code }).code).toBeUndefined()
    },
  )

  it('is the HTTP status and the request id, if they look like such', () => {
    const good = { $metadata: { httpStatusCode: 503, requestId } }
    expect(readForeignError(good)).toMatchObject({ status: 503, requestId, answered: true })
    const bad = { $metadata: { httpStatusCode: planted, requestId: `${requestId}${planted}` } }
    expect(readForeignError(bad)).toMatchObject({ status: undefined, requestId: undefined })
    expect(readForeignError({ $metadata: { requestId: `${planted}${requestId}` } }).requestId).toBeUndefined()
    expect(readForeignError({ $response: { statusCode: 200, body: planted } })).toMatchObject({ status: 200, answered: true })
    expect(readForeignError({ $response: {} }).answered).toBe(true)
    expect(readForeignError({ code: 'ECONNRESET' }).answered).toBe(false)
  })

  it('is known beside fields that are null', () => {
    const nothing = { $metadata: null, $response: null, cause: null, errors: null }
    expect(readForeignError(withName('ThrottlingException', nothing))).toMatchObject({ message: 'said ThrottlingException' })
  })

  it.each([
    [
      'a getter',
      {
        get message(): never {
          throw new Error(planted)
        },
      },
    ],
    [
      'a proxy',
      new Proxy(
        {},
        {
          get: () => {
            throw new Error(planted)
          },
        },
      ),
    ],
  ])('is nothing if %s throws', (_, thrown) => {
    expect(readForeignError(thrown)).toMatchObject({ name: 'Error', message: undefined })
  })

  it('is not a message that is none, and of a long one the beginning', () => {
    expect(readForeignError({ name: 'AccessDeniedException', message: { planted } }).message).toBeUndefined()
    expect(readForeignError(withName('AccessDeniedException', { message: 'x'.repeat(100_000) })).message).toHaveLength(1_000)
  })
})

describe('what came before any answer', () => {
  it.each([
    'ProviderError',
    'CredentialsProviderError',
    'TokenProviderError',
    'EndpointError',
    'InstanceMetadataV1FallbackError',
  ])('is told in the words of the SDK: %s', name => {
    expect(readForeignError(withName(name))).toMatchObject({ name, message: `said ${name}` })
  })

  it.each([
    'Region is missing',
    'Region not accepted: region="x" is not a valid hostname component.',
    'Dynamic require of "node:https" is not supported',
    'require is not defined',
    "Cannot find module 'x'",
    "Cannot find package 'x' imported from y",
  ])('is told without a name, too: %s', message => {
    expect(readForeignError(new Error(message)).message).toBe(message)
  })

  it.each([
    'socket hang up',
    'Client network socket disconnected before secure TLS connection was established',
    "Hostname/IP does not match certificate's altnames",
    'certificate has expired',
    'self-signed certificate in certificate chain',
    'connect ECONNRESET 127.0.0.1:443',
    'ECONNRESET: connection reset by peer',
  ])('is what Node says of a connection: %s', message => {
    expect(readForeignError(withName('Error', { message, code: 'ECONNRESET' })).message).toBe(message)
    expect(readForeignError(withName('Error', { message })).message).toBeUndefined()
  })

  it.each([
    `${planted} Region is missing`,
    `${planted} require is not defined`,
    `Dynamic require of "x" is not supported ${planted}`,
    `Cannot find ${planted}`,
    `${planted} socket hang up`,
    `socket hang up ${planted}`,
    `${planted} certificate `,
    `${planted} said connect ECONNRESET`,
  ])('is nothing that only looks like it: %s', message => {
    expect(readForeignError(withName('Error', { message, code: 'ECONNRESET' })).message).toBeUndefined()
  })

  it.each([
    `SyntaxError: ${planted}`,
    `Unexpected token ${planted}`,
    `${planted} in JSON at position 5`,
    `"${planted}" is not valid JSON`,
  ])('is nothing that may quote a text which could not be parsed: %s', message => {
    expect(readForeignError(withName('ProviderError', { message })).message).toBeUndefined()
  })

  it('is nothing once there was an answer', () => {
    const $metadata = { httpStatusCode: 500 }
    expect(readForeignError(withName('ProviderError', { $metadata })).message).toBeUndefined()
  })
})

it('a provider without words of its own is told in those of the system', () => {
  const message = 'connect ECONNREFUSED ::1:443'
  expect(readForeignError({ name: 'ProviderError', cause: { code: 'ECONNREFUSED', message } }).message).toBe(message)
})

describe('the cause made of it', () => {
  it('is an error with these and no other fields, and a trace that is not ours', () => {
    const error = withName('ThrottlingException', { SecretString: planted, $metadata: { httpStatusCode: 400, requestId } })
    const cause = causeFrom(readForeignError(error))
    expect(cause).toBeInstanceOf(Error)
    expect(cause).toMatchObject({ name: 'ThrottlingException', message: 'said ThrottlingException', status: 400, requestId })
    expect(Reflect.ownKeys(cause).sort()).toEqual(['message', 'name', 'requestId', 'stack', 'status'])
    expect(cause.stack).toBe(`ThrottlingException: said ThrottlingException (HTTP 400, request ${requestId})`)
  })

  it.each([
    [{ code: 'ECONNREFUSED' }, 'ECONNREFUSED'],
    [{ $metadata: { httpStatusCode: 502 } }, 'HTTP 502'],
    [{ name: 'TimeoutError' }, 'TimeoutError'],
    [{ name: 'ThrottlingException', message: '' }, 'ThrottlingException'],
    [new Error(planted), 'Error'],
    [planted, 'Error'],
    [undefined, 'Error'],
  ])('says the most telling thing there is to say of %j', (thrown, said) => {
    expect(causeFrom(readForeignError(thrown)).message).toBe(said)
  })

  it.each([
    [{ code: 'ECONNREFUSED' }, 'Error: ECONNREFUSED'],
    [{ $metadata: { httpStatusCode: 502 } }, 'Error: HTTP 502 (HTTP 502)'],
    [{ name: 'SlowDown', $metadata: { requestId } }, `SlowDown: SlowDown (request ${requestId})`],
  ])('has a trace that says no more than there is to say of %j', (thrown, trace) => {
    expect(causeFrom(readForeignError(thrown)).stack).toBe(trace)
  })
})
