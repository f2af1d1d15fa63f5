import pRetry from 'p-retry'
import { type Failure, failureFrom } from '../failures/failure.js'
import { unhelpfulAfterMs } from '../failures/verdicts.js'
import type { AwakeLimit } from '../time/awake-limit.js'
import { type CompleteClock, sleep } from '../time/clock.js'

/** Carries a classified failure to the end of the load. */
export class LoadFailed extends Error {
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.code)
    this.failure = failure
  }
}

/** Classifies what was thrown, unless that has been done already. */
export function loadFailed(thrown: unknown): LoadFailed {
  return thrown instanceof LoadFailed ? thrown : new LoadFailed(failureFrom(thrown))
}

/** How the attempts of one load are made. */
export interface AttemptPlan {
  /** Whether transient failures are retried at all. */
  repeat: boolean
  clock: CompleteClock
  /** No attempt begins after this limit. */
  limit: Pick<AwakeLimit, 'endsAt'>
  signal: AbortSignal
  /**
   * Records a failed attempt and returns the pause before the next one. The entry counts the failures, so that later loads continue the
   * backoff. Undefined if the attempt does not count and is repeated at once.
   */
  onFailed: (failure: Failure) => number | undefined
}

/** Makes one attempt, or as many as fit before the deadline. Every rejection of `attempt` must be a `LoadFailed`. */
export function attemptRepeatedly<T>(attempt: () => Promise<T>, plan: AttemptPlan): Promise<T> {
  const { repeat, clock, limit, signal, onFailed } = plan
  const startedAt = clock.now()
  return pRetry(attempt, {
    retries: Infinity,
    // The pause is made below, because p-retry uses the global timers and not our clock. With 0, it sets no timer.
    minTimeout: 0,
    signal,
    async onFailedAttempt({ error }) {
      const { failure } = error as LoadFailed
      const pauseMs = onFailed(failure)
      if (failure.kind !== 'transient' || failure.isLasting) throw error
      if (pauseMs === undefined) return
      const latest = failure.waitingHelps ? limit.endsAt : startedAt + unhelpfulAfterMs
      if (!repeat || clock.now() + pauseMs >= latest) throw error
      await sleep(clock, pauseMs, signal)
    },
  })
}
