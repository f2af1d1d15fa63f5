import type { Failure } from '../failures/failure.js'
import type { SecretSettings } from '../options/settings.js'

/**
 * The age of a value.
 *
 * - `fresh`: served
 * - `stale`: served, while one load runs in the background
 * - `expired`: a read waits for a load; if that fails for a transient reason or is late, the last known good value is served
 * - `gone`: there is nothing that may be served
 */
export type Phase = 'fresh' | 'stale' | 'expired' | 'gone'

/** When a version was last confirmed as the one to serve, and for how long that holds. */
export interface Stamp {
  /** When the request was sent: a response that waited in a paused process is as old as its request. */
  readonly loadedAt: number
  /** How long it is fresh from then on; 0 once another version has replaced it. */
  readonly freshMs: number
  /** Whether readers must wait for a later load, whatever its age. */
  readonly invalidated: boolean
  /** The sequence number of the load that last returned this version. */
  readonly sequence: number
}

/** The failures since the last successful load. */
export interface Trouble {
  readonly failure: Failure
  readonly failedAt: number
  /** No load begins by itself before this time. */
  readonly retryAt: number
  /** The sequence number of the load that failed. */
  readonly sequence: number
  /** Failed attempts in a row. */
  readonly attempts: number
  /** How long after its TTL a value is still served: the shortest time of all failures since, because a denial outlives an outage. */
  readonly servableMs: number
}

/** Whether a value may be served without any other check. */
export function isFresh({ loadedAt, freshMs, invalidated }: Stamp, now: number): boolean {
  return now - loadedAt < freshMs && !invalidated
}

/** How long ago the TTL ended. */
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

/** Whether the pause after a failure is still in effect. */
export function pauses(trouble: Trouble | undefined, now: number): boolean {
  return trouble !== undefined && now < trouble.retryAt
}

/** How long after its TTL a value is served despite a failure. */
export function servableOver({ kind }: Failure, { staleIfErrorMs, staleIfDeniedMs }: SecretSettings): number {
  return { transient: staleIfErrorMs, denied: staleIfDeniedMs, wrong: 0 }[kind]
}

/** Draws the TTL of one load. */
export function drawTtl({ ttlMs, ttlJitter }: SecretSettings): number {
  // An infinite TTL has no jitter: Infinity × 0 is NaN.
  if (ttlMs === Infinity) return ttlMs
  return ttlMs - Math.floor(ttlMs * ttlJitter * Math.random())
}
