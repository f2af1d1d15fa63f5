import type { Secret } from './secret.js'

/** The request of a read: which version of which secret. */
export interface SecretRequest {
  /** The id as the reader wrote it: a name, a partial ARN or a full ARN. */
  secretId: string
  /** The staging label to read, such as `AWSCURRENT`. */
  versionStage?: string | undefined
  /** The id of the version to read. */
  versionId?: string | undefined
}

/** One version of a secret, as a source returns it. It has either `string` or `binary`. */
export interface SecretValue {
  /** The full ARN, with its six random characters. */
  arn: string
  /** The secret's name. */
  name: string
  /** The id of this version. */
  versionId: string
  /** The staging labels of this version when it was read. */
  versionStages: readonly string[]
  /** When this version was created. Set it if it is known: the cache then knows whether the value is older than a rotation event. */
  createdDate?: Date | undefined
  /** The text of a text secret. */
  string?: string | undefined
  /** The bytes of a binary secret. */
  binary?: Uint8Array | undefined
}

/** The result of `getMany`: the secrets that were read, and those that failed. */
export interface SecretValues {
  /** The secrets that were read, in any order; the cache assigns them by ARN and name. */
  values: SecretValue[]
  /** The secrets that failed. `secretId` is the id as it was passed; `code` is the exception name of the service. */
  errors: { secretId: string; code: string; message: string }[]
}

/** The second argument of a source's methods: how long they may take, and what the cache knows. */
export interface SourceOptions {
  /** Ends the call: the source stops when it aborts. */
  signal: AbortSignal
  /** How many milliseconds the load has left, for a source that tries several places and has to divide the time. */
  timeLeftMs?: number | undefined
  /**
   * Whether the call repeats one whose connection was reset before any response. A source that keeps connections open should then close
   * the idle ones: after a thaw, all of them may be dead.
   */
  newConnection?: boolean | undefined
  /** The value that readers get if the call fails; null if there is none, undefined if that is not known. */
  lastKnownGood?: Pick<Secret, 'arn' | 'versionId' | 'ageMs'> | null | undefined
  /** Whether `lastKnownGood` is probably out of date: an event has announced another version, or a write may have been carried out. */
  outdated?: boolean | undefined
}

/**
 * The place that a cache loads secrets from: the `source` option of `SecretCache`.
 *
 * Implement it to read secrets from elsewhere than the AWS SDK; `describeSource` of `awscurrent/testing` checks an implementation. The
 * cache calls it for each load and keeps the values that it returns.
 *
 * @example
 * const source: SecretSource = {
 *   async get({ secretId }, { signal }) {
 *     const response = await fetch(`http://vault.internal/${secretId}`, { signal })
 *     const { arn, version, text } = (await response.json()) as Record<'arn' | 'version' | 'text', string>
 *     return { arn, name: secretId, versionId: version, versionStages: ['AWSCURRENT'], string: text }
 *   },
 * }
 */
export interface SecretSource {
  /**
   * Whether `get` makes a single attempt and leaves retries to the cache. The cache then retries as it does for its own client: with the
   * backoff, within `loadTimeoutMs`, as long as there is nothing to serve. @default false, for a source with its own retries
   */
  readonly singleAttempt?: boolean
  /**
   * The account in which plain names are looked up, once the source knows it. The cache then knows that a name and an ARN of this account
   * are the same secret; otherwise it learns that from the first response to a plain name.
   */
  readonly accountId?: string | undefined
  /**
   * Reads one version of a secret. The `name` of the result, or its `arn` in any Region, must match the requested id: the cache rejects
   * any other secret. On failure, reject with an error whose `name` is the exception name of the service, if there is one: by it the cache
   * knows whether the failure is transient. Stop when `signal` aborts.
   */
  get(request: SecretRequest, options: SourceOptions): Promise<SecretValue>
  /** Reads the AWSCURRENT versions of up to 20 secrets with one call, for `warmup`. Without this method, each is read with `get`. */
  getMany?(secretIds: string[], options: SourceOptions): Promise<SecretValues>
  /**
   * Called once by the cache, with what takes rotation events, as `handleRotationEvent` does: a source that notices a change by itself
   * passes an event of EventBridge's form. Ends with `close()`.
   */
  subscribe?(onEvent: (event: unknown) => void): void
  /** Releases the connections of the source. `SecretCache.close()` calls it once. Leave it out if several caches share the source. */
  close?(): void | Promise<void>
}
