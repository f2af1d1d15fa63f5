import { isSecretCacheError, SecretCacheError, type SecretCacheErrorCode } from '../core/failures/errors.js'
import { causeFrom, readForeignError } from '../core/failures/foreign-error.js'
import { MissingPeerError } from '../core/failures/peer.js'
import { withoutRequest } from '../core/failures/quoted-request.js'

/** The error of a failed call to SNS or SQS. Its message begins with `what`: "Subscribe to arn:…". */
export function callFailure(what: string, thrown: unknown): SecretCacheError {
  if (thrown instanceof MissingPeerError) {
    const hint = `npm install ${thrown.peer}`
    return new SecretCacheError({
      code: 'ERR_SECRET_CONFIG',
      message: `${what} needs the package ${thrown.peer}.`,
      cause: thrown,
      hint,
    })
  }
  const cause = causeOf(thrown)
  return new SecretCacheError({ code: codeOf(thrown), message: `${what} failed: ${cause.message}`, cause })
}

/** Like `callFailure`, but returns errors of this package unchanged. */
export function codedFailure(what: string, thrown: unknown): SecretCacheError {
  return isSecretCacheError(thrown) ? thrown : callFailure(what, thrown)
}

/** The name of a service exception; empty for any other error. */
function exceptionName(thrown: unknown): string {
  const { name, $fault } = (thrown ?? {}) as { name?: unknown; $fault?: unknown }
  return $fault !== undefined && typeof name === 'string' ? name : ''
}

/** These two services know no secrets, so the messages of their exceptions may be repeated; of all other errors, only what is safe to repeat. */
function causeOf(thrown: unknown): Error {
  const name = exceptionName(thrown)
  const { message } = (thrown ?? {}) as { message?: unknown }
  if (!/^[\w.]{1,100}$/.test(name) || typeof message !== 'string') return causeFrom(readForeignError(thrown))
  return causeFrom({ ...readForeignError(thrown), name, message: withoutRequest(message) })
}

function codeOf(thrown: unknown): SecretCacheErrorCode {
  const name = exceptionName(thrown)
  if (/AccessDenied|AuthorizationError|NotAuthorized/.test(name)) return 'ERR_SECRET_ACCESS_DENIED'
  if (/Thrott/.test(name)) return 'ERR_SECRET_THROTTLED'
  const isOurs = (thrown as { $fault?: unknown } | undefined)?.$fault === 'client'
  return isOurs ? 'ERR_SECRET_REQUEST' : 'ERR_SECRET_UNAVAILABLE'
}
