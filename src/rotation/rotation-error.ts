import { SecretCacheError } from '../core/failures/errors.js'
import { failureFrom } from '../core/failures/failure.js'

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
}

const permissionsHint =
  "The function's role needs secretsmanager:DescribeSecret, GetSecretValue, PutSecretValue and UpdateSecretVersionStage on the secret, GetSecretValue and DescribeSecret on the master secret, and GetRandomPassword if the password comes from the service."

/** Makes the error of a step from anything that was thrown in it, without the foreign error's words. */
export function rotationErrorFrom(thrown: unknown, { secretId, what }: { secretId: string; what: string }): SecretCacheError {
  if (thrown instanceof RotationRefusal) return rotationError({ message: `${what} failed: ${thrown.message}`, secretId })
  const { code, cause, hint } = failureFrom(thrown)
  // A denial by a key or by one certain policy has a hint of its own.
  const isPlainDenial =
    code === 'ERR_SECRET_ACCESS_DENIED' &&
    !/kms|(endpoint|control|sessions?|resource-based) policy|boundary|explicit deny|sts:/i.test(cause.message)
  return rotationError({
    message: `${what} failed: ${cause.message}`,
    secretId,
    cause,
    hint: isPlainDenial ? permissionsHint : hint,
  })
}
