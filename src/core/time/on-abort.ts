import { setMaxListeners } from 'node:events'

/** Calls `run` when the signal aborts, unless the returned function was called before. */
export function onAbort(signal: AbortSignal, run: () => void): () => void {
  // A hundred reads may share one signal, which is no leak to warn about. Signals that are not Node's own have no such limit.
  if (signal instanceof EventTarget) setMaxListeners(0, signal)
  signal.addEventListener('abort', run, { once: true })
  return () => signal.removeEventListener('abort', run)
}
