import type { SecretSource, SourceOptions } from './source.js'

/** The calls that change a secret. */
export type WriteOperation = 'CreateSecret' | 'PutSecretValue' | 'RotateSecret'

/** What a write is sent with. */
export interface WriteOptions extends SourceOptions {
  /** Is given the command before it is sent: the SDK tells it of each attempt. */
  onCommand?(command: object): void
}

/** A source that can also change secrets: the one of the AWS SDK. */
export interface WritableSource extends SecretSource {
  write(operation: WriteOperation | 'DescribeSecret', input: object, options: WriteOptions): Promise<unknown>
}
