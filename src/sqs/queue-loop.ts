import type { Emitter } from '../core/events/emitter.js'
import { isSecretCacheError } from '../core/failures/errors.js'
import { pauseAfter } from '../core/time/backoff.js'
import { type CompleteClock, sleep } from '../core/time/clock.js'
import { untilAborted } from '../core/time/until-aborted.js'
import { within } from '../core/time/within.js'
import { callFailure, codedFailure } from '../signals/call-failure.js'
import { ListenerRecord } from '../signals/listener-status.js'
import { failedInPassing, type RevalidationTarget } from '../signals/rotation-target.js'
import type { QueueListenerEvent, RevalidatedEvent } from './listener-events.js'
import { Pace } from './pace.js'
import type { QueuedMessage, SqsApi } from './sqs-api.js'

/** A receive waits 20 s for messages; if there is no response by then, there never will be one. */
const receiveTimeoutMs = 30_000
const deleteTimeoutMs = 10_000
const backoff = { initialMs: 1_000, factor: 2, maxMs: 60_000 }
/** How many batches are handled at once. A refresh may take seconds until the new version can be read; other messages need not wait for it. */
const mostBatches = 10

/** The queue that is listened to. */
export interface WatchedQueue {
  /** The current URL: a queue that was created again has another one. */
  readonly url: string
  /** After this time without a receive, a message may have been lost. */
  readonly retentionMs: number
  /** Creates the queue again. Undefined for a queue that is not the instance's own. */
  replace?(): Promise<void>
}

/** What a loop needs. */
export interface QueueLoopParts {
  readonly cache: RevalidationTarget
  readonly queue: WatchedQueue
  readonly sqs: SqsApi
  readonly events: Emitter<QueueListenerEvent>
  readonly clock: CompleteClock
}

/** Receives, passes on and deletes messages, and recovers from failures. */
export class QueueLoop {
  readonly #parts: QueueLoopParts
  readonly #batches = new Set<Promise<boolean>>()
  readonly #pace: Pace
  readonly record: ListenerRecord
  #receivedAt: number

  constructor(parts: QueueLoopParts) {
    this.#parts = parts
    this.#pace = new Pace(parts.clock)
    this.record = new ListenerRecord(() => parts.clock.now())
    this.#receivedAt = parts.clock.now()
  }

  /** Resolves when the signal has aborted; messages that are being handled then continue. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0
    while (!signal.aborted) {
      try {
        await this.#receive(signal)
        failures = 0
      } catch (error) {
        if (signal.aborted) return
        failures += 1
        this.#fail('receiveFailed', error)
        await sleep(this.#parts.clock, pauseAfter(failures, backoff), signal).catch(() => {})
        // A new queue may seem to be missing for a second.
        if (isGone(error) && failures > 1 && !signal.aborted) await this.#replace()
      }
    }
  }

  /** Resolves when the messages that were being handled are done. */
  async settled(): Promise<void> {
    await Promise.all(this.#batches)
  }

  /** Closes a gap: rotations in it are unknown, so all secrets are read again. */
  revalidate(reason: RevalidatedEvent['reason']): void {
    const { cache, events, queue } = this.#parts
    this.#receivedAt = this.#parts.clock.now()
    if (reason !== 'started') this.record.gap()
    try {
      cache.revalidate()
      events.emit('revalidated', () => ({ queueUrl: queue.url, reason }))
    } catch (error) {
      this.#fail('queueFailed', error)
    }
  }

  async #receive(signal: AbortSignal): Promise<void> {
    const { sqs, clock, queue } = this.#parts
    const { url, retentionMs } = queue
    const begunAt = clock.elapsedMs()
    const messages = await within(clock, receiveTimeoutMs, stop => sqs.receive(url, stop), signal)
    this.record.received(messages.length)
    const now = clock.now()
    if (now - this.#receivedAt >= retentionMs) this.revalidate('nothing received for too long')
    this.#receivedAt = now
    const batch = this.#handle(messages, url).finally(() => this.#batches.delete(batch))
    this.#batches.add(batch)
    await this.#pace.rest(begunAt, messages, batch, signal)
    if (this.#batches.size >= mostBatches) await untilAborted(Promise.race(this.#batches), signal)
  }

  /** Resolves with whether messages were deleted. A message that was not is received again after its visibility timeout. */
  async #handle(messages: readonly QueuedMessage[], url: string): Promise<boolean> {
    const { sqs, clock } = this.#parts
    const isHandled = await Promise.all(messages.map(message => this.#handOn(message)))
    const handled = messages.filter((_, index) => isHandled[index])
    if (handled.length === 0) return false
    try {
      await within(clock, deleteTimeoutMs, signal => sqs.deleteMessages(url, handled, signal))
      return true
    } catch (error) {
      this.#fail('queueFailed', error)
      return false
    }
  }

  /** Resolves with whether the message is done; one that cannot be read is done too. */
  async #handOn({ MessageId, Body }: QueuedMessage): Promise<boolean> {
    try {
      return !failedInPassing(await this.#parts.cache.handleRotationEvent({ MessageId, Body }))
    } catch (error) {
      this.#fail('queueFailed', callFailure('handleRotationEvent', error))
      return false
    }
  }

  async #replace(): Promise<void> {
    const { queue, events } = this.#parts
    if (queue.replace === undefined) return
    try {
      await queue.replace()
      events.emit('queueCreated', () => ({ queueUrl: queue.url }))
      this.revalidate('queue created')
    } catch (error) {
      this.#fail('queueFailed', error)
    }
  }

  #fail(type: 'receiveFailed' | 'queueFailed', thrown: unknown): void {
    const { events, queue } = this.#parts
    const error = codedFailure('The call', thrown)
    this.record.failed(error)
    events.emit(type, () => ({ queueUrl: queue.url, error }))
  }
}

function isGone(error: unknown): boolean {
  const cause = isSecretCacheError(error) ? error.cause : undefined
  return cause instanceof Error && /^(QueueDoesNotExist|AWS\.SimpleQueueService\.NonExistentQueue)$/.test(cause.name)
}
