import type { Failure } from '../core/failures/failure.js'
import { verdicts } from '../core/failures/verdicts.js'
import type { Writes } from '../core/loads/writes.js'
import type { SecretCache } from '../core/secret-cache.js'
import { isFrozenBetween } from './is-frozen.js'
import { hasEndedWithin, timeLeftMs } from './time-left.js'

/** What most loads need that nobody waits for. One that takes longer is given up. */
const mostForLoadsLeftMs = 1_000
/** What is given up may begin something else: a warm-up its next secrets, a caller another try. */
const mostRounds = 20

/** Of the time before a library of fake timers replaces it. */
const nextTurn = setImmediate

/** The waiting around the invocations of one handler. */
export interface LoadsLeft {
  /** Resolves when the handler may begin: the first time when the warm-up is over. `given` is what the handler is given. */
  before(given: readonly unknown[]): Promise<void>
  /** Resolves when nothing is under way that the next freeze would cut. */
  after(given: readonly unknown[]): Promise<void>
}

/** Waits for the loads of a cache, never longer than an invocation has time. */
export function loadsLeftOf(cache: Pick<SecretCache, 'idle'>): LoadsLeft {
  // Whether there is a cache to wait for is noticed in the init phase, not in each invocation.
  if (typeof cache?.idle !== 'function') throw new TypeError('cache must be a SecretCache.')
  let isWarm = false
  return {
    async before(given) {
      if (!isWarm) await hasEndedWithin(timeLeftMs(given), cache.idle())
      isWarm = true
    },
    async after(given) {
      if (!isFrozenBetween()) return
      await hasEndedWithin(Math.min(mostForLoadsLeftMs, timeLeftMs(given)), cache.idle())
      await giveUp(cache)
    },
  }
}

/**
 * Ends what is under way, the pauses between two loads for an event included. It would be frozen in its middle, and what it is told after
 * the thaw is of another time.
 */
async function giveUp(cache: Pick<SecretCache, 'idle'>): Promise<void> {
  const inside = (cache as Partial<SecretCache>).inside?.() as Writes | undefined
  let isIdle = inside === undefined
  for (let round = 0; round < mostRounds && !isIdle; round += 1) {
    inside?.loader.giveUp(tooLate())
    void cache.idle().then(() => {
      isIdle = true
    })
    await new Promise(resolve => nextTurn(resolve))
  }
}

function tooLate(): Failure {
  return { ...verdicts.timeout, cause: new Error('The invocation ended before its load did.') }
}
