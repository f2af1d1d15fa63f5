import type { SecretCache } from '../core/secret-cache.js'
import { restore } from './restored.js'
import { hasEndedWithin } from './time-left.js'

/** Lambda ends a restore whose hooks take more than ten seconds. */
const longestHookMs = 8_000

/**
 * Revalidates a cache after its process was restored from a snapshot (Lambda SnapStart): what it held before the snapshot is no longer
 * served without a load, and the secrets of `createLambdaCache` are loaded again.
 *
 * Call it in the after-restore hook of your runtime, between `/restore/next` and the first invocation. Without hooks it is not needed:
 * `withSecrets` and `secretsMiddleware` do the same before the first invocation. It resolves after eight seconds at the latest, because
 * Lambda ends a restore that takes ten, and it never rejects: a secret that cannot be loaded is an `error` event, and its last known good
 * value is served as in any outage. Throws a TypeError if `cache` is not a `SecretCache`.
 *
 * @example
 * export async function afterRestoreHook() {
 *   await afterRestore(secrets)
 * }
 */
export async function afterRestore(cache: SecretCache): Promise<void> {
  if (typeof cache?.inside !== 'function') throw new TypeError('cache must be a SecretCache.')
  await hasEndedWithin(longestHookMs, restore(cache))
}
