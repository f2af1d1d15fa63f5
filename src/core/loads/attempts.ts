import pRetry from 'p-retry'
import { type Failure, failureFrom } from '../failures/failure.js'
import { unhelpfulAfterMs } from '../failures/verdicts.js'
import type { AwakeLimit } from '../time/awake-limit.js'
import { type CompleteClock, sleep } from '../time/clock.js'

/** Carries a failure from where it was told apart to the end of the load. */
export class LoadFailed extends Error {
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.code)
    this.failure = failure
  }
}

/** What was thrown, told apart if that has not been done yet. */
export function loadFailed(thrown: unknown): LoadFailed {
  return thrown instanceof LoadFailed ? thrown : new LoadFailed(failureFrom(thrown))
}

/** How the attempts of one load follow each other. */
export interface AttemptPlan {
  /** Whether a transient failure is tried again at all. */
  repeat: boolean
  clock: CompleteClock
  /** No attempt begins after it. */
  limit: Pick<AwakeLimit, 'endsAt'>
  signal: AbortSignal
  /**
   * Notes a failed attempt and says the pause before the next: the sequence is the entry's, and loads after this one go on with it.
   * Undefined if it does not count, and another one takes its place.
   */
  onFailed: (failure: Failure) => number | undefined
}

/** Makes one attempt, or as many as fit before the deadline. Every rejection of `attempt` must be a `LoadFailed`. */
export function attemptRepeatedly<T>(attempt: () => Promise<T>, plan: AttemptPlan): Promise<T> {
  const { repeat, clock, limit, signal, onFailed } = plan
  const startedAt = clock.now()
  return pRetry(attempt, {
    retries: Infinity,
    // The pause is made below: p-retry keeps time by the global timers and not by our clock. Without a pause it sets none.
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
