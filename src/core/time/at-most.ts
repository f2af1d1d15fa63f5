import type { CompleteClock } from './clock.js'

/** Settles as `promise` does, or after `ms` as `onLate` does. What the promise does then is nobody's concern. */
export async function atMost<T>(clock: CompleteClock, ms: number, promise: Promise<T>, onLate: () => T): Promise<T> {
  let cancel = (): void => {}
  const late = new Promise<void>(resolve => {
    cancel = clock.setTimeout(resolve, ms)
  })
  return Promise.race([promise, late.then(onLate)]).finally(cancel)
}
