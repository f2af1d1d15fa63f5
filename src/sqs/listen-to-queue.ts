import { Emitter } from '../core/events/emitter.js'
import { attachStatus } from '../core/events/status.js'
import { completeClock } from '../core/time/clock.js'
import { KeepAlive } from '../core/time/keep-alive.js'
import { within } from '../core/time/within.js'
import { codedFailure } from '../signals/call-failure.js'
import type { RevalidationTarget } from '../signals/rotation-target.js'
import { SnsApi } from '../signals/sns-api.js'
import { readTopic } from '../signals/topic.js'
import { startHeartbeat } from './heartbeat.js'
import { checkListenOptions, type QueueListenerOptions, regionOf } from './listen-options.js'
import { type QueueListenerEvent, queueListenerEventTypes } from './listener-events.js'
import { OwnQueue } from './own-queue.js'
import { QueueLoop, type WatchedQueue } from './queue-loop.js'
import { SqsApi } from './sqs-api.js'

/** A listener that receives rotation events from a queue. */
export interface QueueListener extends AsyncDisposable {
  /** The URL of the current queue: an own queue that was deleted is created again under another name. */
  readonly queueUrl: string
  /** Adds a listener; the returned function removes it. */
  on<Type extends QueueListenerEvent['type']>(
    type: Type,
    listener: (event: Extract<QueueListenerEvent, { type: Type }>) => void,
  ): () => void
  /** Stops listening at once, and deletes its own queue and subscription. Idempotent. A failure to delete them is a `queueFailed` event. */
  close(): Promise<void>
}

/** The shortest retention that SQS allows. */
const shortestRetentionMs = 60_000
/** How long `close` waits for messages that are being handled, so that they can still be deleted. */
const closeGraceMs = 1_000

/**
 * Listens to a queue and passes the rotation events in it to a cache. This transport reaches every instance of a fleet.
 *
 * With `topicArn`, the instance creates its own queue, subscribes it to the topic, and deletes both on `close()`; with `queueUrl`, it
 * listens to an existing queue, which no other instance may use. Resolves when it listens; rejects with a `SecretCacheError` if setting
 * that up fails, for example `ERR_SECRET_ACCESS_DENIED`, or `ERR_SECRET_CONFIG` without the AWS package. From then on it recovers by
 * itself: events report failures, and after a gap in which messages may have been missed, all secrets are read again. A message is deleted
 * after it was handled. Call `close()` at the end, because an open poll keeps the process alive.
 *
 * ```ts
 * const listener = await listenToQueue(secrets, { topicArn: 'arn:aws:sns:eu-west-1:123456789012:secret-rotations' })
 * process.once('SIGTERM', () => listener.close())
 * ```
 */
export async function listenToQueue(cache: RevalidationTarget, options: QueueListenerOptions): Promise<QueueListener> {
  checkListenOptions(cache, options)
  const clock = completeClock(options.clock)
  const { queueUrl, topicArn, retentionMs = shortestRetentionMs } = options
  const sqs = new SqsApi(options.client, topicArn === undefined ? regionOf(queueUrl) : readTopic(topicArn, 'topicArn').region)
  const sns = new SnsApi(options.snsClient)
  const own = topicArn === undefined ? undefined : new OwnQueue({ topicArn, sqs, sns, clock })
  const queue: WatchedQueue = own ?? { url: queueUrl ?? '', retentionMs }

  const events = new Emitter<QueueListenerEvent>(queueListenerEventTypes)
  const release = (): void => {
    sqs.close()
    sns.close()
  }
  const keepAlive = new KeepAlive()
  const create = async (): Promise<void> => own?.create()
  await keepAlive.during(create).catch((error: unknown) => {
    release()
    throw codedFailure('The queue', error)
  })

  const loop = new QueueLoop({ cache, queue, sqs, events, clock })
  const fail = (thrown: unknown): void => {
    const error = codedFailure('The queue', thrown)
    loop.record.failed(error)
    events.emit('queueFailed', () => ({ queueUrl: queue.url, error }))
  }
  const closing = new AbortController()
  loop.revalidate('started')
  const running = loop.run(closing.signal)
  const beat = async (): Promise<void> => {
    const isNew = await own?.beat().catch(fail)
    if (isNew === true) loop.revalidate('subscribed again')
  }
  const stopHeartbeat = own === undefined ? () => {} : startHeartbeat(clock, beat)

  const shutDown = async (): Promise<void> => {
    closing.abort()
    loop.record.closed()
    stopHeartbeat()
    await running
    await within(clock, closeGraceMs, () => loop.settled()).catch(() => {})
    const failures = await own?.remove()
    failures?.forEach(fail)
    release()
  }
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => {
    closed ??= keepAlive.during(shutDown)
    return closed
  }
  const listener: QueueListener = {
    get queueUrl() {
      return queue.url
    },
    on: events.on.bind(events) as QueueListener['on'],
    close,
    [Symbol.asyncDispose]: close,
  }
  attachStatus(listener, () => loop.record.status)
  return listener
}
