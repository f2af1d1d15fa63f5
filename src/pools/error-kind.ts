/**
 * What a driver's error means for a login.
 *
 * `refused`: the database does not take user or password. `locked`: it does not take the account for now, whatever the password. `full`:
 * it has no room for a connection. `unreachable`: there was no answer. `other`: nothing that another login or address would change.
 */
export type ErrorKind = 'refused' | 'locked' | 'full' | 'unreachable' | 'other'

/** Whether the database has judged the login. */
export function isRefusal(kind: ErrorKind): boolean {
  return kind === 'refused' || kind === 'locked'
}

/** The codes of Node.js for a server that cannot be reached. */
export const networkCodes: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
])
