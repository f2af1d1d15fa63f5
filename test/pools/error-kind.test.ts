import { describe, expect, it } from 'vitest'
import { isAuthError as isMysqlAuthError } from '../../src/mysql2/index.js'
import { isAuthError } from '../../src/pg/index.js'
import { mysqlKindOf } from '../../src/pools/mysql-error.js'
import { postgresKindOf } from '../../src/pools/postgres-error.js'

describe('what an error of pg means', () => {
  it.each([
    ['refused', { code: '28P01', message: 'password authentication failed for user "app"' }],
    ['refused', { code: '28000', message: 'role "app" is not permitted to log in' }],
    ['refused', { code: '28000', message: 'PAM authentication failed for user "app"' }],
    ['refused', { code: '08P01', message: 'SASL authentication failed' }],
    ['refused', { code: '08P01', message: 'no such user: app' }],
    // What PgBouncer repeats may be about the login before.
    ['unreachable', { code: '08P01', message: 'server login has been failing, cached error: password authentication failed' }],
    ['unreachable', { code: '08P01', message: 'server login has been failing, try again later (server_login_retry)' }],
    ['full', { code: '08P01', message: 'remaining connection slots are reserved for roles with the SUPERUSER attribute' }],
    ['refused', { code: '08006', message: 'unable to accept connection, access denied' }],
    ['refused', { message: 'The password that was provided for the role app is wrong.' }],
    ['locked', { code: 'XX000', message: 'user "app" has been banned' }],
    ['full', { code: '53300', message: 'too many connections for role "app"' }],
    ['full', { code: '53400', message: 'Rate of connection exceeded' }],
    ['full', { code: '08P01', message: 'no more connections allowed (max_client_conn)' }],
    ['full', { code: '08P01', message: 'query_wait_timeout' }],
    ['full', { message: 'Query read timeout' }],
    ['unreachable', { code: '57P03', message: 'the database system is starting up' }],
    ['unreachable', { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' }],
    ['unreachable', { message: 'timeout expired' }],
    ['unreachable', { code: '08006', message: 'connection failure' }],
    ['other', { code: '28000', message: 'no pg_hba.conf entry for host "10.0.0.1"' }],
    ['other', { code: '3D000', message: 'database "nowhere" does not exist' }],
    ['other', { code: '23505', message: 'Key (note)=(password authentication failed) already exists.' }],
    ['other', new Error('something else')],
    ['other', undefined],
  ])('%s: %j', (kind, error) => {
    expect(postgresKindOf(error)).toBe(kind)
    expect(isAuthError(error)).toBe(kind === 'refused' || kind === 'locked')
  })

  it('is told of what an ORM has wrapped too', () => {
    expect(postgresKindOf({ message: 'query failed', cause: { driverError: { code: '28P01' } } })).toBe('refused')
  })
})

describe('what an error of mysql2 means', () => {
  it.each([
    ['refused', [1045, 1698, 1862, 1820]],
    ['locked', [3955, 4150, 3118, 4151]],
    ['full', [1040, 1203, 1226, 9501]],
    ['unreachable', [3032, 1129]],
    ['other', [1044, 1064, 3159]],
  ])('%s: %j', (kind, numbers) => {
    for (const errno of numbers) {
      expect([errno, mysqlKindOf({ errno })]).toEqual([errno, kind])
      expect(isMysqlAuthError({ parent: { errno } })).toBe(kind === 'refused' || kind === 'locked')
    }
  })

  it('is told of what Prisma keeps of it', () => {
    expect(mysqlKindOf({ name: 'DriverAdapterError', cause: { originalCode: '1045', kind: 'AuthenticationFailed' } })).toBe(
      'refused',
    )
    expect(mysqlKindOf({ name: 'DriverAdapterError', cause: { originalCode: '1064' } })).toBe('other')
  })

  it('unreachable: by the code of the network', () => {
    for (const code of ['ETIMEDOUT', 'PROTOCOL_CONNECTION_LOST', 'ECONNREFUSED'])
      expect(mysqlKindOf({ code })).toBe('unreachable')
  })
})
