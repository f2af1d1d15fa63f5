import { untilAborted } from './until-aborted.js'

/**
 * Where the cache reads the time and sets its timers.
 *
 * Pass your own to run the cache on a manual clock in tests, such as `ManualClock` of `awscurrent/testing`.
 */
export interface Clock {
  /** Wall time in milliseconds since the epoch, like `Date.now`. */
  now(): number
  /**
   * Runs `run` once after `ms` milliseconds; the function it returns cancels that. A timer must not keep the process alive.
   *
   * @default the global setTimeout, unreferenced
   */
  setTimeout?(run: () => void, ms: number): () => void
  /**
   * Milliseconds since any moment, which nothing sets back or forward: what limits and pauses are measured by.
   *
   * @default performance.now; for a clock with timers of its own, `now`
   */
  elapsedMs?(): number
}

/** A clock with every method there. */
export type CompleteClock = Required<Clock>

/** The longest delay that the global setTimeout takes; a longer one would fire at once. */
const longestDelayMs = 2 ** 31 - 1

function setUnreferencedTimeout(run: () => void, ms: number): () => void {
  const timer = setTimeout(run, Math.min(ms, longestDelayMs))
  // What must keep the process alive says so by `keepAlive`; a timer alone never does.
  timer.unref()
  return () => clearTimeout(timer)
}

/** The clock of the machine. `Date` is looked up at each call, so that fake timers of a test library move the cache too. */
const systemClock: Clock = { now: () => Date.now() }

/** Fills in what a caller's clock leaves out. */
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
