import type { Backoff } from '../time/backoff.js'

/** How one secret is kept fresh. All durations are milliseconds; the windows count from the end of the TTL. */
export interface SecretSettings {
  /**
   * How long a value is fresh. 0: every read loads, shared by the reads at the same time.
   * @default 300_000
   */
  ttlMs: number
  /**
   * Each load draws its own TTL from [1 − `ttlJitter`, 1] × `ttlMs`, so that what was loaded together is not loaded again together.
   * @default 0.2
   */
  ttlJitter: number
  /**
   * For so long after the TTL a read is answered at once while one load runs behind. 0: every read after the TTL waits.
   * @default 60_000
   */
  staleWhileRevalidateMs: number
  /**
   * For so long after the TTL the last known good is served when loads fail for passing reasons: network, throttling, 5xx. Never
   * shorter than `staleWhileRevalidateMs`.
   * @default 86_400_000
   */
  staleIfErrorMs: number
  /**
   * For so long after the TTL a value is served although the service denies it: access denied, deleted, key disabled. 0: a revoked
   * secret stops working.
   * @default 0
   */
  staleIfDeniedMs: number
  /**
   * How long a read past both TTL and `staleWhileRevalidateMs` waits for a load before it takes the last known good.
   * @default 500
   */
  staleWaitMs: number
  /**
   * The deadline of one load with its retries.
   * @default 5_000
   */
  loadTimeoutMs: number
  /** The pauses after failures, jittered, reset by success. */
  backoff: Backoff
}

/** The settings of one secret as a caller writes them; what is left out comes from the cache's own. */
export type PerSecretSettings = Partial<Omit<SecretSettings, 'backoff'>> & { backoff?: Partial<Backoff> }

export const defaultSettings: SecretSettings = {
  ttlMs: 300_000,
  ttlJitter: 0.2,
  staleWhileRevalidateMs: 60_000,
  staleIfErrorMs: 86_400_000,
  staleIfDeniedMs: 0,
  staleWaitMs: 500,
  loadTimeoutMs: 5_000,
  backoff: { initialMs: 200, factor: 2, maxMs: 60_000 },
}

/** Lays a caller's settings over a base. Both have been checked. */
export function overlay(base: SecretSettings, own: PerSecretSettings): SecretSettings {
  const merged: SecretSettings = { ...base, ...given(own), backoff: { ...base.backoff, ...given(own.backoff ?? {}) } }
  return Object.freeze({
    ...merged,
    staleIfErrorMs: Math.max(merged.staleIfErrorMs, merged.staleWhileRevalidateMs),
  })
}

/** What is left undefined is left out. */
function given<T extends object>(own: T): Partial<T> {
  return Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)) as Partial<T>
}

/** Draws the TTL of one load. */
export function drawTtl({ ttlMs, ttlJitter }: SecretSettings): number {
  // An endless TTL has no jitter: Infinity × 0 is not a number.
  if (ttlJitter === 0 || ttlMs === Number.POSITIVE_INFINITY) return ttlMs
  return ttlMs - Math.floor(ttlMs * ttlJitter * Math.random())
}
