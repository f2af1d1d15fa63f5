import type { CompleteClock } from './clock.js'

/** How often the wall clock is compared with the elapsed time: a comparison at each reading would slow down hits. */
const comparedEveryMs = 1_000
/** A smaller difference is rounding, or a clock that is adjusted gradually. */
const toleratedMs = 100

/**
 * A clock that follows a wall clock but never runs backwards.
 *
 * When the wall clock is set back, the difference is added from then on. So ages never shrink, and a value past its TTL is not served for
 * longer, however often the clock is set back. This also works if the clock has already passed the time of the last reading again before
 * the next one.
 */
export class SteadyClock implements CompleteClock {
  readonly #wall: CompleteClock
  readonly #onSetBack: (byMs: number) => void
  #lastWall = -Infinity
  #lostMs = 0
  #comparedAt = -Infinity
  #elapsedThen = Infinity

  constructor(wall: CompleteClock, onSetBack: (byMs: number) => void) {
    this.#wall = wall
    this.#onSetBack = onSetBack
  }

  now(): number {
    const wall = this.#wall.now()
    const backMs = this.#lastWall - wall
    this.#lastWall = wall
    if (backMs > 0 || wall - this.#comparedAt > comparedEveryMs) this.#compare(wall, backMs)
    return wall + this.#lostMs
  }

  setTimeout(run: () => void, ms: number): () => void {
    return this.#wall.setTimeout(run, ms)
  }

  elapsedMs(): number {
    return this.#wall.elapsedMs()
  }

  /** The time of this clock at a moment that was read from another wall clock. */
  atWall(wallMs: number): number {
    return wallMs + this.#lostMs
  }

  /** Adds the time that the wall clock has lost compared with the elapsed time, and at least the step by which it was seen to go back. */
  #compare(wall: number, backMs: number): void {
    const elapsed = this.#wall.elapsedMs()
    const missing = elapsed - this.#elapsedThen - (wall - this.#comparedAt)
    this.#comparedAt = wall
    this.#elapsedThen = elapsed
    const byMs = Math.max(missing, backMs)
    if (backMs > 0 || byMs > toleratedMs) this.#lostMs += byMs
    if (backMs > 0) this.#onSetBack(byMs)
  }
}
