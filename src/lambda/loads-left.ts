import type { SecretCache } from '../core/secret-cache.js'
import { executionEnvironment } from './execution-environment.js'
import { giveUpLoads, insideOf, slowLoads } from './give-up-loads.js'
import type { LambdaCache } from './lambda-cache.js'
import { restoredOnce } from './restored.js'
import { hasEndedWithin, timeLeftMs } from './time-left.js'

/**
 * How long to wait for loads that nobody else waits for: enough for most. One that takes longer is given up, and the next load of its secret
 * is waited for until it ends: otherwise a service that is always slower than this would never be heard.
 */
const mostForLoadsLeftMs = 1_000

/** The waiting around the invocations of one handler. */
export interface LoadsLeft {
  /** Resolves when the handler may begin: the first time, once the warm-up is over. `given` are the arguments of the handler. */
  before(given: readonly unknown[]): Promise<void>
  /** Resolves when no load is under way that the next freeze would interrupt. */
  after(given: readonly unknown[]): Promise<void>
}

/** Waits for the loads of a cache, never longer than the invocation has time. */
export function loadsLeftOf(cache: Pick<SecretCache, 'idle'>): LoadsLeft {
  // A missing cache is an error of the init phase, not of each invocation.
  if (typeof cache?.idle !== 'function') throw new TypeError('cache must be a SecretCache.')
  const { isFrozen, isRestored } = executionEnvironment()
  const ready = isFrozen ? () => (isRestored ? restoredOnce(cache) : cache.idle()) : warmUpOf(cache)
  let isReady = false
  return {
    async before(given) {
      if (!isReady) await hasEndedWithin(timeLeftMs(given), ready())
      isReady = true
    },
    async after(given) {
      if (!isFrozen) return
      const inside = insideOf(cache)
      await hasEndedWithin(Math.min(mostForLoadsLeftMs, timeLeftMs(given)), cache.idle())
      if (inside === undefined) return
      await hasEndedWithin(timeLeftMs(given), slowLoads(inside))
      await giveUpLoads(cache, inside)
    },
  }
}

/**
 * Waits for what the init phase has begun, and not for `idle()` of a later moment: where invocations overlap, that would wait for the loads
 * of all others.
 */
function warmUpOf(cache: Pick<SecretCache, 'idle'>): () => Promise<void> {
  const warmedUp = (cache as Partial<LambdaCache>).warmedUp ?? cache.idle()
  return () => warmedUp
}
