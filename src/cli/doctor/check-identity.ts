import { isArn, parseSecretArn } from '../../core/secrets/secret-id.js'
import type { Aws } from './aws.js'
import { unchecked } from './call-error.js'
import { type Finding, ok, problem, warning } from './finding.js'

/** Who calls, and from where. */
export interface Caller {
  readonly arn: string
  readonly account: string
  readonly partition: string
}

/** The Region: the configured one must be that of the secret. `region` is undefined if the rest cannot be checked. */
export async function checkRegion(aws: Aws, secretId: string): Promise<{ findings: Finding[]; region: string | undefined }> {
  const named = isArn(secretId) ? parseSecretArn(secretId)?.region : undefined
  try {
    const region = await aws.configuredRegion()
    if (named === undefined || named === region) return { findings: [ok('region', `The Region is ${region}.`)], region }
    const what = `The secret is in ${named}, but the Region in use is ${region}: every read would fail.`
    const remedy = `Set AWS_REGION=${named}, or pass { region: '${named}' } to the client. The doctor continues in ${named}.`
    return { findings: [problem('region', what, { remedy })], region: named }
  } catch (error) {
    return { findings: [unchecked('region', 'No Region is configured', error)], region: named }
  }
}

/** Who am I: an account and a role. */
export async function checkIdentity(aws: Aws, secretId: string): Promise<{ findings: Finding[]; caller: Caller | undefined }> {
  const owner = isArn(secretId) ? parseSecretArn(secretId)?.account : undefined
  try {
    const { account, arn } = await aws.identity()
    const caller = { arn, account, partition: arn.split(':')[1] || 'aws' }
    const findings = [ok('identity', `You are ${arn} in account ${account}.`)]
    if (owner !== undefined && owner !== account) {
      const remedy = `The secret's policy and its key must allow ${account} to read. Its events go to the event bus of ${owner}: run the doctor there, too.`
      findings.push(warning('account', `The secret belongs to another account: ${owner}, not ${account}.`, { remedy }))
    }
    return { findings, caller }
  } catch (error) {
    return { findings: [unchecked('identity', 'Who you are is unknown', error)], caller: undefined }
  }
}
