import { untilAborted } from './until-aborted.js'

/**
 * The clock by which the cache reads the time and sets its timers.
 *
 * Pass your own to run the cache on a manual clock in tests, such as `ManualClock` of `awscurrent/testing`. Only `now` is required.
 */
export interface Clock {
  /** Returns the wall time in milliseconds since the epoch, like `Date.now`. */
  now(): number
  /**
   * Calls `run` once after `ms` milliseconds, unless the returned function cancels it. A timer must not keep the process alive.
   *
   * @default the global setTimeout, unreferenced
   */
  setTimeout?(run: () => void, ms: number): () => void
  /**
   * Returns the milliseconds since an arbitrary moment, unaffected by changes of the wall clock: for limits and pauses.
   *
   * @default performance.now; for a clock with its own timers, `now`
   */
  elapsedMs?(): number
}

/** A clock with all methods, including the optional ones. */
export type CompleteClock = Required<Clock>

/** The longest delay that the global setTimeout accepts; a longer one would fire at once. */
const longestDelayMs = 2 ** 31 - 1

function setUnreferencedTimeout(run: () => void, ms: number): () => void {
  const timer = setTimeout(run, Math.min(ms, longestDelayMs))
  // Work that must keep the process alive uses `KeepAlive`; a timer alone never does.
  timer.unref()
  return () => clearTimeout(timer)
}

/** The clock of the machine. `Date` is looked up at each call, so that the fake timers of a test library affect the cache too. */
const systemClock: Clock = { now: () => Date.now() }

/** Adds the methods that a caller's clock leaves out. */
export function completeClock(clock: Clock = systemClock): CompleteClock {
  return {
    now: () => clock.now(),
    setTimeout: clock.setTimeout === undefined ? setUnreferencedTimeout : (run, ms) => clock.setTimeout!(run, ms),
    elapsedMs: () => clock.elapsedMs?.() ?? (clock.setTimeout ? clock.now() : performance.now()),
  }
}

/** Resolves after `ms` milliseconds of the clock, or rejects with the signal's reason as soon as it aborts. */
export function sleep(clock: CompleteClock, ms: number, signal: AbortSignal): Promise<void> {
  let cancel = (): void => {}
  const over = new Promise<void>(resolve => {
    cancel = clock.setTimeout(resolve, ms)
  })
  return untilAborted(over, signal).finally(cancel)
}
