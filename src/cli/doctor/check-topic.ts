import type { Aws } from './aws.js'
import { CallError, unchecked } from './call-error.js'
import { checkKey } from './check-key.js'
import { type Route, sendByRule } from './check-targets.js'
import { type Finding, ok, problem, unknown } from './finding.js'
import { answerOf } from './policy.js'
import { keyStatement } from './statements.js'

const events = 'events.amazonaws.com'

/** Do the policy and the key of a topic let EventBridge publish to it? */
export async function checkTopic(
  aws: Aws,
  topicArn: string,
  routes: readonly Route[],
): Promise<{ findings: Finding[]; exists: boolean }> {
  let topic: Awaited<ReturnType<Aws['topic']>>
  try {
    topic = await aws.topic(topicArn)
  } catch (error) {
    return { findings: [topicFailure(topicArn, error)], exists: !(error instanceof CallError && error.kind === 'missing') }
  }
  const findings = routes.filter(({ hasRole }) => !hasRole).map(route => policyFinding(topic.policy, route))
  if (topic.keyId !== undefined) findings.push(await topicKey(aws, topicArn, topic.keyId))
  return { findings, exists: true }
}

function topicFailure(topicArn: string, error: unknown): Finding {
  if (error instanceof CallError && error.kind === 'missing') {
    const remedy = 'Create the topic again, or let the rule send to another one.'
    return problem('topic', `The topic ${topicArn} does not exist.`, { remedy })
  }
  return unchecked('topic', `The policy of ${topicArn} is unknown`, error, {
    action: 'sns:GetTopicAttributes',
    resource: topicArn,
  })
}

function policyFinding(policy: string, route: Route): Finding {
  const { ruleArn, targetArn } = route
  const [, , , , account = ''] = ruleArn.split(':')
  const context = { 'aws:sourcearn': ruleArn, 'aws:sourceaccount': account, 'aws:securetransport': 'true' }
  const answer = answerOf(policy, { service: events, action: 'sns:Publish', resource: targetArn, context })
  if (answer === 'allowed') return ok('topic-policy', `The policy of ${targetArn} lets the rule publish.`)
  const remedy = `Add this statement to the policy of ${targetArn}, and remove any Deny that applies to ${events}:`
  const statement = sendByRule(route)
  if (answer === 'denied')
    return problem('topic-policy', `The policy of ${targetArn} does not let the rule ${ruleArn} publish.`, { remedy, statement })
  return unknown('topic-policy', `Whether the policy of ${targetArn} lets the rule publish depends on conditions.`, {
    remedy,
    statement,
  })
}

function topicKey(aws: Aws, topicArn: string, keyId: string): Promise<Finding> {
  // EventBridge passes no source to KMS: a condition on aws:SourceArn or aws:SourceAccount is never met.
  const context = { 'kms:encryptioncontext:aws:sns:topicarn': topicArn }
  const statement = keyStatement(events, { 'kms:EncryptionContext:aws:sns:topicArn': topicArn })
  const note = 'without a condition on aws:SourceArn or aws:SourceAccount, which EventBridge does not pass'
  return checkKey(aws, { id: 'topic-key', what: topicArn, keyId, service: events, context, statement, note })
}
