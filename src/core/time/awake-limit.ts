import type { CompleteClock } from './clock.js'

/** The wait is split into parts, so that only a short one is repeated after a sleep. */
const longestPartMs = 500
/** If this much time passed between two checks, the process was asleep: an event loop is never that late. */
const asleepMs = 1_500

/** A time limit that does not count the time in which its process is frozen or suspended, because no response can arrive meanwhile. */
export interface AwakeLimit {
  /** When the limit is reached if the process stays awake. */
  endsAt: number
  /** Returns when the process was last noticed to have woken; 0 if it has not slept. */
  wokenAt(): number
  cancel(): void
}

/** Calls `onOver` after `ms` milliseconds awake: a part of the wait during which the process slept is waited for again. */
export function awakeLimit(clock: CompleteClock, ms: number, onOver: () => void): AwakeLimit {
  let seenAt = clock.now()
  let wokenAt = 0
  const limit = {
    endsAt: seenAt + ms,
    wokenAt() {
      const passedMs = clock.now() - seenAt
      seenAt += passedMs
      if (passedMs >= asleepMs) {
        limit.endsAt += passedMs
        wokenAt = seenAt
      }
      return wokenAt
    },
    cancel: () => {},
  }
  const wait = (leftMs: number): void => {
    const partMs = Math.min(leftMs, longestPartMs)
    const before = wokenAt
    limit.cancel = clock.setTimeout(() => {
      const stillMs = Math.max(leftMs - partMs, limit.wokenAt() > before ? partMs : 0)
      if (stillMs > 0) wait(stillMs)
      else onOver()
    }, partMs)
  }
  wait(ms)
  return limit
}
