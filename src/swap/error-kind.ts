import { type ErrorKind, isUnreached } from '../pools/error-kind.js'

/** What an error of a client, whatever it is, means: its user tells refusals, and Node.js what was not reached. */
export function kindBy(isAuthError: (error: unknown) => boolean): (error: unknown) => ErrorKind {
  return error => {
    try {
      if (isAuthError(error)) return 'refused'
      return isUnreached(error) ? 'unreachable' : 'other'
    } catch {
      // It stumbled over an error that it does not know.
      return 'other'
    }
  }
}
