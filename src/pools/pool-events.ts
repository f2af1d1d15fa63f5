import type { ErrorKind } from './error-kind.js'

interface EventOfPool {
  /** The secret, as the pool was given it. */
  readonly secretId: string
}

interface EventOfVersion extends EventOfPool {
  /** The version that the event is about. */
  readonly versionId: string
}

/** New connections log in with this version from now on. */
export interface CredentialsEvent extends EventOfVersion {
  /** Which event it is. */
  readonly type: 'credentials'
  /** The user that new connections log in as. */
  readonly user: string
  /** Whether the version is still AWSPENDING: the database knows it already. */
  readonly pending: boolean
}

/** A connection that had logged in with an older version was closed. */
export interface RetiredEvent extends EventOfPool {
  /** Which event it is. */
  readonly type: 'retired'
  /** What it had logged in with. Undefined for one that was there before the pool followed the secret. */
  readonly versionId: string | undefined
  /** The user that it had logged in as; undefined as `versionId` is. */
  readonly user: string | undefined
}

/** The database refuses the version that has worked; the pool waits for one that works. */
export interface WindowEvent extends EventOfVersion {
  /** Which event it is. */
  readonly type: 'window'
  /** `opened` when the pool begins to wait, `closed` when it waits no longer: a version works, or the time is up. */
  readonly phase: 'opened' | 'closed'
}

/** A version does not work, or cannot be used. What the driver said goes to who asked for a connection. */
export interface RefusedEvent extends EventOfVersion {
  /** Which event it is. */
  readonly type: 'refused'
  /** What stands in the way: `refused` and `locked` are the database's judgement, `full` and `unreachable` the server's state. */
  readonly kind: ErrorKind
  /** What happened and what the pool does about it. */
  readonly reason: string
  /** The driver's code for it, such as 28P01 or ER_ACCESS_DENIED_ERROR, or the cache's. */
  readonly code: string | undefined
}

/** What a pool that follows a secret tells its listeners, and the channels `awscurrent:credentials` and so on. Never a password. */
export type PoolEvent = CredentialsEvent | RetiredEvent | WindowEvent | RefusedEvent

/** The event of one type. */
export type PoolEventOf<Type extends PoolEvent['type']> = Extract<PoolEvent, { type: Type }>

export const poolEventTypes: readonly PoolEvent['type'][] = ['credentials', 'retired', 'window', 'refused']

/** What a pool gains by following a secret. */
export interface FollowingPool {
  /** Adds a listener to the events of the following, beside those of the driver. */
  on<Type extends PoolEvent['type']>(type: Type, listener: (event: PoolEventOf<Type>) => void): this
}
