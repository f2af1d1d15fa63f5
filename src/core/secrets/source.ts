import type { Secret } from './secret.js'

/** Which version of which secret is asked for. */
export interface SecretRequest {
  /** Name, partial ARN or full ARN. */
  secretId: string
  /** A staging label, such as `AWSCURRENT`. */
  versionStage?: string | undefined
  /** One exact version. */
  versionId?: string | undefined
}

/** One version of a secret, as a source answers it. It has either `string` or `binary`. */
export interface SecretValue {
  /** The full ARN, with its six random characters. */
  arn: string
  /** The secret's name. */
  name: string
  /** The id of this version. */
  versionId: string
  /** The staging labels of this version when it was read. */
  versionStages: readonly string[]
  /** When this version was created. Tell it if it is known: it shows whether an answer is older than the event of a rotation. */
  createdDate?: Date | undefined
  /** The text of a text secret. */
  string?: string | undefined
  /** The bytes of a binary secret. */
  binary?: Uint8Array | undefined
}

/** The answer to a request for many secrets: what could be read, and what could not. */
export interface SecretValues {
  /** In any order; the cache finds its secrets by ARN and name. */
  values: SecretValue[]
  /** `secretId` is the id as it was passed; `code` is the service's exception name. */
  errors: { secretId: string; code: string; message: string }[]
}

/** How a source is called. */
export interface SourceOptions {
  /** Ends the call. */
  signal: AbortSignal
  /** How much time the load has left: what a source that asks several places has to divide. */
  timeLeftMs?: number | undefined
  /**
   * Whether the call repeats one whose connection was reset before any answer. A source that keeps connections open then closes those that
   * are idle: after a thaw all of them may be dead.
   */
  newConnection?: boolean | undefined
  /** What readers are given if the call fails, null if that is nothing. Undefined where it is not known. */
  lastKnownGood?: Pick<Secret, 'arn' | 'versionId' | 'ageMs'> | null | undefined
}

/**
 * Where secrets come from.
 *
 * The cache asks a source once per load and keeps what it answers. Implement it to read secrets from elsewhere than the AWS SDK;
 * `describeSource` of `awscurrent/testing` checks an implementation.
 */
export interface SecretSource {
  /**
   * Whether `get` makes one attempt and leaves further ones to the cache, which then makes them as for a client of its own: by the backoff,
   * within `loadTimeoutMs`, while there is nothing to serve. @default false, for a source with retries of its own
   */
  readonly singleAttempt?: boolean
  /**
   * The account in which plain names are looked up, if the source has come to know it. The cache then knows at once that a name and an
   * ARN of this account are one secret; else it learns that from the first answer to a plain name.
   */
  readonly accountId?: string | undefined
  /**
   * Reads one version of a secret. Its `name`, or its `arn` in whatever Region, is the id that was asked for: another secret is refused.
   * Rejects with an error whose `name` is the service's exception name where there is one: the cache tells by it whether the failure is
   * transient. Stops when `signal` aborts.
   */
  get(request: SecretRequest, options: SourceOptions): Promise<SecretValue>
  /** Reads the AWSCURRENT version of up to 20 secrets with one call. Without it, each is read by `get`. */
  getMany?(secretIds: string[], options: SourceOptions): Promise<SecretValues>
  /** Called once by `SecretCache.close()`. Leave it out if several caches share the source. */
  close?(): void | Promise<void>
}
