import { once } from 'node:events'
import { PassThrough, type Writable } from 'node:stream'
import pino from 'pino'
import { describe, expect, it } from 'vitest'
import { createLogger, format, transports } from 'winston'
import { copyOf } from '../../../src/core/failures/errors.js'
import { isSecretCacheError, SecretCache, SecretCacheError } from '../../../src/index.js'
import { rejectionOf } from '../../support/rejection.js'

const requestId = '0a1b2c3d-0000-4000-8000-0123456789ab'
const said = 'User: arn:aws:sts::123456789012:assumed-role/app/i-1 is not authorized to perform: secretsmanager:GetSecretValue'
const told = [
  'SecretCacheError',
  'ERR_SECRET_ACCESS_DENIED',
  'prod/db',
  'AccessDeniedException',
  said,
  'The role needs secretsmanager:GetSecretValue',
  '400',
  requestId,
]

/** The error of a read that IAM denies. */
function denial(): Promise<SecretCacheError> {
  const $metadata = { httpStatusCode: 400, requestId }
  const thrown = Object.assign(new Error(said), { name: 'AccessDeniedException', $metadata })
  return rejectionOf(new SecretCache({ source: { get: () => Promise.reject(thrown) } }).getSecretString('prod/db'))
}

/** What a logger prints of an error. */
function printed(log: (error: Error, stream: Writable) => void): (error: Error) => Promise<string> {
  return async error => {
    const stream = new PassThrough()
    log(error, stream)
    const [text] = (await once(stream, 'data')) as [Buffer]
    return text.toString()
  }
}

const asWinston = printed((error, stream) => {
  createLogger({ format: format.json(), transports: [new transports.Stream({ stream })] }).error(error)
})

describe('nothing of an error is lost to a logger', () => {
  it.each<[string, (error: Error) => string | Promise<string>]>([
    ['JSON.stringify', error => JSON.stringify({ error })],
    ['pino', printed((error, stream) => pino(stream).error(error))],
    ['pino, as a field', printed((error, stream) => pino(stream).warn({ err: error }, 'It failed.'))],
    ['winston', asWinston],
    [
      'winston, as a field',
      printed((error, stream) => {
        createLogger({ format: format.json(), transports: [new transports.Stream({ stream })] }).error('It failed.', { error })
      }),
    ],
  ])('%s', async (_, print) => {
    const text = await print(await denial())
    for (const part of told) expect(text).toContain(part)
  })

  it('that prints the message alone: the reason is in it, and the hint at its end', async () => {
    const { message, hint = 'none' } = await denial()
    expect(message).toBe(`The secret prod/db may not be read: ${said}. ${hint}`)
  })

  it('in JSON it has these members, and the cause as well', async () => {
    const error = await denial()
    expect(error.toJSON()).toEqual({
      name: 'SecretCacheError',
      code: 'ERR_SECRET_ACCESS_DENIED',
      message: error.message,
      hint: error.hint,
      secretId: 'prod/db',
      cause: { name: 'AccessDeniedException', code: undefined, message: said, status: 400, requestId },
    })
  })
})

describe('an error in JSON', () => {
  it.each(['secretId', 'hint', 'cause'])('has no field for what there is not: %s', field => {
    expect(Object.keys(new SecretCacheError({ code: 'ERR_SECRET_FORMAT', message: 'm' }))).not.toContain(field)
  })

  it('has no member for what there is not', () => {
    const error = new SecretCacheError({ code: 'ERR_SECRET_FORMAT', message: 'm' })
    expect(JSON.stringify(error)).toBe('{"name":"SecretCacheError","code":"ERR_SECRET_FORMAT","message":"m"}')
  })

  it('shows of a cause that is no error, and of fields that are not known, nothing', () => {
    const causes = ['planted', Object.assign(new Error('m'), { SecretString: 'planted' })]
    for (const cause of causes) {
      expect(JSON.stringify(new SecretCacheError({ code: 'ERR_SECRET_FORMAT', message: 'm', cause }))).not.toContain('planted')
    }
  })
})

it.each([
  ['A message.', 'A message. Hint.'],
  ['A message', 'A message. Hint.'],
  ['A question?', 'A question? Hint.'],
  ['Not 1.5 of them', 'Not 1.5 of them. Hint.'],
  ['It has the hint. Hint.', 'It has the hint. Hint.'],
])('the hint follows as a sentence of its own: %s', (message, expected) => {
  const error = new SecretCacheError({ code: 'ERR_SECRET_FORMAT', message, hint: 'Hint.' })
  expect(error.message).toBe(expected)
  expect(copyOf(error).message).toBe(expected)
})

it('an error of another copy of the package is known by the mark that all copies share', () => {
  const mark = Symbol.for('awscurrent.SecretCacheError')
  expect(isSecretCacheError(Object.assign(new Error('m'), { [mark]: true }))).toBe(true)
  expect(isSecretCacheError(Object.assign(new Error('m'), { [mark]: 'yes' }))).toBe(false)
})

it.each([null, undefined, 'ERR_SECRET_FORMAT', 5, {}, new Error('m')])('%j is no error of this package', thrown => {
  expect(isSecretCacheError(thrown)).toBe(false)
})
