import type { CompleteClock } from '../core/time/clock.js'

/** Often enough that the sweep, which waits for an hour, never takes a queue from a living instance. */
const intervalMs = 600_000

/** Calls `beat` every ten minutes, one after the other; the function it returns ends that. `beat` must not reject. */
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
