import { expect, it } from 'vitest'
import { accountName, dialectOf, literal, nativeHash, parseAccount } from '../../../src/rotation/mysql/dialect.js'

it.each(['8.0.45', '8.4.3', '9.5.0', '5.7.44-log', '8.0.mysql_aurora.3.08.0'])(
  '%s is MySQL: it takes the password itself',
  version => {
    expect(dialectOf(version).password("it's")).toBe("'it''s'")
    expect(dialectOf(version).identified('x', 'sha256_password')).toBe("IDENTIFIED WITH 'sha256_password' BY 'x'")
  },
)

it.each(['10.11.19-MariaDB-0+deb12u1', '11.8.2-MariaDB', '5.5.5-10.6.1-mariadb'])('%s is MariaDB: it takes a hash', version => {
  expect(dialectOf(version).password('password')).toBe("'*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19'")
  expect(dialectOf(version).identified('password', undefined)).toBe(
    "IDENTIFIED BY PASSWORD '*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19'",
  )
})

it('the hash of mysql_native_password is the one that servers make', () => {
  expect(nativeHash('mypass')).toBe('*6C8989366EAF75BB670AD8EA7A7FC1176A95CEF4')
})

it.each([
  [{ user: 'app', host: '%' }, '`app`@`%`'],
  [{ user: 'a`b', host: '10.0.0.0/255.0.0.0' }, '`a``b`@`10.0.0.0/255.0.0.0`'],
])('an account is written with backticks, which mean the same in every sql_mode: %o', (account, written) => {
  expect(accountName(account)).toBe(written)
})

it('the host of an account is behind its last @', () => {
  expect(parseAccount('at@sign@10.%')).toEqual({ user: 'at@sign', host: '10.%' })
})

it('backslashes in literals stay as they are: sessions are set to take them so', () => {
  expect(literal("\\' OR 1")).toBe("'\\'' OR 1'")
})

it.each([
  ['8.0.14', true],
  ['8.0.mysql_aurora.3.08.0', true],
  ['8.4.3', true],
  ['9.5.0', true],
  ['8.0.13', false],
  ['5.7.44-log', false],
  ['5.7.mysql_aurora.2.11.2', false],
])('an account of MySQL %s may have two passwords: %s', (version, keeps) => {
  expect(dialectOf(version).keepsOldPassword).toBe(keeps)
})

it.each([
  ['5.7.44-log', false],
  ['8.0.13', true],
  ['9.5.0', true],
])('MySQL %s is asked for roles: %s', (version, hasRoles) => {
  const { defaultRoles, roleHolders } = dialectOf(version)
  expect([defaultRoles !== undefined, roleHolders !== undefined]).toEqual([hasRoles, hasRoles])
})
