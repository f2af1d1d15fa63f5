import { errorsIn } from './wrapped-error.js'

/**
 * What a driver's error means for a login.
 *
 * `refused`: the database rejects the user or the password. `locked`: it rejects the account for now, whatever the password. `full`: it has
 * no room for another connection. `unreachable`: it did not respond. `other`: anything that another login or address would not change.
 */
export type ErrorKind = 'refused' | 'locked' | 'full' | 'unreachable' | 'other'

/** Whether the database has decided on the login. */
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

/** Those that only occur while connecting, whatever was to be done on the connection. */
const neverConnectedCodes: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])

/** Whether an error of Node.js, or a driver's error that wraps one, means that there was no connection: nothing was done on it then. */
export function hasNotConnected(error: unknown): boolean {
  return errorsIn(error).some(
    ({ code, syscall }) => neverConnectedCodes.has(code) || (networkCodes.has(code) && syscall === 'connect'),
  )
}

/** Whether an error of Node.js, or a driver's error that wraps one, means that a server was not reached. */
export function isUnreached(error: unknown): boolean {
  return errorsIn(error).some(({ code }) => networkCodes.has(code))
}
