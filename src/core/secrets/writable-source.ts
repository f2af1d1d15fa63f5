import type { SecretSource, SourceOptions } from './source.js'

/** The calls that change a secret. */
export type WriteOperation = 'CreateSecret' | 'PutSecretValue' | 'RotateSecret'

/** A source that can also change secrets: the one of the AWS SDK. */
export interface WritableSource extends SecretSource {
  /** Sends the command that the callback creates from the classes of the SDK. */
  write(command: (sdk: object) => object, options: SourceOptions): Promise<unknown>
}
