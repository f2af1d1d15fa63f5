import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { databaseError, isRefused } from '../../../src/rotation/database/driver-error.js'

const planted = 'planted-value'

it.each([
  ['28P01', 'the server refused user name and password'],
  ['42601', '42601'],
  ['ER_PARSE_ERROR', 'ER_PARSE_ERROR'],
  ['ECONNRESET', 'ECONNRESET'],
  [planted, 'the driver gave no known reason'],
  [undefined, 'the driver gave no known reason'],
])('of an error with the code %s, the code and its meaning are kept, never its words', (code, meaning) => {
  const theirs = Object.assign(new Error(`near '${planted}'`), { code, sql: planted, sqlMessage: planted, detail: planted })
  const error = databaseError('Unable to set the password', 'db', theirs)
  const { message, hint } = error
  expect(message).toBe(`Unable to set the password: ${meaning}${hint === undefined ? '' : `. ${hint}`}`)
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(planted)
})

it.each([undefined, null, 'text', 7])('%s is an error without a known reason', thrown => {
  expect(databaseError('It failed', 'db', thrown).message).toBe('It failed: the driver gave no known reason')
})

it.each([
  ['28P01', true],
  ['28000', true],
  ['ER_ACCESS_DENIED_ERROR', true],
  ['53300', false],
  ['ETIMEDOUT', false],
  ['ER_CON_COUNT_ERROR', false],
])('whether %s means that another password may do: %s', (code, expected) => {
  expect(isRefused(Object.assign(new Error('no'), { code }))).toBe(expected)
})
