import { errorsIn } from './wrapped-error.js'

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

/** Those of them that come of connecting only, whatever was to be done on the connection. */
const neverConnectedCodes: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])

/** Whether there was no connection, going by an error of Node.js or what a driver has made of it: then nothing was done on it. */
export function hasNotConnected(error: unknown): boolean {
  return errorsIn(error).some(
    ({ code, syscall }) => neverConnectedCodes.has(code) || (networkCodes.has(code) && syscall === 'connect'),
  )
}

/** Whether a server was not reached, going by an error of Node.js or what a driver has made of it. */
export function isUnreached(error: unknown): boolean {
  return errorsIn(error).some(({ code }) => networkCodes.has(code))
}
