import type { SecretCache } from '../core/secret-cache.js'
import { hasEndedWithin, timeLeftMs } from './time-left.js'

/** What most loads need that nobody waits for. One that hangs goes on after the thaw, and holds back no read then. */
const mostForLoadsLeftMs = 1_000

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
  const wait = async (given: readonly unknown[], mostMs: number): Promise<void> => {
    await hasEndedWithin(Math.min(mostMs, timeLeftMs(given)), cache.idle())
  }
  return {
    async before(given) {
      // Later on there are no loads but those that an earlier handler has left behind.
      await wait(given, isWarm ? mostForLoadsLeftMs : Infinity)
      isWarm = true
    },
    after: given => wait(given, mostForLoadsLeftMs),
  }
}
