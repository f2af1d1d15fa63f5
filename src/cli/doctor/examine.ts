import { isArn } from '../../core/secrets/secret-id.js'
import { Aws } from './aws.js'
import { unchecked } from './call-error.js'
import { checkDelivery } from './check-delivery.js'
import { checkIdentity, checkRegion } from './check-identity.js'
import { checkQueue } from './check-queue.js'
import { checkCurrent, checkPending } from './check-reading.js'
import { checkRules } from './check-rules.js'
import { checkSubscriptions, type Destination } from './check-subscriptions.js'
import { checkTargets, type Route } from './check-targets.js'
import { checkTopic } from './check-topic.js'
import { type Finding, problem, unknown } from './finding.js'
import { type ExaminedSecret, rotationEvent, secretOf } from './secret.js'

/** What the doctor examines. */
export interface Examination {
  readonly secretId: string
  readonly region: string | undefined
  /** The topic that must be reached; otherwise all topics that rules send to. */
  readonly topicArn: string | undefined
  /** The queue that must be reached. */
  readonly queueUrl: string | undefined
  /** The URL that must be reached. */
  readonly webhookUrl: string | undefined
  /** Whether pools use the secret, which read AWSPENDING too. */
  readonly hasPools: boolean
  /** How long to wait for the test event; undefined for no test. */
  readonly waitMs: number | undefined
  readonly signal: AbortSignal
  readonly progress: (text: string) => void
}

/** Runs all checks, in the order of the way that a rotation takes; each goes on from what the one before has found. */
export async function examine(examination: Examination): Promise<Finding[]> {
  const { secretId, signal, progress } = examination
  const configured = new Aws({ region: examination.region, signal })
  progress('Checking the identity and the right to read.')
  const { findings, region } = await checkRegion(configured, secretId)
  if (region === undefined) return findings
  const aws = configured.in(region)
  const { findings: ofIdentity, caller } = await checkIdentity(aws, secretId)
  findings.push(...ofIdentity)
  const given = secretOf(secretId, region, caller?.account ?? 'unknown', caller?.partition ?? 'aws')
  const current = await checkCurrent({ aws, secret: given, caller })
  findings.push(...current.findings)
  if (examination.hasPools && current.secret !== given)
    findings.push(...(await checkPending({ aws, secret: current.secret, caller })))
  progress('Checking the way of a rotation event.')
  findings.push(...(await examineWiring(aws, current.secret, caller?.account, examination)))
  return findings
}

async function examineWiring(
  aws: Aws,
  secret: ExaminedSecret,
  account: string | undefined,
  examination: Examination,
): Promise<Finding[]> {
  const { topicArn, waitMs, signal, progress } = examination
  const findings: Finding[] = []
  let routes: Route[] = []
  if (isArn(secret.id) && account !== undefined && account !== secret.account) {
    const remedy = `Run the doctor with credentials of ${secret.account}.`
    findings.push(
      unknown('rule', `The rules for this secret are in account ${secret.account}, and cannot be checked from ${account}.`, {
        remedy,
      }),
    )
  } else {
    const found = await checkRules(aws, secret)
    const targets = await checkTargets(aws, found.rules, topicArn)
    routes = targets.routes
    findings.push(...found.findings, ...targets.findings)
  }
  const { destination, findings: ofDestination } = await destinationOf(aws, examination)
  findings.push(...ofDestination)

  const topics = topicArn !== undefined ? [topicArn] : [...new Set(routes.map(({ targetArn }) => targetArn))].filter(isTopic)
  for (const { ruleArn, targetArn } of routes.filter(({ targetArn, hasRole }) => !isTopic(targetArn) && !hasRole)) {
    findings.push(...(await checkQueue(aws, targetArn, { service: 'events.amazonaws.com', arn: ruleArn })))
  }
  const isDirect = routes.some(({ targetArn }) => targetArn === destination?.endpoint)
  for (const topic of topics) {
    const [, , , topicRegion = ''] = topic.split(':')
    if (topicRegion !== secret.region) findings.push(otherRegion(topic, secret))
    const there = aws.in(topicRegion)
    const { findings: ofTopic, exists } = await checkTopic(
      there,
      topic,
      routes.filter(({ targetArn }) => targetArn === topic),
    )
    findings.push(...ofTopic)
    if (!exists) continue
    findings.push(...(await checkSubscriptions(there, topic, rotationEvent(secret), isDirect ? undefined : destination)))
    if (waitMs !== undefined) findings.push(...(await checkDelivery({ aws: there, topicArn: topic, waitMs, signal, progress })))
  }
  if (waitMs !== undefined && topics.length === 0) {
    const remedy = 'Remove the problems above, or name the topic: --topic-arn <ARN>.'
    findings.push(unknown('test-event', 'No test event was sent, as no topic is known.', { remedy }))
  }
  return findings
}

const isTopic = (arn: string): boolean => arn.includes(':sns:')

function otherRegion(topic: string, { region, name }: ExaminedSecret): Finding {
  const what = `The topic ${topic} is in another Region than ${name}, whose events are sent in ${region}.`
  return problem('region', what, { remedy: `Use a topic in ${region}: a rule sends only to topics of its own Region.` })
}

async function destinationOf(
  aws: Aws,
  { queueUrl, webhookUrl }: Examination,
): Promise<{ destination?: Destination; findings: Finding[] }> {
  if (webhookUrl !== undefined) {
    const protocol = webhookUrl.startsWith('http:') ? 'http' : 'https'
    return { destination: { protocol, endpoint: webhookUrl }, findings: [] }
  }
  if (queueUrl === undefined) return { findings: [] }
  try {
    const [, region] = /^https?:\/\/sqs\.([\w-]+)\./.exec(queueUrl) ?? []
    const { arn } = await (region === undefined ? aws : aws.in(region)).queue(queueUrl)
    return { destination: { protocol: 'sqs', endpoint: arn }, findings: [] }
  } catch (error) {
    return { findings: [unchecked('queue', `The queue ${queueUrl} cannot be read`, error)] }
  }
}
