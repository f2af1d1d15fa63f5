import type { CompleteClock } from '../core/time/clock.js'
import { RecentlyUsed } from '../signals/recently-used.js'
import { type Turn, TurnQueue } from './turn-queue.js'

const mostVouchedFor = 20

/**
 * Decides which certificates are downloaded, and when.
 *
 * Those that an earlier message or an option has vouched for wait in a queue of their own, apart from those that anybody can have made up.
 */
export class Downloads {
  readonly #known: TurnQueue
  readonly #unknown: TurnQueue
  readonly #vouchedFor = new RecentlyUsed<string, true>(mostVouchedFor)

  constructor(clock: CompleteClock) {
    this.#known = new TurnQueue(clock, { mostAtOnce: 10, mostWaiting: 200 })
    this.#unknown = new TurnQueue(clock, { mostAtOnce: 4, mostWaiting: 32 })
  }

  add(turn: Turn, isKnown: boolean): void {
    const queue = isKnown || this.#vouchedFor.has(turn.name) ? this.#known : this.#unknown
    queue.add(turn)
  }

  /** Called when a downloaded certificate has verified a message. */
  vouchFor(url: string): void {
    const queue = this.#vouchedFor.has(url) ? this.#known : this.#unknown
    this.#vouchedFor.set(url, true)
    queue.credit()
  }
}
