import type { ErrorKind } from './error-kind.js'

interface EventOfPool {
  /** The secret, as it was passed to the pool; undefined if its logins are not those of a secret. */
  readonly secretId: string | undefined
}

interface EventOfVersion extends EventOfPool {
  /** The version that the event is about: of the secret, or the id of a login. */
  readonly versionId: string
}

/** From now on, new connections log in with this version. */
export interface CredentialsEvent extends EventOfVersion {
  /** The type of the event. */
  readonly type: 'credentials'
  /** The user that new connections log in as. */
  readonly user: string
  /** Whether the version is still AWSPENDING, because the database already has it. */
  readonly pending: boolean
}

/** A connection that had logged in with an older version was closed. */
export interface RetiredEvent extends EventOfPool {
  /** The type of the event. */
  readonly type: 'retired'
  /** The version that it had logged in with; undefined for a connection that was opened before the pool followed the secret. */
  readonly versionId: string | undefined
  /** The user that it had logged in as; undefined where `versionId` is. */
  readonly user: string | undefined
}

/** The database rejects a version that has worked before, and the pool starts or stops waiting for a version that works. */
export interface WindowEvent extends EventOfVersion {
  /** The type of the event. */
  readonly type: 'window'
  /** `opened` when the pool starts to wait, `closed` when it stops: a version works, or the time is up. */
  readonly phase: 'opened' | 'closed'
}

/** A version does not work or cannot be used. The driver's error is passed to the caller that requested a connection. */
export interface RefusedEvent extends EventOfVersion {
  /** The type of the event. */
  readonly type: 'refused'
  /** What the problem is: `refused` and `locked` are decisions of the database, `full` and `unreachable` are the state of the server. */
  readonly kind: ErrorKind
  /** What happened and what the pool does about it. */
  readonly reason: string
  /** The code of the error: the driver's, such as 28P01 or ER_ACCESS_DENIED_ERROR, or the cache's. */
  readonly code: string | undefined
}

/**
 * The events of a pool that follows a secret. They are also published on the diagnostics channels `awscurrent:credentials` and so on. They
 * never contain a password.
 */
export type PoolEvent = CredentialsEvent | RetiredEvent | WindowEvent | RefusedEvent

/** The event of one type. */
export type PoolEventOf<Type extends PoolEvent['type']> = Extract<PoolEvent, { type: Type }>

export const poolEventTypes: readonly PoolEvent['type'][] = ['credentials', 'retired', 'window', 'refused']

/** What following a secret adds to a pool. */
export interface FollowingPool {
  /** Adds a listener for these events, in addition to those of the driver. */
  on<Type extends PoolEvent['type']>(type: Type, listener: (event: PoolEventOf<Type>) => void): this
}
