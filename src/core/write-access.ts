import type { Records } from './entries/records.js'
import type { Loader } from './loads/loader.js'
import type { SecretSource } from './secrets/source.js'
import type { WritableSource } from './secrets/writable-source.js'
import type { CompleteClock } from './time/clock.js'

/** The inside of a cache, which `awscurrent/admin` works on. */
export interface WriteAccess {
  readonly source: SecretSource | WritableSource
  readonly clock: CompleteClock
  /** The staging label that the cache follows. */
  readonly versionStage: string
  readonly loader: Loader
  readonly records: Records
}
