import type { Selector } from '../core/entries/selector.js'
import type { LoadContext } from '../core/loads/load-context.js'
import type { Loader } from '../core/loads/loader.js'

/** The internals of a cache of this package that are read here. */
interface Inside {
  readonly context: LoadContext
  readonly loader: Loader
  readonly versionStage: string
}

/** How long a secret stays usable in a cache. */
export interface Servable {
  /** The TTL that applies to it. */
  readonly ttlMs: number
  /** How long its value may still be served if no load succeeds from now on. */
  readonly servableMs: number
}

/** The internals of a cache; undefined for any other object. */
export function insideOf(cache: object): Inside | undefined {
  return (cache as { inside?(): unknown }).inside?.() as Inside | undefined
}

/** How long a secret stays usable; undefined for one that the cache does not know. */
export function servableIn(cache: object, secretId: string, selector: Selector): Servable | undefined {
  const context = insideOf(cache)?.context
  const entry = context?.index.find({ secretId, selector })
  if (context === undefined || entry === undefined) return undefined
  const { held, trouble, record } = entry
  const { ttlMs, staleIfErrorMs } = record.settings
  if (held === undefined) return { ttlMs, servableMs: 0 }
  const endsAt = held.loadedAt + held.freshMs + (trouble?.servableMs ?? staleIfErrorMs)
  return { ttlMs, servableMs: Math.max(0, endsAt - context.clock.now()) }
}
