import type { SecretCacheError } from '../core/failures/errors.js'
import { aClient, aClock, checkOptions } from '../core/options/check-options.js'
import { type Clock, type CompleteClock, completeClock } from '../core/time/clock.js'
import { KeepAlive } from '../core/time/keep-alive.js'
import { type BoundedCall, boundedCalls } from '../signals/bounded-calls.js'
import { codedFailure } from '../signals/call-failure.js'
import { SnsApi, type SnsClientLike } from '../signals/sns-api.js'
import { readTopic } from '../signals/topic.js'
import { lastHeartbeat, queueNamePrefix } from './queue-tags.js'
import { SqsApi, type SqsClientLike } from './sqs-api.js'

/** The options of `sweepQueues`. */
export interface SweepQueuesOptions {
  /** The topic whose abandoned queues are deleted. */
  topicArn: string
  /** An SQSClient. @default one that is created for the sweep, in the Region of the topic */
  client?: SqsClientLike | undefined
  /** An SNSClient. @default one that is created for the sweep, in the Region of the topic */
  snsClient?: SnsClientLike | undefined
  /** The clock to use. @default the machine's clock */
  clock?: Clock | undefined
}

/** The result of a sweep. */
export interface SweepReport {
  /** The URLs of the queues that were deleted. */
  readonly removed: readonly string[]
  /** The queues that could not be checked or deleted. */
  readonly failed: readonly { queueUrl: string; error: SecretCacheError }[]
}

/** A running instance renews its heartbeat every ten minutes. */
const deadAfterMs = 3_600_000

/**
 * Deletes the queues and subscriptions that crashed instances have left behind.
 *
 * Run it regularly from one place: a scheduled task, or each start of a service. It only deletes queues that `listenToQueue` has created
 * for this topic and whose instance has not renewed its heartbeat for an hour. A queue that cannot be deleted does not stop the sweep and
 * is listed in `failed`; it rejects only if the queues cannot be listed. Each call to AWS may take 10 s.
 *
 * ```ts
 * const { removed } = await sweepQueues({ topicArn: 'arn:aws:sns:eu-west-1:123456789012:secret-rotations' })
 * ```
 */
export async function sweepQueues(options: SweepQueuesOptions): Promise<SweepReport> {
  checkOptions('sweepQueues', options, { topicArn: () => undefined, client: aClient, snsClient: aClient, clock: aClock })
  const { arn: topicArn, region } = readTopic(options.topicArn, 'topicArn')
  const clock = completeClock(options.clock)
  const sqs = new SqsApi(options.client, region)
  const sns = new SnsApi(options.snsClient)
  const call = boundedCalls(clock)
  try {
    return await new KeepAlive().during(() => sweep({ topicArn, clock, sqs, sns, call }))
  } catch (error) {
    throw codedFailure('The sweep', error)
  } finally {
    sqs.close()
    sns.close()
  }
}

/** What a sweep needs. */
interface SweepParts {
  readonly topicArn: string
  readonly clock: CompleteClock
  readonly sqs: SqsApi
  readonly sns: SnsApi
  readonly call: BoundedCall
}

async function sweep({ topicArn, clock, sqs, sns, call }: SweepParts): Promise<SweepReport> {
  const removed: string[] = []
  const failed: { queueUrl: string; error: SecretCacheError }[] = []
  let subscriptions: Promise<ReadonlyMap<string, string>> | undefined
  for (const queueUrl of await sqs.list(queueNamePrefix, call)) {
    try {
      const heartbeat = lastHeartbeat(await call(signal => sqs.tagsOf(queueUrl, signal)), topicArn)
      if (heartbeat === undefined || clock.now() - heartbeat < deadAfterMs) continue
      subscriptions ??= subscriptionsByQueue(sns, topicArn, call)
      const subscriptionArn = (await subscriptions).get(await call(signal => sqs.arnOf(queueUrl, signal)))
      // First, so that the next sweep still finds the queue if this one is interrupted here.
      if (subscriptionArn !== undefined) await call(signal => sns.unsubscribe(subscriptionArn, signal))
      await call(signal => sqs.deleteQueue(queueUrl, signal))
      removed.push(queueUrl)
    } catch (error) {
      failed.push({ queueUrl, error: codedFailure('The sweep', error) })
    }
  }
  return { removed, failed }
}

/** The subscriptions of a topic by endpoint, which is the ARN of a queue. */
async function subscriptionsByQueue(sns: SnsApi, topicArn: string, call: BoundedCall): Promise<ReadonlyMap<string, string>> {
  return new Map((await sns.subscriptions(topicArn, call)).map(({ endpoint, arn }) => [endpoint, arn]))
}
