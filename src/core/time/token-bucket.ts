/** A token bucket: allows `capacity` at once and one more every `refillMs`. It has no timer. */
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

  /** Takes a token, possibly a future one, and returns in how many milliseconds it may be used. */
  take(now: number): number {
    // A clock that was set back must neither refill the bucket nor make callers wait for the lost time.
    const elapsedMs = Math.max(0, now - this.#countedAt)
    this.#tokens = Math.min(this.#capacity, this.#tokens + elapsedMs / this.#refillMs)
    this.#countedAt = now
    this.#tokens -= 1
    return this.#tokens >= 0 ? 0 : -this.#tokens * this.#refillMs
  }
}
