import { onAbort } from './on-abort.js'

/** Settles as `promise` does, or rejects with the reason of the signal as soon as it aborts. A later rejection of the promise is ignored. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason)
    if (signal.aborted) leave()
    promise.then(resolve, reject).finally(onAbort(signal, leave))
  })
}
