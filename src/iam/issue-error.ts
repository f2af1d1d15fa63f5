import { isSecretCacheError, SecretCacheError } from '../core/failures/errors.js'
import { failureFrom } from '../core/failures/failure.js'

/** The error of a login that could not be issued. Nothing of it quotes what the issuer has answered. */
export function issueError(thrown: unknown, owner: string): SecretCacheError {
  if (isSecretCacheError(thrown)) return thrown
  const { code, cause, hint } = failureFrom(thrown)
  return new SecretCacheError({ code, message: `${owner} could not issue a login: ${cause.message}`, cause, hint })
}
