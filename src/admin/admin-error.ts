import { SecretCacheError } from '../core/failures/errors.js'
import { type Failure, failure } from '../core/failures/failure.js'
import { verdictOn } from '../core/failures/verdicts.js'
import type { WriteOperation } from '../core/secrets/writable-source.js'
import type { Fate } from './attempts.js'

const outcomes: Readonly<Record<WriteOperation, string>> = {
  CreateSecret: 'created',
  PutSecretValue: 'written',
  RotateSecret: 'rotated',
}

/** The permissions that a role needs besides the operation itself. */
const alsoNeeded: Readonly<Record<WriteOperation, string>> = {
  CreateSecret: 'kms:GenerateDataKey and kms:Decrypt on a key of yours',
  PutSecretValue: 'kms:GenerateDataKey and kms:Decrypt on a key of yours',
  RotateSecret: 'lambda:InvokeFunction on its rotation function',
}

/** What to do if it is not known whether the call was carried out. */
export const lookFirst: Readonly<Record<WriteOperation, string>> = {
  CreateSecret: 'The write may have been carried out: read the secret before you write again.',
  PutSecretValue: 'The write may have been carried out: read the secret before you write again.',
  RotateSecret: 'The rotation may have started: AWSPENDING is the version that it creates.',
}

export const neverSent = 'The request was never sent, so the secret is unchanged.'

/** A failed call that was to change a secret. */
interface Refused {
  readonly secretId: string
  readonly operation: WriteOperation
  /** Whether the service may have carried it out all the same. */
  readonly fate: Fate
}

/** The error of a failed call. */
export function adminError(reason: Failure, { secretId, operation, fate }: Refused): SecretCacheError {
  const cause = operation === 'RotateSecret' ? reason.cause : withoutQuotes(reason.cause)
  return new SecretCacheError({
    code: reason.code,
    message: `The secret ${secretId} could not be ${outcomes[operation]}: ${cause.message}`,
    secretId,
    cause,
    hint: hintFor(reason, operation, fate),
  })
}

/** The error of a call through a closed cache. */
export function closedError(secretId: string, operation: WriteOperation, fate: Fate = 'never sent'): SecretCacheError {
  return adminError(failure('closed', 'The cache is closed.'), { secretId, operation, fate })
}

function hintFor(reason: Failure, operation: WriteOperation, fate: Fate): string | undefined {
  if (fate === 'may be done') return lookFirst[operation]
  const remedy = remedyFor(reason, operation)
  if (fate === 'refused') return remedy
  return remedy === undefined ? neverSent : `${neverSent} ${remedy}`
}

function remedyFor({ code, hint }: Failure, operation: WriteOperation): string | undefined {
  // A hint that names the policy that denied the call is more precise; any other is about reading.
  const isAboutReading = hint === undefined || hint.includes('GetSecretValue')
  if (code === 'ERR_SECRET_DECRYPTION' || (code === 'ERR_SECRET_ACCESS_DENIED' && isAboutReading))
    return `The role needs secretsmanager:${operation} on the secret, and ${alsoNeeded[operation]}.`
  return code === 'ERR_SECRET_REQUEST' && operation === 'RotateSecret'
    ? 'Is rotation configured for it? Configure it once: in the console, with a CloudFormation RotationSchedule, or by RotateSecret with a RotationLambdaARN.'
    : hint
}

/** Exceptions about the secret, the role or the key, but not about a field of the request. */
const aboutNoField =
  /^(AccessDenied|NotAuthorized|OptInRequired|UnrecognizedClient|InvalidClientTokenId|ResourceNotFound|ResourceExists|InvalidRequest|LimitExceeded|DecryptionFailure|EncryptionFailure)(Exception)?$/

/** The message of the service may quote a field of the request, and the value of the secret is one of them. */
function withoutQuotes(cause: Error): Error {
  const { name } = cause
  const verdict = verdictOn(name)
  if (verdict === undefined || aboutNoField.test(name)) return cause
  return Object.assign(new Error(verdict.kind === 'wrong' ? 'A field of the request was rejected.' : name), { name })
}
