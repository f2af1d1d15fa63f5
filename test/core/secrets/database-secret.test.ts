import { expect, it } from 'vitest'
import { DatabaseSecret } from '../../../src/index.js'

const required = { username: 'u', password: 'p' }
const validate = (value: unknown): unknown => DatabaseSecret['~standard'].validate(value)

it.each([
  ['username', '', 'expected a string that is not empty'],
  ['password', 5, 'expected a string that is not empty'],
  ['host', '', 'expected a string that is not empty'],
  ['engine', 5, 'expected a string'],
  ['dbname', null, 'expected a string'],
  ['masterarn', {}, 'expected a string'],
  ['port', 'http', 'expected a port number'],
  ['port', '5432x', 'expected a port number'],
  ['port', 'x5432', 'expected a port number'],
  ['port', '1e3', 'expected a port number'],
  ['port', '5432 ', 'expected a port number'],
  ['port', ['5432'], 'expected a port number'],
  ['port', 5432.5, 'expected a port number'],
  ['port', 0, 'expected a port number'],
  ['port', 65_536, 'expected a port number'],
  ['ssl', 'maybe', 'expected true or false'],
  ['ssl', 1, 'expected true or false'],
])('refuses %s where it is %j: %s', (field, value, message) => {
  expect(validate({ ...required, [field]: value })).toEqual({ issues: [{ path: [field], message }] })
})

it.each([null, 'text', []])('refuses %j as a whole', value => {
  expect(validate(value)).toEqual({ issues: [{ message: 'expected an object' }] })
})

it.each([
  [{ engine: '', dbname: 'd', masterarn: 'a' }, {}],
  [{ port: 1, other: { deep: 1 } }, {}],
  [{ port: '65535' }, { port: 65_535 }],
  [{ ssl: true }, {}],
  [{ ssl: 'true' }, { ssl: true }],
  [{ ssl: 'false' }, { ssl: false }],
])('reads %j', (fields, read) => {
  expect(validate({ ...required, ...fields })).toEqual({ value: { ...required, ...fields, ...read } })
})
