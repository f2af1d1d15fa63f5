import { expect, vi } from 'vitest'
import type { ManualClock } from '../../src/testing/index.js'

/** Moves a clock on by `stepMs` whenever something waits for it, until `isDone`. */
export async function passUntil(clock: ManualClock, stepMs: number, isDone: () => boolean): Promise<void> {
  await vi.waitFor(
    async () => {
      await clock.advance(clock.pending > 0 ? stepMs : 0)
      expect(isDone()).toBe(true)
    },
    { interval: 1, timeout: 5_000 },
  )
}

/** Waits for an answer, moving the clock on whenever a pause is waited for. */
export async function throughPauses<T>(clock: ManualClock, reading: Promise<T>, stepMs = 500): Promise<T> {
  let isOver = false
  const settled = reading.finally(() => {
    isOver = true
  })
  settled.catch(() => {})
  await passUntil(clock, stepMs, () => isOver)
  return settled
}
