import { isOrWraps } from '../pools/wrapped-error.js'

/** Access denied, also for want of a password; password expired; account locked. Another version may do better. */
const numbers: ReadonlySet<unknown> = new Set([1045, 1698, 1862, 3118])

/**
 * Tells whether MySQL or MariaDB refused a login: by the number, also where an ORM or a pool has wrapped the driver's error.
 *
 * @example
 * await secrets.withSecret('prod/db', useOwnConnection, { isAuthError })
 */
export function isAuthError(error: unknown): boolean {
  return isOrWraps(error, ({ errno }) => numbers.has(errno))
}
