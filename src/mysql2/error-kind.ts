import { isRefusal } from '../pools/error-kind.js'
import { mysqlKindOf } from '../pools/mysql-error.js'

/**
 * Tells whether MySQL or MariaDB has refused a login or locked the account: by the number, also where an ORM or a pool has wrapped the
 * driver's error.
 *
 * @example
 * import mysql from 'mysql2/promise'
 * const login = ({ username: user, password, host = 'db' }: DatabaseSecret) => mysql.createConnection({ user, password, host })
 * await secrets.withSecret('prod/db', secret => login(secret.json(DatabaseSecret)), { isAuthError })
 */
export function isAuthError(error: unknown): boolean {
  return isRefusal(mysqlKindOf(error))
}
