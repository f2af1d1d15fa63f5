import type { ErrorKind } from './error-kind.js'

/**
 * What a pool, a swap or a client can do now.
 *
 * - `unproven`: no login has been tried, or not since the secret could be read again
 * - `working`: the login in use has worked
 * - `moving`: the secret has moved, or a login was rejected, and a login that works is being looked for
 * - `window`: a rotation is in progress; AWSPENDING is in use, or the pool waits for a version that works
 * - `refused`, `locked`: the server rejects the login, and there is no other
 * - `full`, `unreachable`: the server has no room, or was not reached, at the last login
 */
export type LoginState = 'unproven' | 'working' | 'moving' | 'window' | 'refused' | 'locked' | 'full' | 'unreachable'

/** A login that failed. The message of a driver may quote a secret, so it is not included. */
export interface LoginFailure {
  /** What the problem is. */
  readonly kind: ErrorKind
  /** The code of the error: the driver's, or the cache's. */
  readonly code: string | undefined
  /** The version that failed. */
  readonly versionId: string
  /** When, in milliseconds since the epoch. */
  readonly at: number
}

/** What has happened since the pool began to follow. */
export interface LoginCounts {
  /** Logins that worked, proofs outside the pool included. */
  readonly logins: number
  /** Logins that failed. */
  readonly failures: number
  /** How often another login came into use, the first one included. */
  readonly moves: number
  /** Connections, or clients, of older versions that were closed. */
  readonly retired: number
  /** Rotation windows that were opened. */
  readonly windows: number
}

/** The connections that have logged in with one version. */
export interface VersionConnections {
  /** The version; undefined for connections that are older than the following. */
  readonly versionId: string | undefined
  /** How many there are. */
  readonly count: number
}

/** The state of a pool, swap or client that follows a secret or a source of logins. It contains nothing secret. */
export interface FollowerStatus {
  /** What follows. */
  readonly kind: 'pool' | 'swap' | 'client'
  /** The secret; undefined if the logins are not those of a secret. */
  readonly secretId: string | undefined
  /** The version in use; undefined until one has been read. */
  readonly versionId: string | undefined
  /** The user in use; undefined for a swap, which does not know it. */
  readonly user: string | undefined
  /** What it can do now. */
  readonly state: LoginState
  /** Since when, in milliseconds since the epoch. */
  readonly since: number
  /** Its connections by version; for a swap, its client. Undefined where they cannot be counted. */
  readonly connections: readonly VersionConnections[] | undefined
  /** The last login that failed, if there was one. */
  readonly lastFailure: LoginFailure | undefined
  /** The last event, if there was one. */
  readonly lastEvent: { readonly type: string; readonly at: number } | undefined
  /** What has happened so far. */
  readonly counts: LoginCounts
}
