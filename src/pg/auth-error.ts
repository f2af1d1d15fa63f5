import { isOrWraps } from '../pools/wrapped-error.js'

/** invalid_password, also for a role that does not exist; invalid_authorization_specification: no login, or no rule in pg_hba.conf. */
const codes: ReadonlySet<unknown> = new Set(['28P01', '28000'])

/**
 * Tells whether PostgreSQL refused a login: by the code, also where an ORM or a pool has wrapped the driver's error.
 *
 * @example
 * await secrets.withSecret('prod/db', useOwnConnection, { isAuthError })
 */
export function isAuthError(error: unknown): boolean {
  return isOrWraps(error, ({ code, originalCode }) => codes.has(code) || codes.has(originalCode))
}
