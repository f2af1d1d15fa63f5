import { atMost } from '../core/time/at-most.js'
import type { CompleteClock } from '../core/time/clock.js'
import { KeepAlive } from '../core/time/keep-alive.js'

/** Somebody's wish for a connection, from the first try to the last. */
export interface Wish {
  /** Whoever came first is served first, however often they had to wait. */
  readonly number: number
  /** Until when the driver lets them wait; undefined if for ever. */
  readonly endsAt: number | undefined
}

interface Waiter {
  readonly wish: Wish
  goOn(): void
  giveUp(error: unknown): void
}

/** Those who have to wait for a connection, in the order in which they came. They keep the process alive: a query is waiting. */
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

  /** Resolves when it is worth trying again. Rejects with what `giveUpAll` is told, or at the wish's end with what `lateError` says then. */
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

  /** Waits for something else, no longer than the wish lasts. */
  async bounded<T>({ endsAt }: Wish, promise: Promise<T>, lateError: () => unknown): Promise<T> {
    if (endsAt === undefined) return promise
    return atMost(this.#clock, Math.max(0, endsAt - this.#clock.elapsedMs()), promise, () => {
      throw lateError()
    })
  }

  /** Lets those who have waited longest try again. */
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
