import type { SecretCache } from '../core/secret-cache.js'
import { giveUpLoads, insideOf } from './give-up-loads.js'
import type { LambdaCache } from './lambda-cache.js'

/** The last revalidation of each cache after a restore. */
const restorations = new WeakMap<object, Promise<void>>()

/**
 * Expires what a cache holds from before a snapshot, by whatever clock, ends the loads that were under way in it, and warms up again. Never
 * rejects: a secret that cannot be loaded is an `error` event, and its last known good value is served as in any outage.
 */
export function restore(cache: Pick<SecretCache, 'idle'>): Promise<void> {
  const restored = revalidated(cache)
  restorations.set(cache, restored)
  return restored
}

/** The same, unless it has been done: by a hook of the runtime or by another handler. */
export function restoredOnce(cache: Pick<SecretCache, 'idle'>): Promise<void> {
  return restorations.get(cache) ?? restore(cache)
}

async function revalidated(cache: Pick<SecretCache, 'idle'>): Promise<void> {
  const inside = insideOf(cache)
  // Without its internals, all that is known of a cache is when it is idle.
  if (inside === undefined) return cache.idle()
  for (const record of inside.context.index.all()) (cache as SecretCache).invalidate(record.idToSend())
  await giveUpLoads(cache, inside)
  await (cache as Partial<LambdaCache>).warmUpAgain?.()
}
