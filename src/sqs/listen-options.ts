import { aClient, aClock, aDuration, checkOptions, hasMethod, type OptionRule } from '../core/options/check-options.js'
import type { Clock } from '../core/time/clock.js'
import type { SnsClientLike } from '../signals/sns-api.js'
import { readTopic } from '../signals/topic.js'
import type { SqsClientLike } from './sqs-api.js'

interface ListenOptions {
  /** An SQSClient. @default one that is made for the listener, in the Region of the queue or the topic */
  client?: SqsClientLike | undefined
  /** Where the time is read. @default the clock of the machine */
  clock?: Clock | undefined
}

/** Listens to a queue that is there. No other instance may receive from it: each message reaches one of them only. */
export interface GivenQueueOptions extends ListenOptions {
  /** The URL of the queue. */
  queueUrl: string
  /** Only for a queue that the instance makes for itself. */
  topicArn?: never
  /** Only for a queue that the instance makes for itself. */
  snsClient?: never
  /**
   * For how long the queue keeps messages. After a longer time without a receive everything is read again.
   * @default 60_000, the shortest that SQS allows: nothing is missed, whatever the queue's is
   */
  retentionMs?: number | undefined
}

/** Listens to a queue that the instance makes for itself and removes in the end. */
export interface OwnQueueOptions extends ListenOptions {
  /** The topic that the queue is subscribed to. */
  topicArn: string
  /** Only for a queue that is there. */
  queueUrl?: never
  /** Only for a queue that is there: of its own, the instance knows it. */
  retentionMs?: never
  /** An SNSClient. @default one that is made for the listener, in the Region of the topic */
  snsClient?: SnsClientLike | undefined
}

/** What `listenToQueue` takes: the URL of a queue, or the ARN of a topic. */
export type QueueListenerOptions = GivenQueueOptions | OwnQueueOptions

const rules: Readonly<Record<string, OptionRule>> = {
  queueUrl: value => (typeof value === 'string' && URL.canParse(value) ? undefined : 'the URL of a queue'),
  topicArn: () => undefined,
  client: aClient,
  snsClient: aClient,
  retentionMs: aDuration,
  clock: aClock,
}

/** Checks what `listenToQueue` was given. */
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

/** The Region of a queue, by its URL; undefined for one that is not at AWS. */
export function regionOf(queueUrl: string): string | undefined {
  return /^sqs\.([a-z0-9-]+)\./.exec(new URL(queueUrl).hostname)?.[1]
}
