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

  it.each(['TimeoutError', 'AbortError', 'SyntaxError', 'TypeError'])('is the name of %s without its message', name => {
    expect(readForeignError(withName(name))).toMatchObject({ name, message: undefined })
  })

  it.each([planted, 'Planted Exception', 'TypeErrors', 'AccessDeniedExceptionExtra', 'constructor', '__proto__'])(
    'is nothing of an unknown name: %s',
    name => {
      expect(readForeignError(withName(name))).toMatchObject({ name: 'Error', message: undefined })
    },
  )

  it.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'CERT_HAS_EXPIRED', 'UND_ERR_HEADERS_TIMEOUT'])(
    'is the code %s, wherever it stands',
    code => {
      for (const error of [{ code }, { cause: { code } }, { errors: [{ code }, { code: 'ECONNRESET' }] }])
        expect(readForeignError(error).code).toBe(code)
    },
  )

  it.each([planted, 'E', 'ESECRET', 5, null, ['ECONNRESET']])('is no code that the system does not have: %j', code => {
    expect(readForeignError({ code }).code).toBeUndefined()
  })

  it('is the HTTP status and the request id, if they look like such', () => {
    const good = { $metadata: { httpStatusCode: 503, requestId } }
    expect(readForeignError(good)).toMatchObject({ status: 503, requestId, answered: true })
    const bad = { $metadata: { httpStatusCode: planted, requestId: `${requestId}${planted}` } }
    expect(readForeignError(bad)).toMatchObject({ status: undefined, requestId: undefined })
    expect(readForeignError({ $response: { statusCode: 200, body: planted } })).toMatchObject({ status: 200, answered: true })
    expect(readForeignError({ code: 'ECONNRESET' }).answered).toBe(false)
  })

  it('is not a message that is none, and of a long one the beginning', () => {
    expect(readForeignError({ name: 'AccessDeniedException', message: { planted } }).message).toBeUndefined()
    expect(readForeignError(withName('AccessDeniedException', { message: 'x'.repeat(100_000) })).message).toHaveLength(1_000)
  })
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
    [new Error(planted), 'Error'],
    [planted, 'Error'],
    [undefined, 'Error'],
  ])('says the most telling thing there is to say of %j', (thrown, said) => {
    expect(causeFrom(readForeignError(thrown)).message).toBe(said)
  })
})
