import type { SecretCacheErrorCode } from './errors.js'
import type { ForeignError } from './foreign-error.js'

/** What the service's words, or the kind of error, say between the lines; the most telling first. */
const traps: readonly [RegExp, string][] = [
  [
    /AccessDenied.*(Access to KMS|\bkms:[A-Z]|ciphertext)/,
    'The role needs kms:Decrypt on the key of the secret. Between accounts that must be a customer managed key whose policy allows the role: aws/secretsmanager cannot be shared.',
  ],
  [/AccessDenied.*vpc endpoint policy/i, 'The policy of the VPC endpoint refuses secretsmanager:GetSecretValue on this secret.'],
  [/AccessDenied.*service control policy/i, 'A service control policy of the organization refuses this call.'],
  [/AccessDenied.*permissions boundary/i, "The role's permissions boundary leaves this call out."],
  [
    /AccessDenied.*resource-based policy/i,
    "The secret's resource policy refuses the role, or does not allow one of another account. Does a condition of it, such as secretsmanager:VersionStage or aws:SourceVpce, not hold?",
  ],
  [
    /AccessDenied/,
    'The role needs secretsmanager:GetSecretValue on this secret. A policy condition on secretsmanager:VersionStage must name the stage that is read.',
  ],
  [
    /UnrecognizedClient|InvalidClientTokenId/,
    'AWS does not know the access key: deleted, of another partition, or without its session token?',
  ],
  [
    /CredentialsProviderError|TokenProviderError/,
    'The SDK found no credentials: is the role attached, or AWS_PROFILE or AWS_ACCESS_KEY_ID set?',
  ],
  [/^(ExpiredToken|RequestExpired)/, 'The credentials have expired and were not renewed.'],
  [
    /^(InvalidSignature|RequestTimeTooSkewed|SignatureDoesNotMatch)/,
    "Is this machine's clock right, and the secret access key complete?",
  ],
  [
    /ENOTFOUND|EAI_AGAIN/,
    'The endpoint does not resolve. Is the Region right? Does the subnet reach it, by a NAT gateway or a VPC endpoint?',
  ],
]

const hintByCode: Partial<Record<SecretCacheErrorCode, string>> = {
  ERR_SECRET_NOT_FOUND: 'Is it in this account and Region? A secret of another account is read by its full ARN.',
  ERR_SECRET_VERSION: 'No version has that label or id. A new secret has no AWSPREVIOUS.',
  ERR_SECRET_DELETED: 'RestoreSecret brings it back until its recovery window ends.',
  ERR_SECRET_DECRYPTION: 'Is the KMS key of the secret disabled or scheduled for deletion?',
}

/** The likely cause of a failure and its remedy. */
export function hintFor(
  code: SecretCacheErrorCode,
  { name, code: systemCode = '', message = '' }: ForeignError,
): string | undefined {
  const told = `${name} ${systemCode} ${message}`
  return traps.find(([sign]) => sign.test(told))?.[1] ?? hintByCode[code]
}
