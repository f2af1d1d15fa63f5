import { expect, it } from 'vitest'
import { readDatabaseSecret } from '../../../src/rotation/database/rotated-secret.js'

const database = { engines: ['postgres', 'aurora-postgresql'], defaultPort: 5_432 }
const secret = { host: 'h', username: 'u', password: 'planted-value' }
const read = (value: unknown) =>
  readDatabaseSecret(typeof value === 'string' ? value : JSON.stringify(value), { secretId: 'db', database })

it('a port may be text; what is not there has its default; TLS is on', () => {
  expect(read({ ...secret, engine: 'postgres', port: '6543', ssl: false }).login).toEqual({
    host: 'h',
    port: 6_543,
    username: 'u',
    password: 'planted-value',
    dbname: undefined,
    tls: false,
  })
  expect(read({ ...secret, engine: 'aurora-postgresql' }).login).toMatchObject({ port: 5_432, tls: true })
  expect(read(secret).login.tls).toBe(true)
})

it.each([
  [false, false],
  ['false', true],
  ['true', true],
  [true, true],
])('ssl: %j: TLS is %s, for nothing but false itself switches it off', (ssl, tls) => {
  expect(read({ ...secret, ssl }).login.tls).toBe(tls)
})

it.each([
  [
    'another engine',
    { ...secret, engine: 'mysql' },
    "Database engine must be set to 'postgres' in order to use this rotation lambda. This function's engine rotates postgres and aurora-postgresql.",
  ],
  ['no host', { ...secret, host: undefined }, 'host key is missing from secret JSON'],
  ['no user', { ...secret, username: undefined }, 'username key is missing from secret JSON'],
  ['no password', { host: 'h', username: 'u' }, 'password key is missing from secret JSON'],
  ['an empty user', { ...secret, username: '' }, 'username of secret JSON is invalid: expected a string that is not empty'],
  ['a port that is none', { ...secret, port: 'planted-value' }, 'port of secret JSON is invalid: expected a port number'],
  ['ssl that is no flag', { ...secret, ssl: 'planted-value' }, 'ssl of secret JSON is invalid: expected true or false'],
  ['no JSON', '{"password":"planted-value', 'The secret db is not a JSON object.'],
  ['a list', ['planted-value'], 'The secret db is not a JSON object.'],
  ['a number', '7', 'The secret db is not a JSON object.'],
  ['a text', '"planted-value"', 'The secret db is not a JSON object.'],
  ['null', 'null', 'The secret db is not a JSON object.'],
])('a secret with %s is refused, without its values', (_, value, message) => {
  const refused = (): unknown => read(value)
  expect(refused).toThrow(message)
  expect(refused).not.toThrow('planted-value')
  expect(refused).toThrow(expect.objectContaining({ code: 'ERR_ROTATION_STEP', secretId: 'db' }))
})
