import type { SecretCacheErrorCode } from './errors.js'
import type { ForeignError } from './foreign-error.js'

interface Trap {
  when: RegExp
  hint: string
}

/** What an access-denied message of the service says between the lines, most telling first. */
const accessTraps: readonly Trap[] = [
  {
    when: /kms|ciphertext|decrypt/i,
    hint: 'The role needs kms:Decrypt on the key of the secret. A secret of another account must be encrypted with a customer managed key whose key policy allows this role: aws/secretsmanager cannot be shared.',
  },
  {
    when: /vpc endpoint policy/i,
    hint: 'The policy of the VPC endpoint for Secrets Manager refuses this call: allow secretsmanager:GetSecretValue for this secret in it.',
  },
  {
    when: /service control policy/i,
    hint: 'A service control policy of the organization refuses this call.',
  },
  {
    when: /permissions boundary/i,
    hint: "The role's permissions boundary leaves this call out.",
  },
  {
    when: /explicit deny in a resource-based policy/i,
    hint: "The secret's resource policy denies this role: look for a condition on secretsmanager:VersionStage, aws:SourceVpce or aws:PrincipalOrgID that does not hold.",
  },
  {
    when: /resource-based policy/i,
    hint: "The secret's resource policy must allow this role: between accounts both it and the role's own policy are needed, and a condition on secretsmanager:VersionStage must name the stage that is read.",
  },
  {
    when: /security token|UnrecognizedClient/i,
    hint: 'The access key is unknown to AWS: is it deleted, of another partition, or does it lack its session token?',
  },
]

const generalHints: Partial<Record<SecretCacheErrorCode, string>> = {
  ERR_SECRET_ACCESS_DENIED:
    'The role needs secretsmanager:GetSecretValue on this secret, and kms:Decrypt if its key is customer managed. A policy condition on secretsmanager:VersionStage must name the stage that is read.',
  ERR_SECRET_NOT_FOUND: 'Is it in this account and Region? A secret of another account is read by its full ARN.',
  ERR_SECRET_VERSION: 'Does the secret have a version with that staging label or version id? A new secret has no AWSPREVIOUS.',
  ERR_SECRET_DELETED: 'RestoreSecret brings it back until its recovery window ends.',
  ERR_SECRET_DECRYPTION: 'Is the KMS key of the secret disabled or scheduled for deletion?',
}

/** The likely cause of a failure and its remedy. */
export function hintFor(
  code: SecretCacheErrorCode,
  { name, code: systemCode, message = '' }: ForeignError,
  thrown: unknown,
): string | undefined {
  if (code === 'ERR_SECRET_ACCESS_DENIED') {
    return (accessTraps.find(({ when }) => when.test(`${name} ${message}`)) ?? { hint: generalHints[code] }).hint
  }
  if (thrown instanceof Error && thrown.message === 'Region is missing') {
    return 'Pass { region } to SecretCache, or set AWS_REGION.'
  }
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    return 'The SDK found no credentials: is the role attached, or AWS_PROFILE or AWS_ACCESS_KEY_ID set?'
  }
  if (/^(Expired|RequestExpired)/.test(name)) return 'The credentials have expired and were not renewed.'
  if (/^(InvalidSignature|RequestTimeTooSkewed|SignatureDoesNotMatch)/.test(name)) {
    return 'Does the clock of this machine run right, and is the secret access key complete?'
  }
  if (systemCode === 'ENOTFOUND' || systemCode === 'EAI_AGAIN') {
    return 'The endpoint does not resolve: is the Region right, and does the subnet reach Secrets Manager through a NAT gateway or a VPC endpoint?'
  }
  return generalHints[code]
}
