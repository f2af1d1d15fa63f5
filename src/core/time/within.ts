import { awakeLimit } from './awake-limit.js'
import type { CompleteClock } from './clock.js'
import { onAbort } from './on-abort.js'
import { untilAborted } from './until-aborted.js'

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
