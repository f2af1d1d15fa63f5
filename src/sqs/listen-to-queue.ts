import { Emitter } from '../core/events/emitter.js'
import { completeClock } from '../core/time/clock.js'
import { KeepAlive } from '../core/time/keep-alive.js'
import { codedFailure } from '../signals/call-failure.js'
import type { RevalidationTarget } from '../signals/rotation-target.js'
import { SnsApi } from '../signals/sns-api.js'
import { readTopic } from '../signals/topic.js'
import { within } from '../signals/within.js'
import { startHeartbeat } from './heartbeat.js'
import { checkListenOptions, type QueueListenerOptions, regionOf } from './listen-options.js'
import { type QueueListenerEvent, queueListenerEventTypes } from './listener-events.js'
import { OwnQueue } from './own-queue.js'
import { QueueLoop, type WatchedQueue } from './queue-loop.js'
import { SqsApi } from './sqs-api.js'

/** A cache's ear at a queue. */
export interface QueueListener extends AsyncDisposable {
  /** The queue it listens to now: an own queue that was gone is made again under another name. */
  readonly queueUrl: string
  /** Adds a listener; the function it returns removes it again. */
  on<Type extends QueueListenerEvent['type']>(
    type: Type,
    listener: (event: Extract<QueueListenerEvent, { type: Type }>) => void,
  ): () => void
  /** Stops listening at once, and removes a queue and subscription of its own. Idempotent; what cannot be removed is an event. */
  close(): Promise<void>
}

/** The shortest retention that SQS allows. */
const shortestRetentionMs = 60_000
/** What is being handled when a listener is closed may still be deleted; it is not waited for longer. */
const closeGraceMs = 1_000

/**
 * Tells a cache of the rotations that arrive in a queue: the way that reaches every instance of a fleet.
 *
 * With `topicArn` the instance makes a queue of its own, subscribes it to the topic, and removes both on `close()`; with `queueUrl` it
 * listens to one that is there, which must be its alone. Resolves when it listens, and rejects if that could not be brought about;
 * from then on it heals itself. What may have happened while it did not listen is made good by reading everything again. A message is
 * deleted after it was handled. Call `close()`: an open poll keeps the process alive.
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
  const fail = (error: unknown): void =>
    events.emit('queueFailed', () => ({ queueUrl: queue.url, error: codedFailure('The queue', error) }))
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
  return {
    get queueUrl() {
      return queue.url
    },
    on: events.on.bind(events) as QueueListener['on'],
    close,
    [Symbol.asyncDispose]: close,
  }
}
