import type { CompleteClock } from '../core/time/clock.js'

/** Often enough that the sweep, which waits for an hour, never deletes the queue of a running instance. */
const intervalMs = 600_000

/** Calls `beat` every ten minutes, one call after the other; the returned function stops that. `beat` must not reject. */
export function startHeartbeat(clock: CompleteClock, beat: () => Promise<void>): () => void {
  let isStopped = false
  let cancel = (): void => {}
  const next = (): void => {
    if (isStopped) return
    cancel = clock.setTimeout(() => void beat().then(next), intervalMs)
  }
  next()
  return () => {
    isStopped = true
    cancel()
  }
}
