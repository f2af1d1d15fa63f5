import { copyOf, isSecretCacheError } from '../core/failures/errors.js'
import type { CompleteClock } from '../core/time/clock.js'
import { isWithin } from '../pools/limits.js'

/** Runs `work` for all callers together, at most once per cooldown. Until that is over, its outcome counts for everybody. */
export class HeldBack {
  readonly #clock: CompleteClock
  readonly #cooldownMs: number
  readonly #work: () => Promise<void>
  #startedAt = Number.NEGATIVE_INFINITY
  #isRunning = false
  #outcome: Promise<void> = Promise.resolve()

  constructor(clock: CompleteClock, cooldownMs: number, work: () => Promise<void>) {
    this.#clock = clock
    this.#cooldownMs = cooldownMs
    this.#work = work
  }

  async run(): Promise<void> {
    const now = this.#clock.elapsedMs()
    if (!this.#isRunning && !isWithin(this.#cooldownMs, this.#startedAt, now)) {
      this.#startedAt = now
      this.#isRunning = true
      this.#outcome = this.#work().finally(() => {
        this.#isRunning = false
      })
    }
    try {
      await this.#outcome
    } catch (error) {
      // Each caller gets an error object of its own.
      throw isSecretCacheError(error) ? copyOf(error) : error
    }
  }
}
