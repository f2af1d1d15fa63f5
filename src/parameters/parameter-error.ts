import { SecretCacheError, type SecretCacheErrorCode } from '../core/failures/errors.js'
import { causeFrom, readForeignError } from '../core/failures/foreign-error.js'
import { isArn } from '../core/secrets/secret-id.js'

const denials: readonly [RegExp, string][] = [
  [
    /\bkms:[A-Z]|\bciphertext (refers|because)/,
    'The role needs kms:Decrypt on the key of the parameter, which must be enabled. A shared parameter needs a customer managed key.',
  ],
  [/:\*$/, 'The role needs the action on this parameter. Is the name complete?'],
  [
    /:GetParameters\b/,
    'The role needs ssm:GetParameters for a warm-up, on each of the parameters: one that is denied has the whole batch denied.',
  ],
]

const mayRead =
  'The role needs ssm:GetParameter on arn:aws:ssm:<region>:<account>:parameter/<name>, with one slash before the name.'

/** An error of Parameter Store as the cache shows it: with hints for parameters where those of secrets would mislead. */
export function explained(thrown: unknown, secretId: string, hasSelector: boolean): unknown {
  const foreign = readForeignError(thrown)
  const { name, message = '' } = foreign
  // ParameterNotFound has no message, and the SDK then fills in one that tells nothing.
  const cause = causeFrom(message === 'UnknownError' ? { ...foreign, message: `${name}.` } : foreign)
  const error = (code: SecretCacheErrorCode, hint: string): SecretCacheError =>
    new SecretCacheError({
      code,
      message: `The parameter ${secretId} could not be read.`,
      secretId,
      cause,
      hint,
    })
  if (/AccessDenied/.test(name)) {
    return error('ERR_SECRET_ACCESS_DENIED', denials.find(([sign]) => sign.test(message))?.[1] ?? mayRead)
  }
  // A label that does not exist is answered like a parameter that does not.
  if (/ParameterVersionNotFound/.test(name) || (hasSelector && /ParameterNotFound/.test(name))) {
    return error(
      'ERR_SECRET_VERSION',
      'No version has that number or label. The oldest are deleted when there are more than a hundred.',
    )
  }
  if (/ParameterNotFound/.test(name)) {
    const where = isArn(secretId)
      ? 'A parameter of another account must be shared.'
      : 'One of another account is read by its ARN.'
    return error('ERR_SECRET_NOT_FOUND', `Is it in this account and Region? ${where}`)
  }
  if (/InvalidKeyId/.test(name)) {
    return error(
      'ERR_SECRET_DECRYPTION',
      'Is the KMS key of the parameter disabled, scheduled for deletion or in another account?',
    )
  }
  return thrown
}
