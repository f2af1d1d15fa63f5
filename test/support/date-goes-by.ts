import { onTestFinished, vi } from 'vitest'
import type { Clock } from '../../src/testing/index.js'

/** Makes `Date` go by a clock until the test is over: the signers of the AWS SDK read it and take no other clock. */
export function dateGoesBy(clock: Pick<Clock, 'now'>): void {
  class MovedDate extends Date {
    constructor(...given: []) {
      super(...(given.length === 0 ? ([clock.now()] as unknown as []) : given))
    }

    static override now(): number {
      return clock.now()
    }
  }
  vi.stubGlobal('Date', MovedDate)
  onTestFinished(() => void vi.unstubAllGlobals())
}
