import type { CompleteClock } from '../core/time/clock.js'

/** In how many steps the idle connections go: not all at once, or the next requests would all have to log in. */
const steps = 5

/** Closes idle connections, a share of them at a time. A retirement that is begun anew replaces the one before. */
export class Retirement {
  readonly #clock: CompleteClock
  readonly #spreadMs: number
  /** Closes that share of the idle connections that are outdated then. */
  readonly #closeIdle: (share: number) => void
  #cancel: () => void = () => {}

  constructor(clock: CompleteClock, spreadMs: number, closeIdle: (share: number) => void) {
    this.#clock = clock
    this.#spreadMs = spreadMs
    this.#closeIdle = closeIdle
  }

  begin(): void {
    this.#cancel()
    this.#step(steps)
  }

  stop(): void {
    this.#cancel()
  }

  #step(left: number): void {
    if (left === 0) return
    this.#cancel = this.#clock.setTimeout(() => {
      this.#closeIdle(1 / left)
      this.#step(left - 1)
    }, this.#spreadMs / steps)
  }
}
