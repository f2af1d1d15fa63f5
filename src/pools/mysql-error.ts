import { type ErrorKind, networkCodes } from './error-kind.js'
import { errorsIn } from './wrapped-error.js'

/** By number: mysql2's names for those of MariaDB are those that MySQL gives them. */
const kinds: ReadonlyMap<unknown, ErrorKind> = new Map<unknown, ErrorKind>([
  /** Access denied, also for want of TLS; for want of a password. */
  [1045, 'refused'],
  [1698, 'refused'],
  /** The password has expired: MySQL's at the login, MariaDB's at the first query. */
  [1862, 'refused'],
  [1820, 'refused'],
  /** Locked by its owner; after failed logins, by MySQL and by MariaDB. */
  [3118, 'locked'],
  [4151, 'locked'],
  [3955, 'locked'],
  [4150, 'locked'],
  /** The server's limit; the account's at a time; the account's in an hour; RDS Proxy's. */
  [1040, 'full'],
  [1203, 'full'],
  [1226, 'full'],
  [9501, 'full'],
  /** The server is off line, or has blocked this host. */
  [3032, 'unreachable'],
  [1129, 'unreachable'],
])

/** What an error of `mysql2`, or of what wraps it, means for the login. */
export function mysqlKindOf(error: unknown): ErrorKind {
  for (const { errno, code, originalCode } of errorsIn(error)) {
    // Prisma keeps nothing of the driver's error but its number, as a text.
    const kind = kinds.get(errno ?? Number(originalCode))
    if (kind !== undefined) return kind
    if (networkCodes.has(code) || code === 'PROTOCOL_CONNECTION_LOST') return 'unreachable'
  }
  return 'other'
}
