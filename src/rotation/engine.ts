/**
 * How the users of a database take turns.
 *
 * - `single-user`: one user, whose password changes. Where the old one cannot be kept beside the new one, new logins by AWSCURRENT fail
 *   between the change and the move of AWSCURRENT.
 * - `alternating-users`: two users, `app` and `app_clone`. Whoever still uses the old version goes on with the other user.
 */
export type RotationStrategy = 'single-user' | 'alternating-users'

/** What happened, for a log: never a value, never the rotation token. */
export interface RotationLogEvent {
  /**
   * - `done`: the step has done its work
   * - `unchanged`: there was nothing to do, as on a repeated step
   * - `plaintext`: a connection without TLS is made, because the secret's `ssl` is false
   * - `old-password-lost`: a single user's old password does not work beside the new one, though it was to; `reason` says why
   * - `not-rotated`: the user can log in by more than this rotation changes, or differs from the other user in what the master may not
   *   change; `reason` says by what or in what
   */
  type: 'done' | 'unchanged' | 'plaintext' | 'old-password-lost' | 'not-rotated'
  /** The step that Secrets Manager has asked for, such as `setSecret`. */
  step: string
  /** The ARN of the secret. */
  secretId: string
  /** The id of the version in the making. */
  versionId: string
  /** Why or what, of `old-password-lost` and `not-rotated`. */
  reason?: string
}

/** What every function of an engine is given. */
export interface RotationContext {
  /** The ARN of the secret, as Secrets Manager sent it. */
  readonly secretId: string
  /** The id of the version in the making. */
  readonly versionId: string
  /** How the users take turns, as the handler was told. */
  readonly strategy: RotationStrategy
  /** Reads the text of AWSPREVIOUS; undefined if there is none. */
  previous(): Promise<string | undefined>
  /** Makes a password by the handler's `password` option. */
  createPassword(): Promise<string>
  /** Reads the current text of another secret, such as that of an administrator. */
  readSecret(secretId: string): Promise<string>
  /** Reads the tags of another secret. */
  readTags(secretId: string): Promise<ReadonlyMap<string, string>>
  /** Tells the handler's `log`. */
  log(type: RotationLogEvent['type'], reason?: string): void
}

/** With the text of AWSCURRENT. */
export interface WithCurrent {
  /** The text of AWSCURRENT. Confidential. */
  readonly current: string
}

/** With the text of AWSPENDING. */
export interface WithPending {
  /** The text of AWSPENDING. Confidential. */
  readonly pending: string
}

/**
 * What a rotation does to the system that the secret opens: `postgres()`, `mysql()`, or four functions of your own.
 *
 * Each is called again after a failure, with the same version, and must then lead to the same end: what has been done already is not
 * an error. What they throw is not repeated, save for a `SecretCacheError`: an error of theirs might quote a value.
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
  /** Returns the text of the new version. Called only if the version has none yet. */
  createSecret(context: RotationContext & WithCurrent): string | Promise<string>
  /** Makes the system accept the new version; false says that it did already. */
  setSecret(context: RotationContext & WithCurrent & WithPending): unknown
  /** Throws unless the system accepts the new version. */
  testSecret(context: RotationContext & WithPending): unknown
  /**
   * Whether the system refuses the new version. Asked before AWSCURRENT moves, for `finishSecret` may come without the steps before it. If
   * that cannot be told, because the system is unreachable, say, throw: AWSCURRENT then stays where it is, and the step can be repeated.
   * Without this function AWSCURRENT moves whenever `finishSecret` is called for a version that has a value.
   */
  refuses?(context: RotationContext & WithPending): boolean | Promise<boolean>
  /** Cleans up after AWSCURRENT has moved: `current` is the new version, `previous()` the one before. */
  finishSecret?(context: RotationContext & WithCurrent): unknown
}
