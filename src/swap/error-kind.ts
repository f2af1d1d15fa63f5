import { type ErrorKind, isUnreached } from '../pools/error-kind.js'

/**
 * Returns a function that classifies the errors of any client: `isAuthError` recognizes rejections, and the codes of Node.js servers that
 * were not reached.
 */
export function kindBy(isAuthError: (error: unknown) => boolean): (error: unknown) => ErrorKind {
  return error => {
    try {
      if (isAuthError(error)) return 'refused'
      return isUnreached(error) ? 'unreachable' : 'other'
    } catch {
      // `isAuthError` threw at an error that it does not know.
      return 'other'
    }
  }
}
