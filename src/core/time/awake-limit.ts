import type { CompleteClock } from './clock.js'

/** It is waited for in parts, so that little has to be waited for again. */
const longestPartMs = 500
/** No event loop is late by as much more, unless its process was asleep. */
const asleepMs = 1_500

/** A limit of time that does not count what its process sleeps through, frozen or suspended: nothing could be answered meanwhile. */
export interface AwakeLimit {
  /** When it is over, should the process stay awake. */
  endsAt: number
  /** Says when the process was last seen to have woken; 0 if it has not slept. */
  wokenAt(): number
  cancel(): void
}

/** Calls `onOver` after so many milliseconds; what was slept through is waited for again, as far as it is a part of them. */
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
