import type { CompleteClock } from '../core/time/clock.js'
import { RecentlyUsed } from '../signals/recently-used.js'
import { within } from '../signals/within.js'
import type { QueuedMessage } from './sqs-api.js'

const everyMs = 1_000
const mostRemembered = 10_000

/**
 * Keeps a loop from receiving again and again what brings it no further.
 *
 * SQS waits for messages, but a proxy or a local stack may come back at once with nothing; and a message that cannot be deleted comes
 * back at once from a queue whose visibility timeout is 0. Without a pause, each would be thousands of requests a minute.
 */
export class Pace {
  readonly #clock: CompleteClock
  readonly #received = new RecentlyUsed<string, true>(mostRemembered)

  constructor(clock: CompleteClock) {
    this.#clock = clock
  }

  /**
   * Resolves when the next receive may begin: at once if this one brought a message that none has brought before, or took a second;
   * else a second after it began, or as soon as `deleted` resolves with true. Never rejects.
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
