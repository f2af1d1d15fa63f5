import type { SecretCacheError } from '../core/failures/errors.js'
import { aClient, aClock, checkOptions } from '../core/options/check-options.js'
import { type Clock, type CompleteClock, completeClock } from '../core/time/clock.js'
import { KeepAlive } from '../core/time/keep-alive.js'
import { codedFailure } from '../signals/call-failure.js'
import { SnsApi, type SnsClientLike } from '../signals/sns-api.js'
import { readTopic } from '../signals/topic.js'
import { type BoundedCall, boundedCalls } from '../signals/within.js'
import { lastHeartbeat, queueNamePrefix } from './queue-tags.js'
import { SqsApi, type SqsClientLike } from './sqs-api.js'

/** What `sweepQueues` takes. */
export interface SweepQueuesOptions {
  /** The topic whose forgotten queues are removed. */
  topicArn: string
  /** An SQSClient. @default one that is made for the sweep, in the Region of the topic */
  client?: SqsClientLike | undefined
  /** An SNSClient. @default one that is made for the sweep, in the Region of the topic */
  snsClient?: SnsClientLike | undefined
  /** Where the time is read. @default the clock of the machine */
  clock?: Clock | undefined
}

/** What a sweep did. */
export interface SweepReport {
  /** The URLs of the queues that were removed. */
  readonly removed: readonly string[]
  /** The queues that could not be looked at or removed. */
  readonly failed: readonly { queueUrl: string; error: SecretCacheError }[]
}

/** A living instance renews its heartbeat every ten minutes. */
const deadAfterMs = 3_600_000

/**
 * Removes the queues and subscriptions that crashed instances have left.
 *
 * Run it now and then, from one place: a scheduled task, or each start of a service. It takes only queues that `listenToQueue` has made
 * for this topic and whose instance has given no sign of life for an hour. One that cannot be removed does not keep it from the others;
 * it rejects only if nothing can be listed. A call that is not answered within 10 s has failed.
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

/** What a sweep is made with. */
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
      // First, so that a sweep that breaks off here leaves the queue for the next one to find.
      if (subscriptionArn !== undefined) await call(signal => sns.unsubscribe(subscriptionArn, signal))
      await call(signal => sqs.deleteQueue(queueUrl, signal))
      removed.push(queueUrl)
    } catch (error) {
      failed.push({ queueUrl, error: codedFailure('The sweep', error) })
    }
  }
  return { removed, failed }
}

/** A topic's subscriptions by their endpoints, which are ARNs of queues. */
async function subscriptionsByQueue(sns: SnsApi, topicArn: string, call: BoundedCall): Promise<ReadonlyMap<string, string>> {
  return new Map((await sns.subscriptions(topicArn, call)).map(({ endpoint, arn }) => [endpoint, arn]))
}
