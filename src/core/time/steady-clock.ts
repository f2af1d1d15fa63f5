import type { CompleteClock } from './clock.js'

/**
 * The time of another clock, made to run forwards only.
 *
 * Where the wall clock is set back, the difference is added from then on. So ages never shrink, and what is served past its TTL is not
 * served for longer, however often the clock is set back.
 */
export class SteadyClock implements CompleteClock {
  readonly #wall: CompleteClock
  readonly #onSetBack: (byMs: number) => void
  #lastWall = Number.NEGATIVE_INFINITY
  #lostMs = 0

  constructor(wall: CompleteClock, onSetBack: (byMs: number) => void) {
    this.#wall = wall
    this.#onSetBack = onSetBack
  }

  now(): number {
    const wall = this.#wall.now()
    const backMs = this.#lastWall - wall
    this.#lastWall = wall
    if (backMs > 0) this.#setBack(backMs)
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

  #setBack(byMs: number): void {
    this.#lostMs += byMs
    this.#onSetBack(byMs)
  }
}
