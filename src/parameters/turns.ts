import { type CompleteClock, sleep } from '../core/time/clock.js'
import { TokenBucket } from '../core/time/token-bucket.js'

/**
 * An account has 40 calls a second in a Region, for all of its functions and services. A hundred parameters are read at once, and from then
 * on half of the quota is left to the others.
 */
const callsAtOnce = 10
const callEveryMs = 50

/** The turns of the calls of one source, so that it does not use up the quota. */
export class Turns {
  readonly #clock: CompleteClock
  readonly #bucket: TokenBucket

  constructor(clock: CompleteClock) {
    this.#clock = clock
    this.#bucket = new TokenBucket(callsAtOnce, callEveryMs, clock.now())
  }

  /** Takes a turn, and returns in how many milliseconds the call may be made. */
  take(): number {
    return this.#bucket.take(this.#clock.now())
  }

  /** Takes a turn, and waits for it. */
  async wait(signal: AbortSignal): Promise<void> {
    await this.after(this.take(), signal)
  }

  /** Waits for a turn that was taken. */
  async after(waitMs: number, signal: AbortSignal): Promise<void> {
    if (waitMs > 0) await sleep(this.#clock, waitMs, signal)
  }
}
