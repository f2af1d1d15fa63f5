import { expect, it } from 'vitest'
import { noteAsked } from '../../../src/core/failures/asked.js'
import { failureFrom } from '../../../src/core/failures/failure.js'
import { MissingPeerError } from '../../../src/core/failures/peer.js'

const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf'
const action = 'secretsmanager:GetSecretValue'
const asked = `User: arn:aws:sts::444455556666:assumed-role/app/i-1 is not authorized to perform: ${action} on resource: ${arn}`
const ofName = asked.replace(arn, 'prod/db')
const decrypt = 'User: arn:aws:sts::444455556666:assumed-role/app/i-1 is not authorized to perform: kms:Decrypt on'

const deny = /A Deny outweighs every Allow/

function exception(name: string, message = ''): Error {
  return Object.assign(new Error(message), { name })
}

function systemError(code: string): Error {
  return Object.assign(new Error(''), { code })
}

/** A system's error of a source that asks AWS, which has never answered. */
function unanswered(code: string): Error {
  const thrown = systemError(code)
  noteAsked(thrown, { region: undefined, hasAnswered: false })
  return thrown
}

/** The hint for what Secrets Manager says with an AccessDeniedException. */
function hintForDenied(message: string): string | undefined {
  return failureFrom(exception('AccessDeniedException', message)).hint
}

it.each([
  ['no identity-based policy', /^The role needs secretsmanager:GetSecretValue.*-\?{6}.*VersionStage/],
  ['no resource-based policy', /^The secret's resource policy.*another account.*VersionStage.*Region/],
  ['no VPC endpoint policy', /^The policy of the VPC endpoint/],
  ['no service control policy', /^A service control policy/],
  ['no permissions boundary', /^The role's permissions boundary/],
  ['no session policy', /^The role's session policy/],
])('what %s allows is explained, and no Deny is suspected', (policy, expected) => {
  const hint = hintForDenied(`${asked} because ${policy} allows the ${action} action`)
  expect(hint).toMatch(expected)
  expect(hint).not.toMatch(deny)
})

it.each([
  ['an identity-based policy', /^A policy of the role/],
  ['a resource-based policy', /^The secret's resource policy/],
  ['a VPC endpoint policy', /^The policy of the VPC endpoint/],
  ['a VPC endpoint policy transitively through a service control policy', /^A service control policy/],
  ['a service control policy', /^A service control policy/],
  [
    'a service control policy: arn:aws:organizations::777788889999:policy/o-1/service_control_policy/p-1',
    /^A service control policy/,
  ],
  ['a resource control policy', /^A resource control policy/],
  ['a permissions boundary', /^The role's permissions boundary/],
  ['a session policy', /^The role's session policy/],
  ['a sessions policy', /^The role's session policy/],
])('what is denied in %s is explained, and that a Deny outweighs every Allow', (policy, expected) => {
  const hint = hintForDenied(`${asked} with an explicit deny in ${policy}`)
  expect(hint).toMatch(expected)
  expect(hint).toMatch(deny)
})

it.each<[string, string, RegExp]>([
  ['of a key that the role may not use', 'Access to KMS is not allowed', /kms:Decrypt on the key.*enabled.*customer managed/],
  [
    'of a version that an earlier key has encrypted',
    'Access to KMS is not allowed. This version of secret is not encrypted with the current KMS key.',
    /earlier key.*kms:Decrypt/,
  ],
  [
    'of a key of another account or Region',
    'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
    /kms:Decrypt on the key/,
  ],
  [
    'in the words of KMS',
    `${decrypt} the resource associated with this ciphertext because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
    /kms:Decrypt on the key/,
  ],
  [
    'of a key that an identity policy leaves out',
    `${decrypt} this resource because no identity-based policy allows the kms:Decrypt action`,
    /kms:Decrypt on the key/,
  ],
  [
    'of a key by the organization',
    `${decrypt} this resource with an explicit deny in a service control policy`,
    /^A service control/,
  ],
  [
    'of a name that stands for no secret here',
    `${ofName} because no identity-based policy allows it`,
    /this account and Region.*full ARN/,
  ],
  ['of a name, in older words', ofName, /this account and Region.*full ARN/],
  ['of a role', 'User: arn:aws:iam::1:user/a is not authorized to perform: sts:AssumeRole on resource: r', /trust policy/],
  ['of a web identity', 'Not authorized to perform sts:AssumeRoleWithWebIdentity', /trust policy.*Kubernetes/],
])('a denial %s is explained', (_, message, expected) => {
  expect(hintForDenied(message)).toMatch(expected)
})

it('the default key of a secret that is read from another account is explained, and ends what is held as any key does', () => {
  const message =
    "You can't access a secret from a different AWS account if you encrypt the secret with the default KMS service key."
  expect(failureFrom(exception('InvalidRequestException', message))).toMatchObject({
    kind: 'denied',
    code: 'ERR_SECRET_DECRYPTION',
    hint: expect.stringMatching(/customer managed.*aws\/secretsmanager/),
  })
})

it.each<[string, Error, RegExp]>([
  [
    'a missing secret',
    exception('ResourceNotFoundException', "Secrets Manager can't find the specified secret."),
    /account and Region.*Region of the client.*full ARN/,
  ],
  [
    'a missing stage',
    exception(
      'ResourceNotFoundException',
      "Secrets Manager can't find the specified secret value for staging label: AWSPREVIOUS",
    ),
    /id or label.*upper case.*AWSPREVIOUS/,
  ],
  [
    'a deleted secret',
    exception('InvalidRequestException', "You can't perform this operation on the secret because it was marked for deletion."),
    /RestoreSecret/,
  ],
  [
    'a key that cannot decrypt',
    exception('DecryptionFailure', "Secrets Manager can't decrypt the protected secret text using the provided KMS key."),
    /disabled/,
  ],
  [
    'an unknown key id',
    exception('UnrecognizedClientException', 'The security token included in the request is invalid.'),
    /access key/,
  ],
  ['credentials of a moment ago', exception('RequestExpired', 'Request has expired.'), /have expired/],
  ['a clock far off', exception('RequestTimeTooSkewed', 'The difference is too large.'), /clock/],
  ['a secret access key that lacks its end', exception('SignatureDoesNotMatch', 'Not the same.'), /secret access key complete/],
  ['an SSO session that is over', exception('TokenProviderError', 'The SSO session has expired.'), /aws sso login/],
  ['an SSO session that AWS has ended', exception('ProviderError', 'UnauthorizedException: no'), /aws sso login/],
  ['a profile that is not there', exception('ProviderError', 'Could not resolve the profile x'), /AWS_PROFILE.*config/],
  ['a file of profiles', exception('ProviderError', 'Profile x has no keys'), /AWS_PROFILE.*config/],
  ['a metadata service of version 1', exception('InstanceMetadataV1FallbackError', 'blocked'), /role attached/],
  ['a web identity', exception('InvalidIdentityTokenException', 'No provider found'), /issuer.*audience/],
  ['a web identity of the wrong audience', exception('IDPRejectedClaim', 'No'), /issuer.*audience/],
  ['a Region that is none', new Error('Region not accepted: region="x y"'), /AWS_REGION/],
  ['a bundle of ES modules', new Error('Dynamic require of "node:fs" is not supported'), /no require/],
  ['a bundle that runs as a module', new Error('require is not defined in ES module scope'), /no require/],
  ['a package that a bundle lacks', systemError('MODULE_NOT_FOUND'), /^Install the package/],
  ['a module that a bundle lacks', new Error("Cannot find module './x'"), /^Install the package/],
  ['an endpoint that FIPS excludes', exception('EndpointError', 'FIPS and custom endpoint'), /AWS_USE_FIPS_ENDPOINT/],
  ['a resolver that is down', systemError('EAI_AGAIN'), /does not resolve/],
  ['an endpoint where nobody listens', unanswered('ECONNREFUSED'), /Nothing listens.*AWS_ENDPOINT_URL/],
  ['a file of a token that is not there', unanswered('ENOENT'), /file of the token/],
  ['a subnet without a route', systemError('ENETUNREACH'), /NAT gateway.*443/],
  ['a host without a route', systemError('EHOSTUNREACH'), /NAT gateway.*443/],
  ['a connection that undici gave up', systemError('UND_ERR_CONNECT_TIMEOUT'), /NAT gateway.*443/],
  ['expired credentials', exception('ExpiredTokenException', 'The security token included in the request is expired'), /expired/],
  [
    'a clock that is wrong',
    exception('InvalidSignatureException', 'Signature expired: 20260101T000000Z is now earlier than 20260101T000500Z'),
    /clock/,
  ],
  ['no credentials', exception('CredentialsProviderError', 'Could not load credentials from any providers'), /role.*AWS_PROFILE/],
  ['a name that does not resolve', systemError('ENOTFOUND'), /Region.*VPC endpoint/],
  ['an endpoint out of reach', systemError('ETIMEDOUT'), /NAT gateway.*443/],
  ['TLS to a port without it', systemError('EPROTO'), /http:/],
  ['a missing Region', new Error('Region is missing'), /AWS_REGION/],
  ['a missing package', new MissingPeerError('@aws-sdk/client-secrets-manager'), /npm install @aws-sdk\/client-secrets-manager/],
])('%s is explained', (_, thrown, expected) => {
  expect(failureFrom(thrown).hint).toMatch(expected)
})

it.each(['prod/kms-settings', 'ciphertext/service-control-policy', 'resource-based-policy', 'sts-AssumeRole'])(
  'the name of a secret misleads nobody: %s',
  name => {
    const message = `${asked.replace('prod/db', name)} because no identity-based policy allows the ${action} action`
    expect(hintForDenied(message)).toMatch(/^The role needs secretsmanager:GetSecretValue/)
  },
)

it.each([
  exception('InternalServiceError'),
  exception('ThrottlingException'),
  exception('InvalidParameterException', 'Invalid name: ExpiredToken'),
  exception('InvalidParameterException', 'Invalid name: SignatureDoesNotMatch'),
  new Error('anything'),
])('there is none where there is nothing to say: %s', thrown => {
  expect(failureFrom(thrown).hint).toBeUndefined()
})
