import type { CompleteClock } from '../core/time/clock.js'
import { KeepAlive } from '../core/time/keep-alive.js'

interface Waiter {
  goOn(): void
  giveUp(error: unknown): void
}

/** Those who asked for a connection while no login was known to work. They keep the process alive: a query is waiting. */
export class Waiters {
  readonly #clock: CompleteClock
  readonly #keepAlive = new KeepAlive()
  readonly #waiting = new Set<Waiter>()

  constructor(clock: CompleteClock) {
    this.#clock = clock
  }

  get some(): boolean {
    return this.#waiting.size > 0
  }

  /** Resolves when it is worth trying again. Rejects with what `giveUpAll` is told, or after `limitMs` with what `lateError` answers then. */
  wait(limitMs: number, lateError: () => unknown): Promise<void> {
    this.#keepAlive.hold()
    return new Promise<void>((resolve, reject) => {
      const waiter: Waiter = { goOn: () => this.#settled(waiter, cancel, resolve), giveUp: error => leave(error) }
      const leave = (error: unknown): void => this.#settled(waiter, cancel, () => reject(error))
      const cancel = limitMs > 0 ? this.#clock.setTimeout(() => leave(lateError()), limitMs) : () => {}
      this.#waiting.add(waiter)
    })
  }

  /** Lets the one who has waited longest try again. */
  goOnFirst(): void {
    const [first] = this.#waiting
    first?.goOn()
  }

  goOnAll(): void {
    for (const waiter of [...this.#waiting]) waiter.goOn()
  }

  giveUpAll(error: unknown): void {
    for (const waiter of [...this.#waiting]) waiter.giveUp(error)
  }

  #settled(waiter: Waiter, cancel: () => void, settle: () => void): void {
    this.#waiting.delete(waiter)
    this.#keepAlive.release()
    cancel()
    settle()
  }
}
