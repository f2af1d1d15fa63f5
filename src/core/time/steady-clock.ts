import type { CompleteClock } from './clock.js'

/** How often the wall clock is compared with the time that has passed: at each reading it would make each hit slower. */
const comparedEveryMs = 1_000
/** What is less is a clock that is put right slowly, or rounded. */
const toleratedMs = 100

/**
 * The time of another clock, made to run forwards only.
 *
 * Where the wall clock is set back, the difference is added from then on. So ages never shrink, and what is served past its TTL is not
 * served for longer, however often the clock is set back, and also where it has passed the moment of the last reading again before the
 * next one.
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

  /** What this clock shows at a moment that somebody else has read from a wall clock. */
  atWall(wallMs: number): number {
    return wallMs + this.#lostMs
  }

  /** Adds what the wall clock has lost; where nothing else tells that, it is at least by how much it was set back. */
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
