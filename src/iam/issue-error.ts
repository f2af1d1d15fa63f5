import { isSecretCacheError, SecretCacheError } from '../core/failures/errors.js'
import { failureFrom } from '../core/failures/failure.js'

/** Only what cannot quote a login is repeated: names and codes that are known. */
const notRepeated = 'The text of the error may quote a login, so it is not repeated: log it where it is thrown.'

/** The error of a login that could not be issued. Nothing of it quotes what the issuer has answered. */
export function issueError(thrown: unknown, owner: string): SecretCacheError {
  if (isSecretCacheError(thrown)) return thrown
  const { code, cause, hint = notRepeated } = failureFrom(thrown)
  return new SecretCacheError({ code, message: `${owner} could not issue a login: ${cause.message}`, cause, hint })
}
