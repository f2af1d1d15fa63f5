import type { CompleteClock } from '../core/time/clock.js'

/**
 * A wait that is over by whichever clock comes first: the elapsed time may stand still while the process is frozen, and the wall clock may
 * be set back.
 */
export class Wait {
  readonly #clock: CompleteClock
  readonly #endsAtElapsed: number
  readonly #endsAtWall: number

  constructor(clock: CompleteClock, ms: number) {
    this.#clock = clock
    this.#endsAtElapsed = clock.elapsedMs() + ms
    this.#endsAtWall = clock.now() + ms
  }

  /** How many milliseconds it still lasts; 0 once it is over. */
  get leftMs(): number {
    return Math.max(0, Math.min(this.#endsAtElapsed - this.#clock.elapsedMs(), this.#endsAtWall - this.#clock.now()))
  }
}
