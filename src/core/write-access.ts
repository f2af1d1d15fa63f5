import type { CompleteClock } from './clock.js'
import type { Secret } from './secret.js'
import type { SecretSource, SecretValue } from './source.js'

/** The calls that change a secret. */
export type WriteOperation = 'CreateSecret' | 'PutSecretValue' | 'RotateSecret'

/** A source that can also change secrets: the one of the AWS SDK. */
export interface WritableSource extends SecretSource {
  write(operation: WriteOperation, input: object, options: { signal: AbortSignal }): Promise<unknown>
}

/** What `awscurrent/admin` does with a cache, past its readers. */
export interface WriteAccess {
  readonly source: SecretSource | WritableSource
  readonly clock: CompleteClock
  /** The staging label that the cache follows. */
  readonly versionStage: string
  /** Rejects with ERR_SECRET_CACHE_CLOSED if the cache is closed. */
  checkOpen(secretId: string): void
  /**
   * Takes in a version that a write has just made and labelled: from now on it is what readers of the label are given, and no load that
   * was begun before can replace it.
   */
  learn(secretId: string, value: SecretValue): Promise<Secret>
}
