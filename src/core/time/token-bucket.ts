/** Lets `capacity` through at once and one more every `refillMs`; keeps no timer. */
export class TokenBucket {
  readonly #capacity: number
  readonly #refillMs: number
  #tokens: number
  #countedAt: number

  constructor(capacity: number, refillMs: number, now: number) {
    this.#capacity = capacity
    this.#refillMs = refillMs
    this.#tokens = capacity
    this.#countedAt = now
  }

  /** Takes a token, if need be one that is yet to come, and answers after how many milliseconds it may be used. */
  take(now: number): number {
    // A clock that was set back refills nothing and makes nobody wait for the time that it lost.
    const elapsedMs = Math.max(0, now - this.#countedAt)
    this.#tokens = Math.min(this.#capacity, this.#tokens + elapsedMs / this.#refillMs)
    this.#countedAt = now
    this.#tokens -= 1
    return this.#tokens >= 0 ? 0 : -this.#tokens * this.#refillMs
  }
}
