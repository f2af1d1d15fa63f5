import type { Aws, Subscription } from './aws.js'
import { CallError, unchecked } from './call-error.js'
import { checkQueue } from './check-queue.js'
import { matchesPattern } from './event-pattern.js'
import { type Finding, ok, problem, warning } from './finding.js'

/** Where the rotations of a topic have to arrive, if the user says so: a queue or a URL. */
export interface Destination {
  readonly protocol: 'sqs' | 'https' | 'http'
  /** The ARN of the queue, or the URL. */
  readonly endpoint: string
}

/** The queues that instances make for themselves: the library writes their policies. */
const ownQueue = /^arn:[^:]*:sqs:[^:]*:[^:]*:awscurrent-/

/** Does the topic lead to a queue or URL that gets what it needs? */
export async function checkSubscriptions(
  aws: Aws,
  topicArn: string,
  event: object,
  destination?: Destination,
): Promise<Finding[]> {
  let all: Subscription[]
  try {
    all = await aws.subscriptions(topicArn)
  } catch (error) {
    const need = { action: 'sns:ListSubscriptionsByTopic', resource: topicArn }
    return [unchecked('subscription', `Who is subscribed to ${topicArn} is unknown`, error, need)]
  }
  const heard = all.filter(({ protocol }) => ['sqs', 'https', 'http'].includes(protocol))
  const asked = destination === undefined ? heard : heard.filter(({ endpoint }) => endpoint === destination.endpoint)
  if (destination !== undefined && asked.length === 0) return [notSubscribed(topicArn, destination)]
  if (asked.length === 0) {
    const remedy =
      'Instances that call listenToQueue({ topicArn }) subscribe themselves when they start. For a given queue or URL: aws sns subscribe.'
    return [warning('subscription', `Nobody is subscribed to ${topicArn} now.`, { remedy })]
  }
  const own = destination === undefined ? asked.filter(({ endpoint }) => ownQueue.test(endpoint)) : []
  const findings =
    own.length > 0 ? [ok('subscription', `Instances with queues of their own that listen now: ${own.length}.`)] : []
  for (const subscription of asked.filter(one => !own.includes(one))) {
    findings.push(...(await checkSubscription(aws, topicArn, subscription, event)))
  }
  return findings
}

function notSubscribed(topicArn: string, { protocol, endpoint }: Destination): Finding {
  const [, , , region] = topicArn.split(':')
  const command = `aws sns subscribe --region ${region} --topic-arn ${topicArn} --protocol ${protocol} --notification-endpoint ${endpoint}`
  return problem('subscription', `${endpoint} is not subscribed to ${topicArn}.`, { remedy: command })
}

async function checkSubscription(aws: Aws, topicArn: string, subscription: Subscription, event: object): Promise<Finding[]> {
  const { arn, endpoint, protocol, isConfirmed } = subscription
  if (!isConfirmed) return [unconfirmed(topicArn, subscription)]
  const findings: Finding[] = []
  try {
    const attributes = await aws.subscriptionAttributes(arn)
    if (attributes.PendingConfirmation === 'true') return [unconfirmed(topicArn, subscription)]
    findings.push(
      ok('subscription', `${endpoint} is subscribed to ${topicArn}.`),
      ...attributeFindings(subscription, attributes, event),
    )
  } catch (error) {
    if (!(error instanceof CallError)) throw error
    const need = { action: 'sns:GetSubscriptionAttributes', resource: topicArn }
    findings.push(unchecked('subscription', `The attributes of the subscription of ${endpoint} are unknown`, error, need))
  }
  if (protocol === 'sqs') findings.push(...(await checkQueue(aws, endpoint, { service: 'sns.amazonaws.com', arn: topicArn })))
  return findings
}

function unconfirmed(topicArn: string, { endpoint, protocol }: Subscription): Finding {
  const what = `The subscription of ${endpoint} to ${topicArn} awaits its confirmation: it gets no messages.`
  const remedy =
    protocol === 'sqs'
      ? 'The owner of the queue confirms it: receive the message with the token, and call ConfirmSubscription.'
      : `createSnsHandler confirms it if SNS can reach the URL, topicArns contains ${topicArn}, and its role has this statement. Then subscribe the URL again.`
  const statement = { Effect: 'Allow', Action: 'sns:ConfirmSubscription', Resource: topicArn }
  return problem('subscription', what, { remedy, ...(protocol !== 'sqs' && { statement }) })
}

function attributeFindings(
  { arn, endpoint, protocol }: Subscription,
  attributes: Record<string, string>,
  event: object,
): Finding[] {
  const findings: Finding[] = []
  const [, , , region] = arn.split(':')
  if (attributes.RawMessageDelivery === 'true' && protocol !== 'sqs') {
    const what = `Raw delivery is on for ${endpoint}: such messages have no signature, so createSnsHandler rejects them.`
    const remedy = `aws sns set-subscription-attributes --region ${region} --subscription-arn ${arn} --attribute-name RawMessageDelivery --attribute-value false`
    findings.push(problem('raw-delivery', what, { remedy }))
  }
  if (!passesFilter(attributes, event)) {
    const what = `The filter policy of the subscription of ${endpoint} lets no rotation of this secret through.`
    const remedy = `aws sns set-subscription-attributes --region ${region} --subscription-arn ${arn} --attribute-name FilterPolicy --attribute-value '{}'`
    findings.push(problem('subscription', what, { remedy }))
  }
  return findings
}

/** Messages of EventBridge have no attributes, so a filter on those lets nothing through. */
function passesFilter({ FilterPolicy = '', FilterPolicyScope }: Record<string, string>, event: object): boolean {
  try {
    return matchesPattern(JSON.parse(FilterPolicy || '{}'), FilterPolicyScope === 'MessageBody' ? event : {}) !== false
  } catch {
    return true
  }
}
