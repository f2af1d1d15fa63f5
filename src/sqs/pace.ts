import type { CompleteClock } from '../core/time/clock.js'
import { within } from '../core/time/within.js'
import { RecentlyUsed } from '../signals/recently-used.js'
import type { QueuedMessage } from './sqs-api.js'

const everyMs = 1_000
const mostRemembered = 10_000

/**
 * Keeps a loop from receiving again and again without progress.
 *
 * SQS waits for messages, but a proxy or a local stack may return at once with none; and a message that cannot be deleted returns at once
 * from a queue whose visibility timeout is 0. Without a pause, each would cause thousands of requests a minute.
 */
export class Pace {
  readonly #clock: CompleteClock
  readonly #received = new RecentlyUsed<string, true>(mostRemembered)

  constructor(clock: CompleteClock) {
    this.#clock = clock
  }

  /**
   * Resolves when the next receive may start: at once if this one returned a message that no other has returned before, or took a second;
   * otherwise a second after it started, or as soon as `deleted` resolves with true. Never rejects.
   */
  async rest(begunAt: number, messages: readonly QueuedMessage[], deleted: Promise<boolean>, signal: AbortSignal): Promise<void> {
    const isNews = messages.filter(message => this.#isNew(message)).length > 0
    const leftMs = begunAt + everyMs - this.#clock.elapsedMs()
    if (isNews || leftMs <= 0) return
    const progress = new Promise<void>(resolve => deleted.then(isDeleted => isDeleted && resolve()))
    await within(this.#clock, leftMs, () => progress, signal).catch(() => {})
  }

  #isNew({ MessageId = '' }: QueuedMessage): boolean {
    const isNew = !this.#received.has(MessageId)
    this.#received.set(MessageId, true)
    return isNew
  }
}
