import type { Aws } from './aws.js'
import { CallError, unchecked } from './call-error.js'
import { checkKey } from './check-key.js'
import { type Finding, ok, problem, unknown } from './finding.js'
import { answerOf } from './policy.js'
import { keyStatement, sendStatement } from './statements.js'

/** Who sends to a queue: SNS for a topic, or EventBridge for a rule. */
export interface Sender {
  readonly service: 'sns.amazonaws.com' | 'events.amazonaws.com'
  /** The topic or rule. */
  readonly arn: string
}

/** Do the policy and the key of a queue let a topic or rule send to it? */
export async function checkQueue(aws: Aws, queueArn: string, sender: Sender): Promise<Finding[]> {
  const [, , , region = ''] = queueArn.split(':')
  const there = aws.in(region)
  try {
    const queue = await there.queue(await there.queueUrl(queueArn))
    const findings = [policyFinding(queue.policy, queueArn, sender)]
    if (queue.keyId !== undefined) findings.push(await queueKey(there, queueArn, queue.keyId, sender))
    return findings
  } catch (error) {
    if (error instanceof CallError && error.kind === 'missing') {
      const remedy =
        'Remove the subscription or target, or create the queue again. sweepQueues removes what crashed instances left behind.'
      return [problem('queue', `The queue ${queueArn} does not exist.`, { remedy })]
    }
    const need = { action: ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'], resource: queueArn }
    return [unchecked('queue', `The policy of ${queueArn} is unknown`, error, need)]
  }
}

function policyFinding(policy: string, queueArn: string, { service, arn }: Sender): Finding {
  const [, , , , account = ''] = arn.split(':')
  const context = { 'aws:sourcearn': arn, 'aws:sourceaccount': account, 'aws:securetransport': 'true' }
  const answer = answerOf(policy, { service, action: 'sqs:SendMessage', resource: queueArn, context })
  if (answer === 'allowed') return ok('queue-policy', `The policy of ${queueArn} lets ${arn} send.`)
  const remedy = `Add this statement to the policy of ${queueArn}, and remove any Deny that applies to ${service}:`
  const statement = sendStatement(service, 'sqs:SendMessage', queueArn, arn)
  if (answer === 'denied')
    return problem('queue-policy', `The policy of ${queueArn} does not let ${arn} send.`, { remedy, statement })
  return unknown('queue-policy', `Whether the policy of ${queueArn} lets ${arn} send depends on conditions.`, {
    remedy,
    statement,
  })
}

function queueKey(aws: Aws, queueArn: string, keyId: string, { service, arn }: Sender): Promise<Finding> {
  const [, , , , account = ''] = arn.split(':')
  const context = { 'aws:sourcearn': arn, 'aws:sourceaccount': account, 'kms:encryptioncontext:aws:sqs:arn': queueArn }
  const statement = keyStatement(service, { 'aws:SourceAccount': account })
  return checkKey(aws, { id: 'queue-key', what: queueArn, keyId, service, context, statement })
}
