import { isSecretCacheError, SecretCacheError, type SecretCacheErrorCode } from '../core/failures/errors.js'
import { failureFrom } from '../core/failures/failure.js'
import { verdictOn } from '../core/failures/verdicts.js'

/** What is known of a step that failed. */
export interface RotationErrorDetails {
  message: string
  secretId: string
  cause?: Error | undefined
  hint?: string | undefined
}

/** The error that ends a step. Secrets Manager tries the rotation again; AWSCURRENT is as it was. */
export function rotationError({ message, secretId, cause, hint }: RotationErrorDetails): SecretCacheError {
  return new SecretCacheError({ code: 'ERR_ROTATION_STEP', message, secretId, cause, hint })
}

/** Why something of ours refuses to go on, without values. Unlike a foreign error it is repeated word for word. */
export class RotationRefusal extends Error {
  override readonly name = 'RotationRefusal'
  readonly hint: string | undefined

  constructor(message: string, hint?: string) {
    super(message)
    this.hint = hint
  }
}

/** The error of a step from a refusal. */
export function refusalError(what: string, secretId: string, { message, hint }: RotationRefusal): SecretCacheError {
  return rotationError({ message: `${what}: ${message}`, secretId, hint })
}

const permissionsHint =
  "The function's role needs secretsmanager:DescribeSecret, GetSecretValue, PutSecretValue and UpdateSecretVersionStage on the secret, GetSecretValue and DescribeSecret on the master secret, and GetRandomPassword if the password comes from the service."

/** The forms in which IAM and KMS deny: they name who, what and which policy, and nothing of what was sent. */
const denials =
  /^(User: \S+ is not authorized to perform: \S+ on resource: \S+( (because|with) [\w\s,'():./-]*)?|Access to KMS is not allowed[\w\s.-]*)$/

/** What failed, in words of ours. */
const meanings: Partial<Record<SecretCacheErrorCode, string>> = {
  ERR_SECRET_NOT_FOUND: 'the secret does not exist',
  ERR_SECRET_VERSION: 'the secret has no such version',
  ERR_SECRET_DELETED: 'the secret is scheduled for deletion',
  ERR_SECRET_ACCESS_DENIED: 'access denied',
  ERR_SECRET_DECRYPTION: 'KMS could not use the key of the secret',
  ERR_SECRET_THROTTLED: 'too many requests',
  ERR_SECRET_CREDENTIALS: "the function's credentials are not valid",
  ERR_SECRET_REQUEST: 'the service rejected the request',
}

/** What a step rejects with, from anything that was thrown in it: errors of this package are passed on. Never throws itself. */
export function stepErrorFrom(thrown: unknown, step: { secretId: string; what: string }): SecretCacheError {
  try {
    return isSecretCacheError(thrown) ? thrown : rotationErrorFrom(thrown, step)
  } catch {
    // Reading it has thrown again, perhaps with a value.
    return rotationError({ message: `${step.what} failed: what was thrown cannot be read`, secretId: step.secretId })
  }
}

/** Makes the error of a step from anything that was thrown in it, without the foreign error's words. */
export function rotationErrorFrom(thrown: unknown, { secretId, what }: { secretId: string; what: string }): SecretCacheError {
  if (thrown instanceof RotationRefusal) return refusalError(`${what} failed`, secretId, thrown)
  const { code, cause, hint } = failureFrom(thrown)
  // A denial by a key or by one certain policy has a hint of its own.
  const isPlainDenial =
    code === 'ERR_SECRET_ACCESS_DENIED' &&
    !/kms|(endpoint|control|sessions?|resource-based) policy|boundary|explicit deny|sts:/i.test(cause.message)
  const told = withoutWords(cause, code)
  return rotationError({
    message: `${what} failed: ${told.message}`,
    secretId,
    cause: told,
    hint: isPlainDenial ? permissionsHint : hint,
  })
}

/** A service's words may quote the request, which had a password in it, and the rotation token: its exception's name has to do. */
function withoutWords(cause: Error, code: SecretCacheErrorCode): Error {
  // Any other message is ours, or from before there was a request.
  if (verdictOn(cause.name) === undefined || denials.test(cause.message)) return cause
  const plain = new Error(`${meanings[code] ?? 'the service is not available'} (${cause.name})`)
  plain.stack = `${cause.name}: ${plain.message}`
  return Object.assign(plain, { ...cause })
}
