import type { SecretCacheErrorCode } from './errors.js'
import type { ForeignError } from './foreign-error.js'

const mayRead =
  'The role needs secretsmanager:GetSecretValue on this secret: end its ARN in the policy with the six-character suffix or with -??????.'
const foreign = 'A secret of another account is read by its full ARN.'
const sharedKey =
  'Between accounts the key must be a customer managed one whose policy allows the role: aws/secretsmanager cannot be shared.'

/**
 * Hints by a pattern in the name, code or message of the error; the most specific first.
 *
 * IAM names the policy that denied the call: "because no … policy allows the … action" or "with an explicit deny in a … policy".
 */
const traps: readonly [RegExp, string][] = [
  [
    /AccessDenied.*sts:AssumeRole/,
    "The role's trust policy must allow the caller: a Kubernetes service account by issuer, namespace and name.",
  ],
  // Before the VPC endpoint, whose denial may be "transitively through a service control policy".
  [/AccessDenied.*service control policy/i, 'A service control policy of the organization denies this call.'],
  [/AccessDenied.*resource control policy/i, 'A resource control policy of the organization denies this call.'],
  [/AccessDenied.*permissions boundary/i, "The role's permissions boundary does not allow this call."],
  [/AccessDenied.*sessions? policy/i, "The role's session policy does not allow this call."],
  [
    /AccessDenied.*not encrypted with the current KMS key/,
    'This version is encrypted under an earlier key: the role needs kms:Decrypt on that too.',
  ],
  [/default KMS service key/, sharedKey],
  [
    /AccessDenied.*(Access to KMS|\bkms:[A-Z]|\bciphertext (refers|because))/,
    `The role needs kms:Decrypt on the key of the secret, which must be enabled. ${sharedKey}`,
  ],
  [/AccessDenied.*vpc endpoint policy/i, 'The policy of the VPC endpoint does not allow this call.'],
  [
    /AccessDenied.*resource-based policy/i,
    "The secret's resource policy denies the role, or does not allow one of another account. Is a condition unmet, such as secretsmanager:VersionStage or aws:SourceVpce? Is the ARN of the Region that was asked?",
  ],
  [/AccessDenied.*explicit deny in an identity-based/, 'A policy of the role denies this call.'],
  [/AccessDenied.*:GetSecretValue on resource: (?!arn:)/, `${mayRead} Is it in this account and Region? ${foreign}`],
  [/AccessDenied/, `${mayRead} A policy condition on secretsmanager:VersionStage must name the stage that is read.`],
  [
    /UnrecognizedClient|InvalidClientTokenId/,
    'AWS does not recognize the access key: was it deleted, is it for another partition, or is the session token missing?',
  ],
  [/ProviderError.*(\bSSO\b|UnauthorizedException)/, 'Sign in again: aws sso login --profile <name>.'],
  [/ProviderError.*[Pp]rofile/, 'Does AWS_PROFILE name a profile of ~/.aws/config, and may this process read the file?'],
  [/ProviderError|MetadataV1/, 'Is the role attached, or AWS_PROFILE or AWS_ACCESS_KEY_ID set?'],
  [
    /InvalidIdentityToken|IDPRejectedClaim/,
    'IAM must know the issuer of the token and expect its audience, and it must not have expired.',
  ],
  [/^(ExpiredToken|RequestExpired)/, 'The credentials have expired.'],
  [
    /^(InvalidSignature|RequestTimeTooSkewed|SignatureDoesNotMatch)/,
    "Is this machine's clock right, and the secret access key complete?",
  ],
  [/Region (is missing|not accepted)/, 'Pass { region }, or set AWS_REGION.'],
  [
    /Dynamic require|require is not defined/,
    'A bundle of ES modules has no require: leave the AWS SDK out of it, or bundle to CommonJS.',
  ],
  [/MODULE_NOT_FOUND|Cannot find (module|package)/, 'Install the package, or leave the AWS SDK out of the bundle.'],
  [
    /EndpointError|INVALID_URL/,
    'AWS_ENDPOINT_URL must be a URL, and excludes AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT.',
  ],
  [
    /ENOTFOUND|EAI_AGAIN/,
    'The endpoint does not resolve. Is the Region right? Does the subnet reach it, by a NAT gateway or a VPC endpoint?',
  ],
  [/EPROTO/, 'Without TLS, its URL begins with http://.'],
  [
    /ETIMEDOUT|UNREACH|CONNECT_TIMEOUT/,
    'Does the subnet reach the endpoint, by a NAT gateway or a VPC endpoint that lets port 443 in?',
  ],
]

const hintByCode: Partial<Record<SecretCacheErrorCode, string>> = {
  ERR_SECRET_VERSION:
    'No version has that id or label (is it in upper case?). A new secret has no AWSPREVIOUS; AWSPENDING exists only during a rotation.',
  ERR_SECRET_DELETED: 'RestoreSecret brings it back until its recovery window ends.',
  ERR_SECRET_DECRYPTION: 'Is the KMS key of the secret disabled or scheduled for deletion?',
  // The only such failure that no pattern above matches.
  ERR_SECRET_CONFIG: 'Nothing listens there: is AWS_ENDPOINT_URL right, and the local stack, proxy or VPC endpoint up?',
  ERR_SECRET_CREDENTIALS: 'Is the file of the token mounted, and may this process read it?',
}

const explicitDeny = ' A Deny outweighs every Allow: which condition of it does this call meet?'

/** The likely cause of a failure and its remedy. */
export function hintFor(
  code: SecretCacheErrorCode,
  { name, code: systemCode, message, asked }: ForeignError,
): string | undefined {
  if (code === 'ERR_SECRET_NOT_FOUND') return notFound(asked?.region)
  const told = [name, systemCode, message].join(' ')
  const hint = traps.find(([sign]) => sign.test(told))?.[1] ?? hintByCode[code]
  return /AccessDenied.*explicit deny/.test(told) ? hint + explicitDeny : hint
}

function notFound(region: string | undefined): string {
  const where =
    region === undefined ? 'in this account and Region' : `in this account, and in ${region}, the Region that was asked`
  return `Is it ${where}? The Region of the client counts, not that of an ARN. ${foreign}`
}
