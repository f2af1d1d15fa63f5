import type { Trouble } from '../core/entries/freshness.js'
import type { Failure } from '../core/failures/failure.js'
import { verdicts } from '../core/failures/verdicts.js'
import type { Load } from '../core/loads/load.js'
import type { Writes } from '../core/loads/writes.js'
import type { SecretCache } from '../core/secret-cache.js'
import { nextTurn } from '../core/time/next-turn.js'

/** Giving up a load may start another one: a warm-up goes on to its next secrets, or a caller retries. */
const mostRounds = 20

/** The internals of a cache; undefined for an object that only has an `idle` method. */
export function insideOf(cache: Pick<SecretCache, 'idle'>): Writes | undefined {
  return (cache as Partial<SecretCache>).inside?.() as Writes | undefined
}

/** The failures of a secret before a load. */
function troubleBefore({ context }: Writes, { place }: Load): Trouble | undefined {
  return context.index.find(place)?.trouble
}

/** Resolves once those loads have ended that may only be slow. */
export async function slowLoads(inside: Writes): Promise<void> {
  const loads = [...inside.loader.running].filter(load => troubleBefore(inside, load)?.failure.mayBeSlow)
  await Promise.all(loads.map(({ outcome }) => outcome))
}

/**
 * Ends loads under way, including the pauses between two loads for an event. A frozen load would see timers and responses after the thaw
 * that are long out of date.
 */
export async function giveUpLoads(cache: Pick<SecretCache, 'idle'>, inside: Writes): Promise<void> {
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
