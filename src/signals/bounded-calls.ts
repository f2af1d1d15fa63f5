import type { CompleteClock } from '../core/time/clock.js'
import { within } from '../core/time/within.js'

const callTimeoutMs = 10_000

/** Makes one call within a limited time. */
export type BoundedCall = <T>(run: (signal: AbortSignal) => Promise<T>) => Promise<T>

/** Limits the time of each call to SNS and SQS, except for those that wait for messages. */
export function boundedCalls(clock: CompleteClock): BoundedCall {
  return run => within(clock, callTimeoutMs, run)
}
