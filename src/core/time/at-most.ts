import { type CompleteClock, sleep } from './clock.js'

/** Settles as `promise` does, or after `ms` with the result of `onLate`. A later rejection of the promise is ignored. */
export async function atMost<T>(clock: CompleteClock, ms: number, promise: Promise<T>, onLate: () => T): Promise<T> {
  const settled = new AbortController()
  const late = sleep(clock, ms, settled.signal).then(onLate)
  return Promise.race([promise, late]).finally(() => settled.abort())
}
