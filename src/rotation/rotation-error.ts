import { isSecretCacheError, SecretCacheError, type SecretCacheErrorCode } from '../core/failures/errors.js'
import { failureFrom } from '../core/failures/failure.js'
import { verdictOn } from '../core/failures/verdicts.js'

/** The details of a step that failed. */
export interface RotationErrorDetails {
  message: string
  secretId: string
  cause?: Error | undefined
  hint?: string | undefined
}

/** The error that ends a step. Secrets Manager tries the rotation again; AWSCURRENT is unchanged. */
export function rotationError({ message, secretId, cause, hint }: RotationErrorDetails): SecretCacheError {
  return new SecretCacheError({ code: 'ERR_ROTATION_STEP', message, secretId, cause, hint })
}

/** The reason why this package refuses to go on, without values. Unlike a foreign error, it is repeated word for word. */
export class RotationRefusal extends Error {
  override readonly name = 'RotationRefusal'
  readonly hint: string | undefined

  constructor(message: string, hint?: string) {
    super(message)
    this.hint = hint
  }
}

/** The error of a step that was refused. */
export function refusalError(what: string, secretId: string, { message, hint }: RotationRefusal): SecretCacheError {
  return rotationError({ message: `${what}: ${message}`, secretId, hint })
}

const permissionsHint =
  "The function's role needs secretsmanager:DescribeSecret, GetSecretValue, PutSecretValue and UpdateSecretVersionStage on the secret, GetSecretValue and DescribeSecret on the master secret, and GetRandomPassword if the password comes from the service."

/** The wordings with which IAM and KMS deny: they name who, what and which policy, and nothing of what was sent. */
const denials =
  /^(User: \S+ is not authorized to perform: \S+ on resource: \S+( (because|with) [\w\s,'():./-]*)?|Access to KMS is not allowed[\w\s.-]*)$/

/** What failed, in our own words. */
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

/** Converts anything that was thrown in a step into the error of the step; errors of this package are passed on. Never throws. */
export function stepErrorFrom(thrown: unknown, step: { secretId: string; what: string }): SecretCacheError {
  try {
    return isSecretCacheError(thrown) ? thrown : rotationErrorFrom(thrown, step)
  } catch {
    // Reading it has thrown again, possibly with a value.
    return rotationError({ message: `${step.what} failed: the error is not readable`, secretId: step.secretId })
  }
}

/** Converts anything that was thrown in a step into the error of the step, without the text of a foreign error. */
export function rotationErrorFrom(thrown: unknown, { secretId, what }: { secretId: string; what: string }): SecretCacheError {
  if (thrown instanceof RotationRefusal) return refusalError(`${what} failed`, secretId, thrown)
  const { code, cause, hint } = failureFrom(thrown)
  // A denial by a key or by a particular policy has its own hint.
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

/** The text of a service may quote the request, which contained a password and the rotation token, so only the name of the exception is used. */
function withoutWords(cause: Error, code: SecretCacheErrorCode): Error {
  // Any other message is ours, or was written before there was a request.
  if (verdictOn(cause.name) === undefined || denials.test(cause.message)) return cause
  const plain = new Error(`${meanings[code] ?? 'the service is not available'} (${cause.name})`)
  plain.stack = `${cause.name}: ${plain.message}`
  return Object.assign(plain, { ...cause })
}
