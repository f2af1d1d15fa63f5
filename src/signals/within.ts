import type { CompleteClock } from '../core/time/clock.js'
import { onAbort } from '../core/time/on-abort.js'
import { untilAborted } from '../core/time/until-aborted.js'

const callTimeoutMs = 10_000

/** A time-out is waited for in parts, so that little has to be waited for again. */
const longestPartMs = 500
/** No event loop is as late as that, unless its process was asleep. */
const asleepMs = 1_000

/** Makes one call within a bounded time. */
export type BoundedCall = <T>(run: (signal: AbortSignal) => Promise<T>) => Promise<T>

/** Bounds each call to SNS and SQS, but those that wait for messages. */
export function boundedCalls(clock: CompleteClock): BoundedCall {
  return run => within(clock, callTimeoutMs, run)
}

/**
 * Runs something that is told to stop, and is waited for no longer, after `ms` milliseconds or when `outer` aborts. What the process sleeps
 * through, frozen or suspended, does not count: nothing could be answered meanwhile.
 *
 * What it throws before it returns a promise is a rejection too.
 */
export async function within<T>(
  clock: CompleteClock,
  ms: number,
  run: (signal: AbortSignal) => T | Promise<T>,
  outer?: AbortSignal,
): Promise<T> {
  const stop = new AbortController()
  const stopToo = (): void => stop.abort(outer?.reason)
  if (outer?.aborted) stopToo()
  const leave = outer && onAbort(outer, stopToo)
  const cancel = setAwakeTimeout(
    clock,
    () => stop.abort(new DOMException(`There was no answer within ${ms} ms.`, 'TimeoutError')),
    ms,
  )
  try {
    return await untilAborted((async () => run(stop.signal))(), stop.signal)
  } finally {
    cancel()
    leave?.()
  }
}

/** Sets a time-out in parts: one that has fired much too late was slept through, and is waited for once more. */
function setAwakeTimeout(clock: CompleteClock, run: () => void, ms: number): () => void {
  const partMs = Math.min(ms, longestPartMs)
  const begunAt = clock.elapsedMs()
  let cancel = clock.setTimeout(() => {
    const leftMs = clock.elapsedMs() - begunAt >= partMs + asleepMs ? ms : ms - partMs
    if (leftMs <= 0) run()
    else cancel = setAwakeTimeout(clock, run, leftMs)
  }, partMs)
  return () => cancel()
}
