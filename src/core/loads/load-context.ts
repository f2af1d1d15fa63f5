import type { SecretIndex } from '../entries/secret-index.js'
import type { Emitter } from '../events/emitter.js'
import type { SecretCacheEvent } from '../events/events.js'
import type { Counters } from '../events/stats.js'
import type { SecretSource } from '../secrets/source.js'
import type { KeepAlive } from '../time/keep-alive.js'
import type { Sequence } from '../time/sequence.js'
import type { SteadyClock } from '../time/steady-clock.js'
import type { ParameterRules } from './parameter-source.js'

/** The objects that the parts of a cache share; `SourceCache` creates them. */
export interface LoadContext {
  readonly source: SecretSource
  /** The rules of the parameters that the source reads too. */
  readonly parameters: ParameterRules | undefined
  /** Whether the cache retries failed attempts: only for a source that makes a single attempt. */
  readonly repeats: boolean
  readonly allowedAccounts: ReadonlySet<string> | undefined
  readonly clock: SteadyClock
  readonly sequence: Sequence
  readonly index: SecretIndex
  readonly emitter: Emitter<SecretCacheEvent>
  readonly counters: Counters
  readonly keepAlive: KeepAlive
}
