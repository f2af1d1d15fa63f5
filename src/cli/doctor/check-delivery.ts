import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { QueueListener, RevalidationTarget } from 'awscurrent/sqs'
import type { Aws } from './aws.js'
import { CallError, unchecked } from './call-error.js'
import { type Finding, ok, problem, unknown, warning } from './finding.js'
import { listenStatements } from './statements.js'

/** What the test needs. */
export interface Delivery {
  readonly aws: Aws
  readonly topicArn: string
  readonly waitMs: number
  readonly signal: AbortSignal
  /** Says what is being waited for. */
  readonly progress: (text: string) => void
}

const arrived = "A test event that was published to the topic arrived in a queue of the doctor's own."
const notProven =
  'The way from Secrets Manager through EventBridge to the topic is not part of this test: see rule, target and topic-policy.'

/**
 * Publishes an event of the doctor's own to the topic, and hears it as an instance would: with a queue of its own, which is removed in any
 * case. Nobody may send events in the name of Secrets Manager, so the test begins at the topic.
 */
export async function checkDelivery({ aws, topicArn, waitMs, signal, progress }: Delivery): Promise<Finding[]> {
  const event = testEvent(topicArn)
  const mailbox = newMailbox(event.id)
  const findings: Finding[] = []
  progress(`Creating a queue and subscribing it to ${topicArn}.`)
  let listener: QueueListener
  try {
    const { listenToQueue } = await import('awscurrent/sqs')
    listener = await listenToQueue(mailbox, { topicArn })
  } catch (error) {
    return [listenFailure(topicArn, error)]
  }
  const { queueUrl } = listener
  listener.on('queueFailed', ({ error }) => {
    const remedy = `If it still exists: aws sqs delete-queue --queue-url ${queueUrl}. sweepQueues removes it after an hour, too.`
    findings.push(warning('test-event', `The queue of the test may be left behind: ${error.message}`, { remedy }))
  })
  try {
    signal.throwIfAborted()
    await aws.publish(topicArn, JSON.stringify(event))
    progress(`Waiting up to ${waitMs / 1_000} s for the test event.`)
    const hasArrived = await arrivesWithin(mailbox.arrival, waitMs, signal)
    findings.push(hasArrived ? ok('test-event', `${arrived} ${notProven}`) : late(topicArn, waitMs))
  } catch (error) {
    signal.throwIfAborted()
    findings.push(publishFailure(topicArn, error))
  } finally {
    await listener.close()
  }
  return findings
}

/** Caches ignore it, as one of another service. */
function testEvent(topicArn: string): { id: string } {
  const [, , , region, account] = topicArn.split(':')
  return {
    id: randomUUID(),
    ...{ version: '0', 'detail-type': 'Test Event', source: 'awscurrent.doctor', account, region },
    ...{ time: new Date().toISOString(), resources: [], detail: {} },
  }
}

/** What stands in for a cache. */
function newMailbox(eventId: string): RevalidationTarget & { arrival: Promise<true> } {
  let arrive: (value: true) => void
  const arrival = new Promise<true>(resolve => {
    arrive = resolve
  })
  return {
    arrival,
    async handleRotationEvent(payload) {
      if (JSON.stringify(payload).includes(eventId)) arrive(true)
      return []
    },
    revalidate() {},
  }
}

async function arrivesWithin(arrival: Promise<true>, ms: number, signal: AbortSignal): Promise<boolean> {
  const stop = new AbortController()
  try {
    return await Promise.race([arrival, setTimeout(ms, false, { signal: AbortSignal.any([stop.signal, signal]) })])
  } finally {
    stop.abort()
  }
}

function late(topicArn: string, waitMs: number): Finding {
  const what = `The test event was published to ${topicArn}, but did not arrive within ${waitMs / 1_000} s.`
  const remedy =
    'Run it again with a longer --wait. If it never arrives, look at the metric NumberOfNotificationsFailed of the topic.'
  return problem('test-event', what, { remedy })
}

function listenFailure(topicArn: string, error: unknown): Finding {
  const { message, code, hint } = error as { message: string; code?: string; hint?: string }
  if (code === 'ERR_SECRET_ACCESS_DENIED') {
    const what = `The doctor may not create a queue and subscribe it, as listenToQueue({ topicArn }) does: ${message}`
    const remedy =
      'Instances that do so need these statements in their policy. With a given queue or a URL, this is only needed for the test:'
    return unknown('test-event', what, { remedy, statement: listenStatements(topicArn) })
  }
  const remedy = hint ?? 'Is the topic in this Region, and is there a way to SQS and SNS from here?'
  return unknown('test-event', `The test did not take place: ${message}`, { remedy })
}

function publishFailure(topicArn: string, error: unknown): Finding {
  const what = `No test event could be published to ${topicArn}`
  if (error instanceof CallError && error.kind === 'denied' && /KMS/.test(error.exception)) {
    const statement = { Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey*'], Resource: '*' }
    const remedy =
      'The topic is encrypted. Only for the test, add this statement, with the ARN of its key, to a policy of whoever runs the doctor:'
    return unknown('test-event', `${what}: ${error.message}`, { remedy, statement })
  }
  return unchecked('test-event', what, error, { action: 'sns:Publish', resource: topicArn })
}
