import { onAbort } from './on-abort.js'

/** Settles as `promise` does, or rejects with the signal's reason as soon as it aborts. What the promise does then is nobody's concern. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason)
    if (signal.aborted) leave()
    promise.then(resolve, reject).finally(onAbort(signal, leave))
  })
}
