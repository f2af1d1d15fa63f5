import { aClient, aClock, aDuration, checkOptions, hasMethod, type OptionRule } from '../core/options/check-options.js'
import type { Clock } from '../core/time/clock.js'
import type { SnsClientLike } from '../signals/sns-api.js'
import { readTopic } from '../signals/topic.js'
import type { SqsClientLike } from './sqs-api.js'

interface ListenOptions {
  /** An SQSClient. @default one that is created for the listener, in the Region of the queue or the topic */
  client?: SqsClientLike | undefined
  /** The clock to use. @default the machine's clock */
  clock?: Clock | undefined
}

/** Options for an existing queue. No other instance may receive from it, because each message reaches only one receiver. */
export interface GivenQueueOptions extends ListenOptions {
  /** The URL of the queue. */
  queueUrl: string
  /** Only for a queue that the instance creates for itself. */
  topicArn?: never
  /** Only for a queue that the instance creates for itself. */
  snsClient?: never
  /**
   * How long the queue keeps messages, in milliseconds. After a longer time without a receive, all secrets are read again.
   * @default 60_000, the shortest that SQS allows: nothing is missed, whatever the queue's retention is
   */
  retentionMs?: number | undefined
}

/** Options for a queue that the instance creates for itself and deletes at the end. */
export interface OwnQueueOptions extends ListenOptions {
  /** The topic that the queue is subscribed to. */
  topicArn: string
  /** Only for an existing queue. */
  queueUrl?: never
  /** Only for an existing queue: the instance knows the retention of its own queue. */
  retentionMs?: never
  /** An SNSClient. @default one that is created for the listener, in the Region of the topic */
  snsClient?: SnsClientLike | undefined
}

/** The options of `listenToQueue`: the URL of a queue, or the ARN of a topic. */
export type QueueListenerOptions = GivenQueueOptions | OwnQueueOptions

const rules: Readonly<Record<string, OptionRule>> = {
  queueUrl: value => (typeof value === 'string' && URL.canParse(value) ? undefined : 'the URL of a queue'),
  topicArn: () => undefined,
  client: aClient,
  snsClient: aClient,
  retentionMs: aDuration,
  clock: aClock,
}

/** Checks the arguments of `listenToQueue`. */
export function checkListenOptions(cache: unknown, options: QueueListenerOptions): void {
  for (const method of ['handleRotationEvent', 'revalidate']) {
    if (!hasMethod(cache, method)) throw new TypeError(`The cache must have a ${method} method.`)
  }
  checkOptions('listenToQueue', options, rules)
  const { queueUrl, topicArn } = options
  if ((queueUrl === undefined) === (topicArn === undefined))
    throw new TypeError('Pass either queueUrl or topicArn to listenToQueue.')
  if (topicArn !== undefined) readTopic(topicArn, 'topicArn')
}

/** The Region in the URL of a queue; undefined for a queue that is not at AWS. */
export function regionOf(queueUrl: string): string | undefined {
  return /^sqs\.([a-z0-9-]+)\./.exec(new URL(queueUrl).hostname)?.[1]
}
