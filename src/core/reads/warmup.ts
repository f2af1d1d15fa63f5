import type { SecretCacheError } from '../failures/errors.js'
import { KeepAlive } from '../time/keep-alive.js'
import { untilAborted } from '../time/until-aborted.js'
import { type Settled, type WarmupContext, WarmupRun } from './warmup-run.js'

/** Options of `warmup`. */
export interface WarmupOptions {
  /** Ends the warm-up, which rejects with the reason of the signal. Loads under way go on; no others begin. */
  signal?: AbortSignal | undefined
}

/** The result of the warm-up for one secret: loaded, already fresh in the cache, or failed. */
export type WarmupResult =
  | {
      readonly secretId: string
      readonly outcome: 'loaded' | 'cached'
      readonly versionId: string
      /** False if the cache has already evicted the secret, because more were loaded than `maxEntries`. */
      readonly kept: boolean
    }
  | { readonly secretId: string; readonly outcome: 'failed'; readonly error: SecretCacheError }

/** Loads many secrets with few calls, as far as the quotas allow it. A secret that fails does not fail the others. */
export async function warmup(secretIds: Iterable<string>, context: WarmupContext, signal?: AbortSignal): Promise<WarmupResult[]> {
  const ids = listOf(secretIds)
  signal?.throwIfAborted()
  const settled = await new KeepAlive().during(() => untilAborted(new WarmupRun(context, signal).run(ids), signal))
  return ids.map(secretId => resultOf(secretId, settled.get(secretId) as Settled, context))
}

function listOf(secretIds: unknown): string[] {
  // A string is iterable too, by its characters.
  const isIterable = typeof secretIds === 'object' && secretIds !== null && Symbol.iterator in secretIds
  if (!isIterable) throw new TypeError('warmup takes an array of secret ids, a Set or another iterable.')
  return [...(secretIds as Iterable<string>)]
}

function resultOf(secretId: string, settled: Settled, context: WarmupContext): WarmupResult {
  if (settled.outcome === 'failed') return { secretId, ...settled }
  return { secretId, ...settled, kept: context.isKept(secretId) }
}
