import { awakeLimit } from '../core/time/awake-limit.js'
import type { CompleteClock } from '../core/time/clock.js'
import { onAbort } from '../core/time/on-abort.js'
import { untilAborted } from '../core/time/until-aborted.js'

const callTimeoutMs = 10_000

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
  const late = (): void => stop.abort(new DOMException(`There was no answer within ${ms} ms.`, 'TimeoutError'))
  const limit = awakeLimit(clock, ms, late)
  try {
    return await untilAborted((async () => run(stop.signal))(), stop.signal)
  } finally {
    limit.cancel()
    leave?.()
  }
}
