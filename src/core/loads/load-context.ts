import type { SecretIndex } from '../entries/secret-index.js'
import type { Emitter } from '../events/emitter.js'
import type { SecretCacheEvent } from '../events/events.js'
import type { Counters } from '../events/stats.js'
import type { SecretSource } from '../secrets/source.js'
import type { KeepAlive } from '../time/keep-alive.js'
import type { Sequence } from '../time/sequence.js'
import type { SteadyClock } from '../time/steady-clock.js'

/** What the parts of a cache share; the façade puts it together. */
export interface LoadContext {
  readonly source: SecretSource
  /** Whether failed attempts are repeated here: only for a source that makes one attempt itself. */
  readonly repeats: boolean
  readonly allowedAccounts: ReadonlySet<string> | undefined
  readonly clock: SteadyClock
  readonly sequence: Sequence
  readonly index: SecretIndex
  readonly emitter: Emitter<SecretCacheEvent>
  readonly counters: Counters
  readonly keepAlive: KeepAlive
}
