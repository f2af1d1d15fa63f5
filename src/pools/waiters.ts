import { atMost } from '../core/time/at-most.js'
import type { CompleteClock } from '../core/time/clock.js'
import { KeepAlive } from '../core/time/keep-alive.js'

/** A request for a connection, from the first try to the last. */
export interface Wish {
  /** The order of arrival: requests are served in this order, however often they had to wait. */
  readonly number: number
  /** Until when the driver lets it wait; undefined without a limit. */
  readonly endsAt: number | undefined
}

interface Waiter {
  readonly wish: Wish
  goOn(): void
  giveUp(error: unknown): void
}

/** The requests that wait for a connection, in the order of arrival. They keep the process alive, because a query is waiting. */
export class Waiters {
  readonly #clock: CompleteClock
  readonly #keepAlive = new KeepAlive()
  #waiting: Waiter[] = []
  #wishes = 0

  constructor(clock: CompleteClock) {
    this.#clock = clock
  }

  get count(): number {
    return this.#waiting.length
  }

  /** `limitMs` is the driver's limit; 0 if it has none. */
  wish(limitMs = 0): Wish {
    this.#wishes += 1
    return { number: this.#wishes, endsAt: limitMs > 0 ? this.#clock.elapsedMs() + limitMs : undefined }
  }

  /**
   * Resolves when it is worth trying again. Rejects with the error passed to `giveUpAll`, or when the wish ends with the result of
   * `lateError`.
   */
  wait(wish: Wish, lateError: () => unknown): Promise<void> {
    return this.#keepAlive.during(
      () =>
        new Promise<void>((resolve, reject) => {
          const settle = (how: () => void): void => {
            this.#waiting = this.#waiting.filter(other => other !== waiter)
            cancel()
            how()
          }
          const waiter: Waiter = {
            wish,
            goOn: () => settle(resolve),
            giveUp: error => settle(() => reject(error)),
          }
          const { endsAt } = wish
          const cancel =
            endsAt === undefined
              ? () => {}
              : this.#clock.setTimeout(() => waiter.giveUp(lateError()), Math.max(0, endsAt - this.#clock.elapsedMs()))
          const place = this.#waiting.findIndex(other => other.wish.number > wish.number)
          this.#waiting.splice(place === -1 ? this.#waiting.length : place, 0, waiter)
        }),
    )
  }

  /** Waits for another promise, but not longer than the wish lasts. */
  async bounded<T>({ endsAt }: Wish, promise: Promise<T>, lateError: () => unknown): Promise<T> {
    if (endsAt === undefined) return promise
    return atMost(this.#clock, Math.max(0, endsAt - this.#clock.elapsedMs()), promise, () => {
      throw lateError()
    })
  }

  /** Lets those that have waited longest try again. */
  goOnFirst(count = 1): void {
    for (const waiter of this.#waiting.slice(0, count)) waiter.goOn()
  }

  goOnAll(): void {
    this.goOnFirst(this.#waiting.length)
  }

  giveUpAll(error: unknown): void {
    for (const waiter of this.#waiting.slice()) waiter.giveUp(error)
  }
}
