import { getSystemErrorMap } from 'node:util'
import type { SecretCacheError } from '../../core/failures/errors.js'
import { isRefusal } from '../../pools/error-kind.js'
import { RotationRefusal, refusalError, rotationError } from '../rotation-error.js'
import type { Database } from './database.js'

/**
 * The meanings of the codes of servers and drivers, in our own words. Theirs are never repeated: a server may quote the statement, and
 * mysql2 copies it to the error.
 */
const meanings: Readonly<Record<string, string>> = {
  '08P01': 'a pooler rejected the connection because of the user name, the password or something else',
  '28P01': 'the server rejected the user name or password',
  '28000': 'the server rejected the login',
  '3D000': 'the database does not exist',
  '42501': 'permission denied',
  '42704': 'the role does not exist',
  '53300': 'the server has too many connections',
  '55P03': 'a lock was not free in time',
  '57014': 'a statement took too long, perhaps because a lock was not free in time',
  '57P03': 'the server is starting up or shutting down',
  AUTH_SWITCH_PLUGIN_ERROR: 'the server asks for an authentication plugin that the driver does not have',
  ER_ACCESS_DENIED_ERROR: 'the server rejected the user name or password',
  ER_ACCESS_DENIED_NO_PASSWORD_ERROR: 'the server rejected the login',
  ER_ACCOUNT_HAS_BEEN_LOCKED: 'the account is locked',
  ER_BAD_DB_ERROR: 'the database does not exist',
  ER_AUTHENTICATION_POLICY_MISMATCH:
    "the server's authentication_policy does not let the master give an account the first user's authentication plugin",
  ER_CANNOT_USER: 'the server could not change the user',
  ER_CANNOT_USER_REFERENCED_AS_DEFINER:
    'the account does not exist yet, but is already the definer of a routine, view, trigger or event',
  ER_CON_COUNT_ERROR: 'the server has too many connections',
  ER_CREDENTIALS_CONTRADICT_TO_HISTORY: "the account's password history forbids the password",
  ER_DBACCESS_DENIED_ERROR: 'permission denied',
  ER_HOST_NOT_PRIVILEGED: 'the server does not allow this host',
  ER_LOCK_WAIT_TIMEOUT: 'a lock was not free in time',
  ER_MISSING_CURRENT_PASSWORD: 'the account requires its current password, which was set by a rotation that was given up',
  ER_NOT_VALID_PASSWORD: "the password does not meet the server's rules",
  ER_OPTION_PREVENTS_STATEMENT: 'a setting of the server forbids the statement',
  ER_PASSWD_LENGTH: 'the account uses another authentication plugin',
  ER_SPECIFIC_ACCESS_DENIED_ERROR: 'permission denied',
  ER_STATEMENT_TIMEOUT: 'a statement took too long, perhaps because a lock was not free in time',
  ER_TABLEACCESS_DENIED_ERROR: 'permission denied',
  ER_USER_ACCESS_DENIED_FOR_USER_ACCOUNT_BLOCKED_BY_PASSWORD_LOCK: 'the account is locked after failed logins',
  ER_USER_IS_BLOCKED: 'the account is locked after failed logins',
  HANDSHAKE_NO_SSL_SUPPORT: 'the server does not offer TLS',
  HANDSHAKE_SSL_ERROR: 'the TLS handshake failed',
  PROTOCOL_CONNECTION_LOST: 'the server closed the connection',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not trusted',
}

/** Messages of drivers that come without a useful code: mysql2 sets the same code for every error of a handshake. */
const messages: readonly [RegExp, string][] = [
  [/^Hostname\/IP does not match certificate's altnames/, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  [/^(self-signed certificate|unable to (get|verify))/, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
  [/^certificate has expired$/, 'CERT_HAS_EXPIRED'],
  [/^The server does not support SSL connections$/, 'HANDSHAKE_NO_SSL_SUPPORT'],
  [/^(timeout expired|Connection terminated due to connection timeout)$/, 'ETIMEDOUT'],
  [/^Connection terminated unexpectedly$/, 'PROTOCOL_CONNECTION_LOST'],
]

/** MariaDB's codes by number; for these numbers, mysql2 has MySQL's codes of other errors. */
const mariadbCodes: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [1969, 'ER_STATEMENT_TIMEOUT'],
  [4150, 'ER_USER_IS_BLOCKED'],
  [4151, 'ER_ACCOUNT_HAS_BEEN_LOCKED'],
])

/** Codes that do not generally mean rejected credentials, but may be those of a user that is not complete yet. */
const incomplete = new Set([
  // An entry in pg_hba.conf may be for the members of a role, and a new user is not a member of any yet.
  '28000',
  '42501',
  'ER_DBACCESS_DENIED_ERROR',
  // MariaDB challenges a user that it does not know with any plugin that one of its accounts has.
  'AUTH_SWITCH_PLUGIN_ERROR',
])

const lacksPrivilege =
  'The user that changes the password, or the master, lacks a privilege: docs/rotation.md lists what each needs.'

const hints: readonly [RegExp, string][] = [
  [
    /CERT|ISSUER|LEAF|HANDSHAKE_SSL/,
    "Pass the authority of the server's certificate as ca: for RDS the text of its global-bundle.pem.",
  ],
  [/HANDSHAKE_NO_SSL/, 'There is no silent fallback to plaintext: switch TLS on, or put "ssl": false into the secret.'],
  [/^E(CONN|HOST|NET|TIMEDOUT)|ENOTFOUND|EAI_AGAIN/, "Can the function's subnet and security group reach the database?"],
  [
    /AUTHENTICATION_POLICY/,
    'Have an administrator give the first user a plugin of that policy (ALTER USER … IDENTIFIED WITH …), or the master the privilege AUTHENTICATION_POLICY_ADMIN.',
  ],
  [/REFERENCED_AS_DEFINER/, 'Drop it or change its definer, or give the application a user with another name.'],
  [/DBACCESS/, `Is the dbname of the secret right, and may the user use that database? Otherwise: ${lacksPrivilege}`],
  [/CANNOT_USER/, `${lacksPrivilege} On MariaDB strict_password_validation, too, forbids passwords by their hash.`],
  [/^42501|(SPECIFIC_|TABLE)ACCESS/, lacksPrivilege],
  [/MISSING_CURRENT/, 'Have an administrator give the account the password of AWSCURRENT.'],
  [
    /PASSWD_LENGTH/,
    'MariaDB accounts are rotated by the hash of mysql_native_password; strict_password_validation forbids that.',
  ],
  [
    /OPTION_PREVENTS/,
    'Is the server a replica, or read_only? On MariaDB strict_password_validation forbids passwords by their hash, by which its accounts are rotated.',
  ],
]

/** The code of a driver's error, if it is a known one. */
function driverCode(thrown: unknown): string | undefined {
  const { code, errno, message } = (thrown ?? {}) as { code?: unknown; errno?: unknown; message?: unknown }
  const told = mariadbCodes.get(errno) ?? messages.find(([sign]) => sign.test(String(message)))?.[1]
  return told ?? (typeof code === 'string' && isKnown(code) ? code : undefined)
}

/** Whether the server, or a pooler in front of it, has rejected this user, as opposed to being unreachable or out of order. */
export function isRefused({ kindOf }: Pick<Database, 'kindOf'>, thrown: unknown): boolean {
  return isRefusal(kindOf(thrown)) || incomplete.has(driverCode(thrown) ?? '')
}

/** Converts a driver's error into the error of a step: with its code and its meaning, without its text. */
export function databaseError(message: string, secretId: string, thrown: unknown): SecretCacheError {
  if (thrown instanceof RotationRefusal) return refusalError(message, secretId, thrown)
  const code = driverCode(thrown)
  const meaning = code === undefined ? 'the driver gave no known reason' : (meanings[code] ?? code)
  const cause = new Error(meaning)
  cause.stack = `Error: ${meaning}`
  if (code !== undefined) Object.assign(cause, { code })
  const hint = hints.find(([sign]) => sign.test(code ?? ''))?.[1]
  return rotationError({ message: `${message}: ${meaning}`, secretId, cause, hint })
}

function isKnown(code: string): boolean {
  return Object.hasOwn(meanings, code) || /^[0-9A-Z]{5}$/.test(code) || /^ER_[A-Z_]+$/.test(code) || isSystemCode(code)
}

function isSystemCode(code: string): boolean {
  return code === 'ENOTFOUND' || code === 'EAI_AGAIN' || [...getSystemErrorMap().values()].some(([known]) => known === code)
}
