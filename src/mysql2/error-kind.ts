import { isRefusal } from '../pools/error-kind.js'
import { mysqlKindOf } from '../pools/mysql-error.js'

/**
 * Whether an error means that MySQL or MariaDB has rejected a login or locked the account, going by the error number. It also recognizes
 * the driver's error inside the error of an ORM or a pool. Pass it to `withSecret` or `createSwap`.
 *
 * @example
 * import mysql from 'mysql2/promise'
 * const login = ({ username: user, password, host = 'db' }: DatabaseSecret) => mysql.createConnection({ user, password, host })
 * await secrets.withSecret('prod/db', secret => login(secret.json(DatabaseSecret)), { isAuthError })
 */
export function isAuthError(error: unknown): boolean {
  return isRefusal(mysqlKindOf(error))
}
