import { expect, it } from 'vitest'
import { accountOptions, accountRow, requirement } from '../../../src/rotation/mysql/account-options.js'

const certificate = { ssl_type: '', ssl_cipher: Buffer.from(''), x509_issuer: '', x509_subject: '' }

it.each([
  [certificate, 'REQUIRE NONE'],
  [{ ...certificate, ssl_type: 'ANY' }, 'REQUIRE SSL'],
  [{ ...certificate, ssl_type: 'X509' }, 'REQUIRE X509'],
  [
    { ...certificate, ssl_type: 'SPECIFIED', x509_issuer: Buffer.from("/CN=It's"), x509_subject: '/CN=a' },
    "REQUIRE ISSUER '/CN=It''s' AND SUBJECT '/CN=a'",
  ],
])('an account of %o asks for %s', (columns, clause) => {
  expect(requirement(columns)).toBe(clause)
})

const limits = { max_questions: 1, max_updates: 2, max_connections: 3, max_user_connections: 4 }
const written =
  'REQUIRE NONE WITH MAX_QUERIES_PER_HOUR 1 MAX_UPDATES_PER_HOUR 2 MAX_CONNECTIONS_PER_HOUR 3 MAX_USER_CONNECTIONS 4'
const of57 = { User: 'app', Host: '%', ...certificate, ...limits, account_locked: 'N', password_lifetime: null }
const of9 = { ...of57, Password_reuse_history: null, Password_reuse_time: null, Password_require_current: null }
const defaults = 'PASSWORD HISTORY DEFAULT PASSWORD REUSE INTERVAL DEFAULT PASSWORD REQUIRE CURRENT DEFAULT'

it.each([
  ['MySQL 5.7', of57, `${written} PASSWORD EXPIRE DEFAULT`],
  ['MySQL 9', of9, `${written} PASSWORD EXPIRE DEFAULT ${defaults}`],
  [
    'MySQL 9 with rules',
    {
      ...of9,
      password_lifetime: 0,
      Password_reuse_history: 5,
      Password_reuse_time: 3,
      Password_require_current: 'N',
      User_attributes:
        '{"metadata":{"comment":"it\'s"},"Password_locking":{"failed_login_attempts":4,"password_lock_time_days":-1}}',
    },
    `${written} PASSWORD EXPIRE NEVER PASSWORD HISTORY 5 PASSWORD REUSE INTERVAL 3 DAY PASSWORD REQUIRE CURRENT OPTIONAL FAILED_LOGIN_ATTEMPTS 4 PASSWORD_LOCK_TIME UNBOUNDED ATTRIBUTE '{"comment":"it''s"}'`,
  ],
  [
    'MariaDB',
    {
      ...of57,
      max_statement_time: '2.500000',
      account_locked: undefined,
      password_lifetime: undefined,
      Priv: '{"password_lifetime":90}',
    },
    `${written} MAX_STATEMENT_TIME 2.5 PASSWORD EXPIRE INTERVAL 90 DAY`,
  ],
])('the options of an account of %s are all that the server knows', (_server, columns, options) => {
  expect(accountOptions(accountRow(columns), undefined)).toBe(options)
})

it('what only the other account has, it loses', () => {
  const to = { ...of57, User_attributes: { metadata: { owner: 'x' }, Password_locking: { failed_login_attempts: 4 } } }
  const options = `${written} PASSWORD EXPIRE DEFAULT FAILED_LOGIN_ATTEMPTS 0 PASSWORD_LOCK_TIME 0 ATTRIBUTE '{"owner":null}'`
  expect(accountOptions(accountRow(of57), accountRow(to))).toBe(options)
})
