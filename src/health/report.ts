import type { FollowerStatus } from '../pools/pool-status.js'
import type { ListenerStatus } from '../signals/listener-status.js'

/**
 * Whether all is well.
 *
 * - `ok`: everything works
 * - `degraded`: everything is served, but something fails that will be missed if it lasts
 * - `failing`: a required secret has nothing to serve, or a pool has no login that works
 */
export type Verdict = 'ok' | 'degraded' | 'failing'

/** One secret in a cache, at the stage that the cache reads. */
export interface SecretHealth {
  /** The name of the cache, as it was passed to `createHealth`. */
  readonly cache: string
  /** The id by which the secret was first read. */
  readonly secretId: string
  /** Whether the verdict is `failing` when there is nothing to serve. */
  readonly required: boolean
  /** `fresh`: within its TTL · `stale`, `expired`: past its TTL, and still served · `gone`: nothing can be served. */
  readonly state: 'fresh' | 'stale' | 'expired' | 'gone'
  /** The version that is held. */
  readonly versionId: string | undefined
  /** How long ago the cache last confirmed that this is the version to serve, in milliseconds. */
  readonly ageMs: number | undefined
  /** Until when it can be served if all loads fail as the last one did, in milliseconds since the epoch; undefined for ever, or if it is gone. */
  readonly servableUntil: number | undefined
  /** Why the last load failed; undefined once a load has succeeded. */
  readonly lastFailure: SecretFailure | undefined
  /** The last load: it succeeded, or it failed. */
  readonly lastEvent: { readonly type: 'loaded' | 'error'; readonly at: number } | undefined
}

/** Why a load failed. */
export interface SecretFailure {
  /** What an operator can expect: `transient` passes by itself, `denied` and `wrong` do not. */
  readonly kind: 'transient' | 'denied' | 'wrong'
  /** The code of the `SecretCacheError`. */
  readonly code: string
  /** The name of the original error, such as `AccessDeniedException`. */
  readonly cause: string
  /** The likely cause and the remedy. */
  readonly hint: string | undefined
  /** When, in milliseconds since the epoch. */
  readonly at: number
}

/** The status of something that has none to tell. */
export interface UnknownStatus {
  /** What it is the status of. */
  readonly kind: 'unknown'
  /** `unproven`: a client that is not connected. `unknown`: reading the status threw an exception. */
  readonly state: 'unknown' | 'unproven'
}

/** The result of `check`. It contains no value of a secret. */
export interface HealthReport {
  /** Whether all is well. */
  readonly verdict: Verdict
  /** Why, in a sentence: the worst problem, and how many others there are. */
  readonly reason: string
  /** The secrets that the caches know, by their ids. */
  readonly secrets: Readonly<Record<string, SecretHealth>>
  /** The pools, clients and swaps, by their names. */
  readonly pools: Readonly<Record<string, FollowerStatus | UnknownStatus>>
  /** The listeners and handlers, by their names. */
  readonly listeners: Readonly<Record<string, ListenerStatus | UnknownStatus>>
}
