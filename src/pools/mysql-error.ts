import { type ErrorKind, networkCodes } from './error-kind.js'
import { errorsIn } from './wrapped-error.js'

/** The errors of a password that is right but has expired: MySQL's at the login, MariaDB's at the first query. */
const expired: readonly unknown[] = [1862, 1820]

/** By number: for errors of MariaDB, mysql2 has the names of MySQL's errors with the same numbers. */
const kinds: ReadonlyMap<unknown, ErrorKind> = new Map<unknown, ErrorKind>([
  /** Access denied: for an invalid password or because TLS is missing; without a password. */
  [1045, 'refused'],
  [1698, 'refused'],
  ...expired.map((errno): [unknown, ErrorKind] => [errno, 'refused']),
  /** Locked by an administrator (MySQL, MariaDB); after failed logins (MySQL, MariaDB). */
  [3118, 'locked'],
  [4151, 'locked'],
  [3955, 'locked'],
  [4150, 'locked'],
  /** A limit is reached: of the server; of the account at a time; of the account per hour; of RDS Proxy. */
  [1040, 'full'],
  [1203, 'full'],
  [1226, 'full'],
  [9501, 'full'],
  /** The server is offline, or has blocked this host. */
  [3032, 'unreachable'],
  [1129, 'unreachable'],
])

/** What an error of `mysql2`, or one that wraps it, means for the login. */
export function mysqlKindOf(error: unknown): ErrorKind {
  for (const { errno, code, originalCode } of errorsIn(error)) {
    // Prisma keeps only the number of the driver's error, as text.
    const kind = kinds.get(errno ?? Number(originalCode))
    if (kind !== undefined) return kind
    if (networkCodes.has(code) || code === 'PROTOCOL_CONNECTION_LOST') return 'unreachable'
  }
  return 'other'
}

/** Whether `mysql2` reports a password that is right but has expired. */
export function hasExpired(error: unknown): boolean {
  return errorsIn(error).some(({ errno }) => expired.includes(errno))
}
