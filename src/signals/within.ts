import { awakeLimit } from '../core/time/awake-limit.js'
import type { CompleteClock } from '../core/time/clock.js'
import { onAbort } from '../core/time/on-abort.js'
import { untilAborted } from '../core/time/until-aborted.js'

const callTimeoutMs = 10_000

/** Makes one call within a limited time. */
export type BoundedCall = <T>(run: (signal: AbortSignal) => Promise<T>) => Promise<T>

/** Limits the time of each call to SNS and SQS, except for those that wait for messages. */
export function boundedCalls(clock: CompleteClock): BoundedCall {
  return run => within(clock, callTimeoutMs, run)
}

/**
 * Runs a function and stops it, without waiting for it any longer, after `ms` milliseconds or when `outer` aborts. Time in which the
 * process is frozen or suspended does not count: no response could arrive in it.
 *
 * An error that `run` throws synchronously is a rejection too.
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
  const late = (): void => stop.abort(new DOMException(`No response within ${ms} ms.`, 'TimeoutError'))
  const limit = awakeLimit(clock, ms, late)
  try {
    return await untilAborted((async () => run(stop.signal))(), stop.signal)
  } finally {
    limit.cancel()
    leave?.()
  }
}
