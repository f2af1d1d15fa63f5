import { ManualClock } from '../../src/testing/index.js'

/** When something happened: in which order, after how much time, and what the wall clock showed. */
export interface Moment {
  readonly order: number
  readonly at: number
  readonly wall: number
}

/** The order of all that happens in a run, on a clock whose wall time jumps while real time only goes on. */
export class Timeline {
  readonly clock: ManualClock = new ManualClock()
  readonly #jumps: { order: number; ms: number }[] = []
  readonly #highest: { order: number; wall: number }[] = []
  readonly #startedAt = this.clock.now()
  #jumpedMs = 0
  #order = 0

  /** A moment of its own for each thing that happens. */
  next(): Moment {
    this.#order += 1
    return { order: this.#order, at: this.clock.now() - this.#startedAt - this.#jumpedMs, wall: this.clock.now() }
  }

  jump(ms: number): void {
    this.#jumpedMs += ms
    this.#highest.push({ order: this.#order, wall: this.clock.now() })
    this.clock.set(this.clock.now() + ms)
    this.#jumps.push({ order: this.next().order, ms })
  }

  hasJumpedSince(moment: Moment): boolean {
    return this.#jumps.some(({ order }) => order > moment.order)
  }

  /**
   * How old what was loaded at `from` is at `to`, at least: where the clock was set back, what is served is prolonged by one step at most.
   */
  leastAge(from: Moment, to: Moment): number {
    const steps = this.#backwards(from, to)
    if (steps.length === 0) return to.wall - from.wall
    return Math.max(to.at - from.at - Math.max(...steps), to.wall - from.wall)
  }

  /** How old it may be taken for at most: the clock may have shown more, and a step back prolongs nothing. */
  mostAge(from: Moment, to: Moment): number {
    const shown = this.#highest.filter(({ order }) => order > from.order && order < to.order).map(({ wall }) => wall - from.wall)
    const backMs = this.#backwards(from, to).reduce((sum, ms) => sum + ms, 0)
    return Math.max(to.at - from.at, to.wall - from.wall, ...shown) + backMs
  }

  #backwards(from: Moment, to: Moment): number[] {
    return this.#jumps.filter(({ order, ms }) => order > from.order && order < to.order && ms < 0).map(({ ms }) => -ms)
  }
}

/** Longer than what follows an answer within one turn of the event loop: by then the cache has taken it in. */
export async function microtasks(count: number): Promise<void> {
  for (let tick = 0; tick < count; tick += 1) await undefined
}
