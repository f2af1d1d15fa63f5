import type { SecretCacheError } from '../failures/errors.js'
import { KeepAlive } from '../time/keep-alive.js'
import { untilAborted } from '../time/until-aborted.js'
import { type Settled, type WarmupContext, WarmupRun } from './warmup-run.js'

/** What `warmup` takes beside the ids. */
export interface WarmupOptions {
  /** Ends the warm-up: what is under way goes on, and nothing else begins. */
  signal?: AbortSignal | undefined
}

/** How the warm-up of one secret went. */
export type WarmupResult =
  | {
      readonly secretId: string
      readonly outcome: 'loaded' | 'cached'
      readonly versionId: string
      /** False if the cache does not hold it any more: more secrets were loaded than `maxEntries`. */
      readonly kept: boolean
    }
  | { readonly secretId: string; readonly outcome: 'failed'; readonly error: SecretCacheError }

/** Loads many secrets with as few calls as their quotas make wise. One that fails does not fail the others. */
export async function warmup(secretIds: Iterable<string>, context: WarmupContext, signal?: AbortSignal): Promise<WarmupResult[]> {
  const ids = listOf(secretIds)
  signal?.throwIfAborted()
  const settled = await new KeepAlive().during(() => untilAborted(new WarmupRun(context, signal).run(ids), signal))
  return ids.map(secretId => resultOf(secretId, settled.get(secretId) as Settled, context))
}

function listOf(secretIds: unknown): string[] {
  // A text is iterable too: by its characters.
  const isIterable = typeof secretIds === 'object' && secretIds !== null && Symbol.iterator in secretIds
  if (!isIterable) throw new TypeError('warmup takes an array of secret ids, a Set or another iterable.')
  return [...(secretIds as Iterable<string>)]
}

function resultOf(secretId: string, settled: Settled, context: WarmupContext): WarmupResult {
  if (settled.outcome === 'failed') return { secretId, ...settled }
  return { secretId, ...settled, kept: context.isKept(secretId) }
}
