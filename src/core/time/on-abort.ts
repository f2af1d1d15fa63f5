import { setMaxListeners } from 'node:events'

/** Runs `run` when the signal aborts; what it returns takes that back. */
export function onAbort(signal: AbortSignal, run: () => void): () => void {
  // A hundred reads may share one signal: no leak that Node should warn of. A signal of another kind than Node's has no such limit.
  if (signal instanceof EventTarget) setMaxListeners(0, signal)
  signal.addEventListener('abort', run, { once: true })
  return () => signal.removeEventListener('abort', run)
}
