import { isRefusal } from '../pools/error-kind.js'
import { postgresKindOf } from '../pools/postgres-error.js'

/**
 * Whether an error means that PostgreSQL, or a proxy in front of it, has rejected a login or locked the account. It also recognizes the
 * driver's error inside the error of an ORM or a pool. Pass it to `withSecret` or `createSwap`.
 *
 * @example
 * import pg from 'pg'
 * const login = async ({ username: user, password, host }: DatabaseSecret) => new pg.Client({ user, password, host }).connect()
 * await secrets.withSecret('prod/db', secret => login(secret.json(DatabaseSecret)), { isAuthError })
 */
export function isAuthError(error: unknown): boolean {
  return isRefusal(postgresKindOf(error))
}
