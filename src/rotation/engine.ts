/**
 * How the users of a database are rotated.
 *
 * - `single-user`: the password of one user changes. If the old one cannot be kept beside it, new logins with AWSCURRENT fail
 *   between the password change and the move of AWSCURRENT.
 * - `alternating-users`: two users, `app` and `app_clone`. Whoever still has the old version continues with the other user.
 */
export type RotationStrategy = 'single-user' | 'alternating-users'

/** An event of a rotation, to be logged. It never contains a value or the rotation token. */
export interface RotationLogEvent {
  /**
   * The type of the event:
   *
   * - `done`: the step has done its work
   * - `unchanged`: there was nothing to do, as on a repeated step
   * - `plaintext`: a connection without TLS is made, because the secret's `ssl` is false
   * - `old-password-lost`: a single user's old password does not work beside the new one, though it should; `reason` says why
   * - `not-rotated`: the user can log in with more than this rotation changes, or differs from the other user in something that
   *   the master may not change; `reason` says what
   */
  type: 'done' | 'unchanged' | 'plaintext' | 'old-password-lost' | 'not-rotated'
  /** The step that Secrets Manager has requested, such as `setSecret`. */
  step: string
  /** The ARN of the secret. */
  secretId: string
  /** The id of the new version. */
  versionId: string
  /** Details of `old-password-lost` and `not-rotated`. */
  reason?: string
}

/** What every function of an engine receives. */
export interface RotationContext {
  /** The ARN of the secret, as Secrets Manager has sent it. */
  readonly secretId: string
  /** The id of the new version. */
  readonly versionId: string
  /** The strategy that was passed to the handler. */
  readonly strategy: RotationStrategy
  /** Reads the text of AWSPREVIOUS; undefined if there is none. */
  previous(): Promise<string | undefined>
  /** Generates a password according to the handler's `password` option. */
  createPassword(): Promise<string>
  /** Reads the current text of another secret, such as that of an administrator. */
  readSecret(secretId: string): Promise<string>
  /** Reads the tags of another secret. */
  readTags(secretId: string): Promise<ReadonlyMap<string, string>>
  /** Calls the handler's `log`. */
  log(type: RotationLogEvent['type'], reason?: string): void
}

/** The addition to `RotationContext` for functions that receive AWSCURRENT. */
export interface WithCurrent {
  /** The text of AWSCURRENT. Confidential. */
  readonly current: string
}

/** The addition to `RotationContext` for functions that receive AWSPENDING. */
export interface WithPending {
  /** The text of AWSPENDING. Confidential. */
  readonly pending: string
}

/**
 * What a rotation does to the system that the secret opens: `postgres()`, `mysql()`, or four functions of your own.
 *
 * Each function is called again after a failure, with the same version, and must then lead to the same result: work that is already done is
 * not an error. The text of their errors is not repeated, except for a `SecretCacheError`, because it might quote a value.
 *
 * @example
 * import { randomUUID } from 'node:crypto'
 * const apiKeys: RotationEngine = {
 *   createSecret: () => randomUUID(),
 *   setSecret: ({ pending }) => fetch('https://api.example.com/keys', { method: 'POST', body: pending }),
 *   testSecret: ({ pending }) => callApi(pending),
 * }
 */
export interface RotationEngine {
  /** Returns the text of the new version. Called only if the version does not have one yet. */
  createSecret(context: RotationContext & WithCurrent): string | Promise<string>
  /** Makes the system accept the new version. Returns false if it already did. */
  setSecret(context: RotationContext & WithCurrent & WithPending): unknown
  /** Throws unless the system accepts the new version. */
  testSecret(context: RotationContext & WithPending): unknown
  /**
   * Whether the system rejects the new version. Called before AWSCURRENT moves, because `finishSecret` may arrive without the steps before
   * it. Throw if that cannot be determined, for example because the system is unreachable: AWSCURRENT then stays where it is, and the step
   * can be repeated. Without this function, AWSCURRENT moves whenever `finishSecret` is called for a version that has a value.
   */
  refuses?(context: RotationContext & WithPending): boolean | Promise<boolean>
  /** Cleans up after AWSCURRENT has moved: `current` is the new version, `previous()` the one before. */
  finishSecret?(context: RotationContext & WithCurrent): unknown
}
