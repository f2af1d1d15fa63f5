import { isRefusal } from '../pools/error-kind.js'
import { postgresKindOf } from '../pools/postgres-error.js'

/**
 * Tells whether PostgreSQL, or a proxy in front of it, has refused a login or locked the account: also where an ORM or a pool has wrapped
 * the driver's error.
 *
 * @example
 * import pg from 'pg'
 * const login = async ({ username: user, password, host }: DatabaseSecret) => new pg.Client({ user, password, host }).connect()
 * await secrets.withSecret('prod/db', secret => login(secret.json(DatabaseSecret)), { isAuthError })
 */
export function isAuthError(error: unknown): boolean {
  return isRefusal(postgresKindOf(error))
}
