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
  ['ENOTFOUND', 'ENOTFOUND'],
  ['EAI_AGAIN', 'EAI_AGAIN'],
  [planted, 'the driver gave no known reason'],
  [`${planted}42601`, 'the driver gave no known reason'],
  [`42601${planted}`, 'the driver gave no known reason'],
  [`${planted}ER_PARSE_ERROR`, 'the driver gave no known reason'],
  [`ER_PARSE_ERROR${planted}`, 'the driver gave no known reason'],
  [42_501, 'the driver gave no known reason'],
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

const mendCa = "Pass the authority of the server's certificate as ca: for RDS the text of its global-bundle.pem."
const mendNetwork = "Can the function's subnet and security group reach the database?"
const mendTls = 'There is no silent fallback to plaintext: switch TLS on, or put "ssl": false into the secret.'

it.each([
  [
    "Hostname/IP does not match certificate's altnames: planted-value",
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'its certificate is for another host',
    mendCa,
  ],
  ['self-signed certificate in certificate chain', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'its certificate is not trusted', mendCa],
  ['unable to verify the first certificate', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'its certificate is not trusted', mendCa],
  ['certificate has expired', 'CERT_HAS_EXPIRED', 'its certificate has expired', mendCa],
  ['The server does not support SSL connections', 'HANDSHAKE_NO_SSL_SUPPORT', 'the server does not offer TLS', mendTls],
  ['timeout expired', 'ETIMEDOUT', 'ETIMEDOUT', mendNetwork],
  ['Connection terminated unexpectedly', 'PROTOCOL_CONNECTION_LOST', 'the server closed the connection', undefined],
])('"%s", which drivers say without a useful code, has the code %s and its hint', (words, code, meaning, hint) => {
  const error = databaseError('It failed', 'db', Object.assign(new Error(words), { code: 'HANDSHAKE_UNHEARD' }))
  expect(error.message).toBe(`It failed: ${meaning}${hint === undefined ? '' : `. ${hint}`}`)
  expect(error).toMatchObject({ secretId: 'db', cause: { code, message: meaning, stack: `Error: ${meaning}` } })
})

it('an error without a known reason has no code, and no hint', () => {
  const error = databaseError('It failed', 'db', new Error(planted))
  expect(error.hint).toBeUndefined()
  expect(error.cause).not.toHaveProperty('code')
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
