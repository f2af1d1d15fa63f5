import type { Trouble } from '../core/entries/freshness.js'
import type { Failure } from '../core/failures/failure.js'
import { verdicts } from '../core/failures/verdicts.js'
import type { Load } from '../core/loads/load.js'
import type { Writes } from '../core/loads/writes.js'
import type { SecretCache } from '../core/secret-cache.js'
import { nextTurn } from '../core/time/next-turn.js'
import { isFrozenBetween } from './is-frozen.js'
import { hasEndedWithin, timeLeftMs } from './time-left.js'

/**
 * How long to wait for loads that nobody else waits for: enough for most. One that takes longer is given up, and the next load of its secret
 * is waited for until it ends: otherwise a service that is always slower than this would never be heard.
 */
const mostForLoadsLeftMs = 1_000
/** Giving up a load may start another one: a warm-up goes on to its next secrets, or a caller retries. */
const mostRounds = 20

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
  let isWarm = false
  return {
    async before(given) {
      if (!isWarm) await hasEndedWithin(timeLeftMs(given), cache.idle())
      isWarm = true
    },
    async after(given) {
      if (!isFrozenBetween()) return
      const inside = (cache as Partial<SecretCache>).inside?.() as Writes | undefined
      await hasEndedWithin(Math.min(mostForLoadsLeftMs, timeLeftMs(given)), cache.idle())
      if (inside === undefined) return
      await hasEndedWithin(timeLeftMs(given), slowLoads(inside))
      await giveUp(cache, inside)
    },
  }
}

/** The failures of a secret before a load. */
function troubleBefore({ context }: Writes, { place }: Load): Trouble | undefined {
  return context.index.find(place)?.trouble
}

/** Resolves once those loads have ended that may only be slow. */
async function slowLoads(inside: Writes): Promise<void> {
  const loads = [...inside.loader.running].filter(load => troubleBefore(inside, load)?.failure.mayBeSlow)
  await Promise.all(loads.map(({ outcome }) => outcome))
}

/**
 * Ends loads under way, including the pauses between two loads for an event. A frozen load would see timers and responses after the thaw
 * that are long out of date.
 */
async function giveUp(cache: Pick<SecretCache, 'idle'>, inside: Writes): Promise<void> {
  const { loader } = inside
  let isIdle = false
  for (let round = 0; round < mostRounds && !isIdle; round += 1) {
    for (const load of loader.running) loader.giveUp(tooLate(troubleBefore(inside, load)), [load])
    // Also if there are none: it ends the pauses.
    loader.giveUp(tooLate(), [])
    void cache.idle().then(() => {
      isIdle = true
    })
    await nextTurn()
  }
}

/** While a service hangs, one load in so many is waited for until it ends. */
const oneIn = 8

/**
 * The failure of a load that is given up. After 1, 2, 4 and then each 8 failures in a row, the next load is waited for: the service may be
 * slow rather than hang, but each wait for one that hangs is in vain.
 */
function tooLate(before?: Trouble): Failure {
  const failures = 1 + (before?.attempts ?? 0)
  const cause = new Error('The invocation ended before its load did.')
  return { ...verdicts.timeout, cause, mayBeSlow: oneIn % failures === 0 || failures % oneIn === 0 }
}
