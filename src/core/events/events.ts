import type { SecretCacheError } from '../failures/errors.js'

interface EventOfSecret {
  /** The id as it was first read. */
  readonly secretId: string
  /** Known once an answer has revealed it. */
  readonly arn: string | undefined
  /** Known once an answer has revealed it. */
  readonly name: string | undefined
  /** The staging label that is followed; undefined for a version read by its id. */
  readonly versionStage: string | undefined
}

/** A load went well, whether or not it brought another version. */
export interface LoadedEvent extends EventOfSecret {
  /** Which event it is. */
  readonly type: 'loaded'
  /** The version that the load brought. */
  readonly versionId: string
  /** How long the load took, retries and pauses included. */
  readonly durationMs: number
}

/** The staging label moved to another version. Sent once for each change. */
export interface RotatedEvent extends EventOfSecret {
  /** Which event it is. */
  readonly type: 'rotated'
  /** The version that carries the label now. */
  readonly versionId: string
  /** The version that carried it before. */
  readonly previousVersionId: string
}

/** A read was given the last known good, because loads fail or are late. Sent once for each failure. */
export interface StaleEvent extends EventOfSecret {
  /** Which event it is. */
  readonly type: 'stale'
  /** The version that was served. */
  readonly versionId: string
  /** How long ago the cache last learned that this is the version. */
  readonly ageMs: number
  /** Why no newer answer was there. */
  readonly cause: SecretCacheError
}

/** A load failed. */
export interface ErrorEvent extends EventOfSecret {
  /** Which event it is. */
  readonly type: 'error'
  /** What a read would reject with. */
  readonly error: SecretCacheError
}

/** An entry had to go because the cache was full. */
export interface EvictedEvent extends EventOfSecret {
  /** Which event it is. */
  readonly type: 'evicted'
}

/** What a cache tells its listeners, and the channels `awscurrent:loaded`, `awscurrent:rotated` and so on. Never a value. */
export type SecretCacheEvent = LoadedEvent | RotatedEvent | StaleEvent | ErrorEvent | EvictedEvent

/** The event of one type. */
export type EventOf<Type extends SecretCacheEvent['type']> = Extract<SecretCacheEvent, { type: Type }>

export const eventTypes: readonly SecretCacheEvent['type'][] = ['loaded', 'rotated', 'stale', 'error', 'evicted']
