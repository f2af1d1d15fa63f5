import type { Failure } from '../failures/failure.js'
import type { SecretSettings } from '../options/settings.js'

/**
 * How far a value has aged.
 *
 * - `fresh`: served
 * - `stale`: served, one load runs behind
 * - `expired`: a read waits for a load; if that fails for a transient reason or takes long, last known good
 * - `gone`: nothing that may be served
 */
export type Phase = 'fresh' | 'stale' | 'expired' | 'gone'

/** When a version was last learned to be the one that is meant, and how long that holds. */
export interface Stamp {
  /** When the request was sent: an answer that waited in a paused process is as old as its request. */
  readonly loadedAt: number
  /** How long it is fresh from then on; 0 once another version has taken its place. */
  readonly freshMs: number
  /** Whether readers must wait for a load that begins later, however young it is. */
  readonly invalidated: boolean
  /** The place among all loads and invalidations of the load that last brought this version. */
  readonly sequence: number
}

/** What has gone wrong since the last load that went well. */
export interface Trouble {
  readonly failure: Failure
  readonly failedAt: number
  /** No load begins by itself before. */
  readonly retryAt: number
  /** The place among all loads of the one that failed. */
  readonly sequence: number
  /** Failed attempts in a row. */
  readonly attempts: number
  /** For how long after its TTL a value is still served: the strictest of all failures since, because a denial outlives an outage. */
  readonly servableMs: number
}

/** Whether a value may be served without a look at anything else. */
export function isFresh({ loadedAt, freshMs, invalidated }: Stamp, now: number): boolean {
  return now - loadedAt < freshMs && !invalidated
}

/** How long its TTL has been over. */
function overdueMs({ loadedAt, freshMs }: Stamp, now: number): number {
  return Math.max(0, now - loadedAt - freshMs)
}

export function phaseOf(
  stamp: Stamp | undefined,
  trouble: Pick<Trouble, 'servableMs'> | undefined,
  settings: SecretSettings,
  now: number,
): Phase {
  if (stamp === undefined) return 'gone'
  if (isFresh(stamp, now)) return 'fresh'
  const overdue = overdueMs(stamp, now)
  if (overdue >= (trouble?.servableMs ?? settings.staleIfErrorMs)) return 'gone'
  const servedAtOnce = !stamp.invalidated && overdue < settings.staleWhileRevalidateMs && settings.ttlMs > 0
  return servedAtOnce ? 'stale' : 'expired'
}

/** Whether the pause after a failure is still on. */
export function pauses(trouble: Trouble | undefined, now: number): boolean {
  return trouble !== undefined && now < trouble.retryAt
}

/** For how long after its TTL a value is served over a failure. */
export function servableOver({ kind }: Failure, { staleIfErrorMs, staleIfDeniedMs }: SecretSettings): number {
  return { transient: staleIfErrorMs, denied: staleIfDeniedMs, wrong: 0 }[kind]
}

/** Draws the TTL of one load. */
export function drawTtl({ ttlMs, ttlJitter }: SecretSettings): number {
  // An endless TTL has no jitter: Infinity × 0 is not a number.
  if (ttlMs === Infinity) return ttlMs
  return ttlMs - Math.floor(ttlMs * ttlJitter * Math.random())
}
