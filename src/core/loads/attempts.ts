import pRetry from 'p-retry'
import { type Failure, failureFrom } from '../failures/failure.js'
import { unhelpfulAfterMs } from '../failures/verdicts.js'
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
  /** No attempt begins later. */
  deadlineAt: number
  signal: AbortSignal
  /** Notes a failed attempt and says the pause before the next: the sequence is the entry's, and loads after this one go on with it. */
  onFailed: (failure: Failure) => number
}

/** Makes one attempt, or as many as fit before the deadline. Every rejection of `attempt` must be a `LoadFailed`. */
export function attemptRepeatedly<T>(attempt: () => Promise<T>, plan: AttemptPlan): Promise<T> {
  const { repeat, clock, deadlineAt, signal, onFailed } = plan
  const startedAt = clock.now()
  return pRetry(attempt, {
    retries: repeat ? Number.POSITIVE_INFINITY : 0,
    // The pause is made below: p-retry keeps time by the global timers and not by our clock. Without a pause it sets none.
    minTimeout: 0,
    signal,
    async onFailedAttempt({ error }) {
      const { failure } = error as LoadFailed
      const pauseMs = onFailed(failure)
      const latest = failure.waitingHelps ? deadlineAt : Math.min(deadlineAt, startedAt + unhelpfulAfterMs)
      const fits = clock.now() + pauseMs < latest
      if (!repeat || failure.kind !== 'transient' || failure.isLasting || !fits) throw error
      await sleep(clock, pauseMs, signal)
    },
  })
}
