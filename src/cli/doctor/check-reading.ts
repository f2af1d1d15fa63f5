import type { Aws } from './aws.js'
import { CallError, unchecked } from './call-error.js'
import type { Caller } from './check-identity.js'
import { type CheckId, type Finding, ok, problem } from './finding.js'
import type { ExaminedSecret } from './secret.js'
import { decryptStatement, principalOf, readStatement, secretPolicyStatement } from './statements.js'

/** What reading needs. */
interface Reading {
  readonly aws: Aws
  readonly secret: ExaminedSecret
  readonly caller: Caller | undefined
}

/** The result: `secret` has its full ARN if a call has returned it. */
interface ReadingResult {
  findings: Finding[]
  secret: ExaminedSecret
}

/** May I read the version that everyone uses, and does the key let me? */
export async function checkCurrent(reading: Reading): Promise<ReadingResult> {
  const { aws, secret } = reading
  try {
    const found = await aws.readSecret(secret.id, 'AWSCURRENT')
    const findings = [
      ok('read-current', `${found.name} may be read (AWSCURRENT).`),
      ok('key', 'The key of the secret lets you decrypt it.'),
    ]
    return { findings, secret: { ...secret, arn: found.arn, name: found.name } }
  } catch (error) {
    return { findings: await readingFailure(reading, 'read-current', 'AWSCURRENT', error), secret }
  }
}

/** May I read the version of a running rotation? There may be none: then nothing is found, but it was allowed. */
export async function checkPending(reading: Reading): Promise<Finding[]> {
  const { aws, secret } = reading
  try {
    await aws.readSecret(secret.id, 'AWSPENDING')
    return [ok('read-pending', 'AWSPENDING may be read.')]
  } catch (error) {
    if (error instanceof CallError && error.kind === 'missing')
      return [ok('read-pending', 'AWSPENDING may be read. There is none now, as no rotation is running.')]
    return readingFailure(reading, 'read-pending', 'AWSPENDING', error)
  }
}

async function readingFailure(reading: Reading, id: CheckId, stage: string, error: unknown): Promise<Finding[]> {
  const { secret, caller, aws } = reading
  if (!(error instanceof CallError)) throw error
  if (isOfKey(error)) return [await keyFinding(reading, stage, error)]
  if (error.kind === 'denied') {
    const findings = [readDenied(reading, id, stage, error)]
    // For an identity that is in another account, both sides must allow the read, and the message names only one.
    if (isForeign(reading) && caller !== undefined && id === 'read-current') findings.push(foreignRead(secret, caller))
    return findings
  }
  if (error.kind === 'missing') {
    const what = `There is no secret ${secret.id} in ${aws.region}, account ${secret.account}.`
    const remedy =
      'Check the name, the Region (AWS_REGION, --region) and the account. A secret of another account is read by its full ARN.'
    return [problem(id, what, { remedy })]
  }
  if (error.exception === 'InvalidRequestException') {
    const remedy = `If it is scheduled for deletion: aws secretsmanager restore-secret --secret-id ${secret.id} --region ${secret.region}`
    return [problem(id, `${secret.id} could not be read: ${error.message}`, { remedy })]
  }
  return [unchecked(id, `Whether ${stage} may be read is unknown`, error)]
}

function readDenied({ secret, caller }: Reading, id: CheckId, stage: string, { message }: CallError): Finding {
  const what = `${stage} of ${secret.name} may not be read: ${message}`
  if (
    /explicit deny|service control policy|resource control policy|permissions boundary|vpc endpoint policy|session policy/i.test(
      message,
    )
  ) {
    const remedy =
      'The message names the policy that denies the read: an Allow elsewhere does not outweigh it. Change that one so that it lets through:'
    return problem(id, what, { remedy, statement: readStatement(secret) })
  }
  const who = caller === undefined ? 'the reader' : principalOf(caller.arn)
  const why = stage === 'AWSPENDING' ? ' Pools need AWSPENDING during a rotation; if none uses this secret, pass --no-pools.' : ''
  return problem(id, what, { remedy: `Add this statement to a policy of ${who}.${why}`, statement: readStatement(secret) })
}

function foreignRead(secret: ExaminedSecret, caller: Caller): Finding {
  const what = `The policy of the secret in account ${secret.account} must allow the read, too.`
  const remedy = 'Add this statement to the resource policy of the secret:'
  return problem('account', what, { remedy, statement: secretPolicyStatement(principalOf(caller.arn)) })
}

/** Secrets Manager calls KMS with the reader's permissions, and repeats how that ended. */
function isOfKey({ exception, message }: CallError): boolean {
  return (
    exception === 'DecryptionFailure' ||
    (/AccessDenied/.test(exception) && /Access to KMS|\bkms:[A-Z]|\bciphertext (refers|because)|KMS service key/.test(message))
  )
}

async function keyFinding(reading: Reading, stage: string, { message }: CallError): Promise<Finding> {
  const { secret, caller, aws } = reading
  const { partition, region, account } = secret
  const [told] = /arn:[\w-]+:kms:[\w-]+:\d{12}:key\/[\w-]+/.exec(message) ?? []
  // Who may not describe the secret still gets a statement, for all keys, limited by its conditions.
  const keyId = told ?? (await aws.describeSecret(secret.id).catch(() => undefined))?.keyId
  const keyArn = keyId?.startsWith('arn:') ? keyId : `arn:${partition}:kms:${region}:${account}:key/${keyId ?? '*'}`
  const what = `The key does not let you decrypt ${stage} of ${secret.name}: ${message}`
  if (isForeign(reading)) {
    const remedy = `Encrypt the secret with a customer managed key, allow kms:Decrypt in your own policy, and add this statement to the policy of ${keyArn}:`
    return problem('key', what, { remedy, statement: decryptStatement(secret, keyArn, caller && principalOf(caller.arn)) })
  }
  const who = caller === undefined ? 'the reader' : principalOf(caller.arn)
  const remedy = `Is the key enabled? Add this statement to a policy of ${who}:`
  return problem('key', what, { remedy, statement: decryptStatement(secret, keyArn) })
}

function isForeign({ secret, caller }: Reading): boolean {
  return caller !== undefined && caller.account !== secret.account
}
