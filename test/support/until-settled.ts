import type { ManualClock } from '../../src/testing/index.js'

/** Moves the clock on until the promise has settled, and settles as it does. */
export async function untilSettled<T>(clock: ManualClock, promise: Promise<T>, stepMs = 50, atMostMs = 600_000): Promise<T> {
  let isSettled = false
  const settle = (): void => {
    isSettled = true
  }
  promise.then(settle, settle)
  for (let elapsedMs = 0; !isSettled && elapsedMs <= atMostMs; elapsedMs += stepMs) await clock.advance(stepMs)
  if (!isSettled) throw new Error(`Nothing came of it within ${atMostMs} ms.`)
  return promise
}
