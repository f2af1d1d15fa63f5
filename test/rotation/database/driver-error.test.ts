import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { mysqlKindOf } from '../../../src/pools/mysql-error.js'
import { postgresKindOf } from '../../../src/pools/postgres-error.js'
import { databaseError, isRefused } from '../../../src/rotation/database/driver-error.js'

const planted = 'planted-value'

it.each([
  ['28P01', 'the server rejected the user name or password'],
  ['42601', '42601'],
  ['ER_PARSE_ERROR', 'ER_PARSE_ERROR'],
  ['ER_LOCK_WAIT_TIMEOUT', 'a lock was not free in time'],
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

it.each([
  [4150, 'the account is locked after failed logins', 'ER_USER_IS_BLOCKED'],
  [4151, 'the account is locked', 'ER_ACCOUNT_HAS_BEEN_LOCKED'],
])("MariaDB's error %i, for which the driver has the code of another one of MySQL's, means that %s", (errno, meaning, code) => {
  const error = databaseError('It failed', 'db', Object.assign(new Error('no'), { errno, code: 'ER_BULK_PARSER_ERROR' }))
  expect(error).toMatchObject({ message: `It failed: ${meaning}`, cause: { code } })
})

it.each([undefined, null, 'text', 7])('%s is an error without a known reason', thrown => {
  expect(databaseError('It failed', 'db', thrown).message).toBe('It failed: the driver gave no known reason')
})

it.each([
  ['28P01', postgresKindOf, { code: '28P01' }, true],
  ['28000', postgresKindOf, { code: '28000' }, true],
  ['28000 of an entry that is missing', postgresKindOf, { code: '28000', message: 'no pg_hba.conf entry for host' }, true],
  ['08P01 of a password', postgresKindOf, { code: '08P01', message: 'SASL authentication failed' }, true],
  ['08P01 of a name', postgresKindOf, { code: '08P01', message: 'no such user: app' }, true],
  ['08P01 of anything else', postgresKindOf, { code: '08P01', message: 'no more connections allowed' }, false],
  ['53300', postgresKindOf, { code: '53300' }, false],
  ['ETIMEDOUT', postgresKindOf, { code: 'ETIMEDOUT' }, false],
  ['ER_ACCESS_DENIED_ERROR', mysqlKindOf, { code: 'ER_ACCESS_DENIED_ERROR', errno: 1045 }, true],
  [
    'an account that failed logins have locked',
    mysqlKindOf,
    { code: 'ER_USER_ACCESS_DENIED_FOR_USER_ACCOUNT', errno: 3955 },
    true,
  ],
  ['ER_DBACCESS_DENIED_ERROR', mysqlKindOf, { code: 'ER_DBACCESS_DENIED_ERROR', errno: 1044 }, true],
  ['ER_CON_COUNT_ERROR', mysqlKindOf, { code: 'ER_CON_COUNT_ERROR', errno: 1040 }, false],
])('%s: whether it means that the user is refused', (_, kindOf, error, expected) => {
  expect(isRefused({ kindOf }, Object.assign(new Error('no'), error))).toBe(expected)
})
