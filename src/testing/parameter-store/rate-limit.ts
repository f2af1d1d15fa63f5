/** Counts what happened within the last second. */
export class RateLimit {
  readonly #most: number
  readonly #elapsedMs: () => number
  #taken: number[] = []

  constructor(most: number, elapsedMs: () => number) {
    this.#most = most
    this.#elapsedMs = elapsedMs
  }

  /** Whether one more is allowed now; if so, it counts. */
  take(): boolean {
    const now = this.#elapsedMs()
    this.#taken = this.#taken.filter(at => now - at < 1_000)
    if (this.#taken.length >= this.#most) return false
    this.#taken.push(now)
    return true
  }
}
