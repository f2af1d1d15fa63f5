import type { CompleteClock } from './clock.js'
import type { Loader } from './loader.js'
import type { Records } from './records.js'
import type { SecretSource } from './source.js'

/** The calls that change a secret. */
export type WriteOperation = 'CreateSecret' | 'PutSecretValue' | 'RotateSecret'

/** A source that can also change secrets: the one of the AWS SDK. */
export interface WritableSource extends SecretSource {
  write(operation: WriteOperation, input: object, options: { signal: AbortSignal }): Promise<unknown>
}

/** The inside of a cache, which `awscurrent/admin` works on. */
export interface WriteAccess {
  readonly source: SecretSource | WritableSource
  readonly clock: CompleteClock
  /** The staging label that the cache follows. */
  readonly versionStage: string
  readonly loader: Loader
  readonly records: Records
}
