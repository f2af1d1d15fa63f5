import type { CompleteClock } from '../../src/core/time/clock.js'

/** Settings of `impatientClock`. */
export interface ImpatientClockOptions {
  now?: number
  /** Timers this long and longer never come due: the deadlines, where something real has to be waited for. */
  neverFromMs?: number
}

/** A clock on which a timer is due as soon as nothing else is left to do: what waits for seconds elsewhere takes none here. */
export function impatientClock({ now = 0, neverFromMs = Infinity }: ImpatientClockOptions = {}): CompleteClock {
  return {
    now: () => now,
    elapsedMs: () => now,
    setTimeout(run, ms) {
      if (ms >= neverFromMs) return () => undefined
      const dueAt = now + ms
      const turn = setImmediate(() => {
        now = Math.max(now, dueAt)
        run()
      })
      return () => clearImmediate(turn)
    },
  }
}
