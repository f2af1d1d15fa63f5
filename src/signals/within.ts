import type { CompleteClock } from '../core/time/clock.js'
import { untilAborted } from '../core/time/until-aborted.js'

/**
 * Runs something that is told to stop, and is waited for no longer, after `ms` milliseconds or when `outer` aborts.
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
  const onAbort = (): void => stop.abort(outer?.reason)
  if (outer?.aborted) onAbort()
  outer?.addEventListener('abort', onAbort)
  const cancel = clock.setTimeout(() => stop.abort(new DOMException(`There was no answer within ${ms} ms.`, 'TimeoutError')), ms)
  try {
    return await untilAborted((async () => run(stop.signal))(), stop.signal)
  } finally {
    cancel()
    outer?.removeEventListener('abort', onAbort)
  }
}
