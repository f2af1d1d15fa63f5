import type { SecretCacheError } from '../failures/errors.js'

interface EventOfSecret {
  /** The id by which the secret was first read. */
  readonly secretId: string
  /** The full ARN; undefined until a response has shown it. */
  readonly arn: string | undefined
  /** The name; undefined until a response has shown it. */
  readonly name: string | undefined
  /** The staging label that was read; undefined for a version that was read by its id. */
  readonly versionStage: string | undefined
}

/** The event of a successful load, whether or not it returned another version. */
export interface LoadedEvent extends EventOfSecret {
  /** The type of the event. */
  readonly type: 'loaded'
  /** The id of the version that was loaded. */
  readonly versionId: string
  /** How many milliseconds the load took, retries and pauses included. */
  readonly durationMs: number
}

/** The event of a staging label that moved to another version. Emitted once for each move. */
export interface RotatedEvent extends EventOfSecret {
  /** The type of the event. */
  readonly type: 'rotated'
  /** The id of the version that has the label now. */
  readonly versionId: string
  /** The id of the version that had the label before. */
  readonly previousVersionId: string
}

/** The event of a read that got the last known good value, because loads fail or are late. Emitted once for each failure. */
export interface StaleEvent extends EventOfSecret {
  /** The type of the event. */
  readonly type: 'stale'
  /** The id of the version that was served. */
  readonly versionId: string
  /** How many milliseconds ago the cache last confirmed that this is the version to serve. */
  readonly ageMs: number
  /** Why there is no newer value. */
  readonly cause: SecretCacheError
}

/** The event of a failed load. */
export interface ErrorEvent extends EventOfSecret {
  /** The type of the event. */
  readonly type: 'error'
  /** The error with which a read would reject. */
  readonly error: SecretCacheError
}

/** The event of the first successful load after failed ones, of which `error` events told: the end of an incident. */
export interface RecoveredEvent extends EventOfSecret {
  /** The type of the event. */
  readonly type: 'recovered'
  /** How many milliseconds have passed since the first of these `error` events. */
  readonly failingMs: number
}

/** The event of an entry that was evicted because the cache was full. */
export interface EvictedEvent extends EventOfSecret {
  /** The type of the event. */
  readonly type: 'evicted'
}

/**
 * An event of a cache, sent to its listeners and to the diagnostics channels `awscurrent:loaded`, `awscurrent:rotated` and so on. It never
 * contains the value of a secret.
 */
export type SecretCacheEvent = LoadedEvent | RotatedEvent | StaleEvent | ErrorEvent | RecoveredEvent | EvictedEvent

/** The event of one type: `EventOf<'rotated'>` is `RotatedEvent`. */
export type EventOf<Type extends SecretCacheEvent['type']> = Extract<SecretCacheEvent, { type: Type }>

export const eventTypes: readonly SecretCacheEvent['type'][] = ['loaded', 'rotated', 'stale', 'error', 'recovered', 'evicted']
