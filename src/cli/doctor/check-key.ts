import type { Aws } from './aws.js'
import { unchecked } from './call-error.js'
import { type CheckId, type Finding, ok, problem, unknown } from './finding.js'
import { answerOf } from './policy.js'

/** The key of a topic or queue, and the service that has to encrypt with it. */
interface UsedKey {
  readonly id: CheckId
  /** The ARN of the topic or queue. */
  readonly what: string
  readonly keyId: string
  readonly service: string
  readonly context: Readonly<Record<string, string>>
  readonly statement: object
  /** What to mind about the statement. */
  readonly note?: string
}

/** Does the policy of a key let a service encrypt messages? */
export async function checkKey(aws: Aws, { id, what, keyId, service, context, statement, note }: UsedKey): Promise<Finding> {
  if (/(^|:)alias\/aws\//.test(keyId)) {
    const remedy = `Encrypt it with a customer managed key whose policy has this statement${note === undefined ? '' : `, ${note}`}:`
    const text = `${what} is encrypted with ${keyId}, whose policy does not let ${service} use it and cannot be changed.`
    return problem(id, text, { remedy, statement })
  }
  let key: { arn: string; policy: string }
  try {
    key = await aws.keyPolicy(keyId)
  } catch (error) {
    const [, partition, , region, account] = what.split(':')
    const resource =
      keyId.startsWith('arn:') && !keyId.includes('alias/') ? keyId : `arn:${partition}:kms:${region}:${account}:key/*`
    return unchecked(id, `Whether the key of ${what} lets ${service} use it is unknown`, error, {
      action: ['kms:DescribeKey', 'kms:GetKeyPolicy'],
      resource,
    })
  }
  const answers = ['kms:GenerateDataKey', 'kms:Decrypt'].map(action =>
    answerOf(key.policy, { service, action, resource: key.arn, context }),
  )
  if (answers.every(answer => answer === 'allowed')) return ok(id, `The key of ${what} lets ${service} use it.`)
  const remedy = `Add this statement to the policy of ${key.arn}${note === undefined ? '' : `, ${note}`}:`
  if (!answers.includes('denied')) {
    return unknown(id, `Whether the key of ${what} lets ${service} use it depends on conditions.`, { remedy, statement })
  }
  return problem(id, `The policy of the key of ${what} does not let ${service} use it, so no message gets there.`, {
    remedy,
    statement,
  })
}
