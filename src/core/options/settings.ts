import type { Backoff } from '../time/backoff.js'
import { anything, checkOptions, type OptionRule, type OptionRules } from './check-options.js'

/** How one secret is kept fresh. All durations are in milliseconds; the windows count from the end of the TTL. */
export interface SecretSettings {
  /**
   * How long a value is fresh, that is, read from memory without a call. 0: every read loads; reads at the same time share one load.
   * @default 300_000
   */
  ttlMs: number
  /**
   * Each load draws its own TTL from [1 − `ttlJitter`, 1] × `ttlMs`, so that values loaded at the same time do not expire at the same time.
   * @default 0.2
   */
  ttlJitter: number
  /**
   * For how long after the TTL a read returns the stale value at once while one load runs in the background. 0: every read after the TTL
   * waits for a load.
   * @default 60_000
   */
  staleWhileRevalidateMs: number
  /**
   * For how long after the TTL the last known good value is served while loads fail for a transient reason: network, throttling, 5xx.
   * Later reads reject. At least `staleWhileRevalidateMs`; the default grows with it.
   * @default 86_400_000
   */
  staleIfErrorMs: number
  /**
   * For how long after the TTL a value is served although the service denies it: access denied, secret deleted, key disabled. 0: a
   * revoked secret stops working when its TTL ends.
   * @default 0
   */
  staleIfDeniedMs: number
  /**
   * How long a read of an expired value, past both the TTL and `staleWhileRevalidateMs`, waits for a load before it returns the last known
   * good value.
   * @default 500
   */
  staleWaitMs: number
  /**
   * The deadline of one load, including its retries. Time in which the process is frozen does not count. A load without a response by then
   * fails with ERR_SECRET_TIMEOUT.
   * @default 5_000
   */
  loadTimeoutMs: number
  /** The pauses after failures, with jitter; a successful load resets them. */
  backoff: Backoff
}

type PlainSettings = Omit<SecretSettings, 'backoff'>

/** Settings of one secret, each optional: a setting that is left out has the value of the cache, or else its default. */
export type PerSecretSettings = { [Name in keyof PlainSettings]?: PlainSettings[Name] | undefined } & {
  /** The pauses after failures, with jitter; a successful load resets them. */
  backoff?: { [Name in keyof Backoff]?: Backoff[Name] | undefined } | undefined
}

const defaultSettings: SecretSettings = {
  ttlMs: 300_000,
  ttlJitter: 0.2,
  staleWhileRevalidateMs: 60_000,
  staleIfErrorMs: 86_400_000,
  staleIfDeniedMs: 0,
  staleWaitMs: 500,
  loadTimeoutMs: 5_000,
  backoff: { initialMs: 200, factor: 2, maxMs: 60_000 },
}

const duration: OptionRule = value =>
  typeof value === 'number' && value >= 0 ? undefined : 'a number of milliseconds, 0 or more'
const positiveDuration: OptionRule = value =>
  typeof value === 'number' && value > 0 && value < Infinity ? undefined : 'a finite number of milliseconds above 0'

const backoffRules: OptionRules = {
  initialMs: positiveDuration,
  factor: value => (typeof value === 'number' && value >= 1 && value < Infinity ? undefined : 'a finite number of at least 1'),
  maxMs: positiveDuration,
}

/** The rules of the settings. */
export const settingRules: OptionRules = {
  ttlMs: duration,
  ttlJitter: value => (typeof value === 'number' && value >= 0 && value <= 1 ? undefined : 'a number from 0 to 1'),
  staleWhileRevalidateMs: duration,
  staleIfErrorMs: duration,
  staleIfDeniedMs: duration,
  staleWaitMs: duration,
  loadTimeoutMs: positiveDuration,
  backoff: anything,
}

/** Where settings were written: those of one secret have a `place` of their own and override the `common` ones of the cache. */
interface Written {
  readonly place?: string
  readonly common?: PerSecretSettings
}

/** Checks settings and completes them with those of the cache and the defaults. A mistake throws a TypeError that names the setting. */
export function checkSettings(owner: string, own: PerSecretSettings, { place, common = {} }: Written = {}): SecretSettings {
  checkOptions({ name: owner, ...(place !== undefined && { place }) }, own, settingRules)
  const before = place === undefined ? '' : `${place}.`
  if (own.backoff !== undefined) checkOptions({ name: owner, place: `${before}backoff` }, own.backoff, backoffRules)
  const asked = { ...given(common), ...given(own) }
  const backoff = { ...defaultSettings.backoff, ...given(common.backoff ?? {}), ...given(own.backoff ?? {}) }
  const { staleIfErrorMs, ...others } = { ...defaultSettings, ...asked, backoff: Object.freeze(backoff) }
  const least = others.staleWhileRevalidateMs
  if (asked.staleIfErrorMs !== undefined && staleIfErrorMs < least)
    throw new TypeError(`${before}staleIfErrorMs must be at least staleWhileRevalidateMs, which is ${least} ms here.`)
  return Object.freeze({ ...others, staleIfErrorMs: Math.max(staleIfErrorMs, least) })
}

/** The settings among the options of a cache. */
export function pickSettings(options: PerSecretSettings): PerSecretSettings {
  return Object.fromEntries(Object.entries(options).filter(([name]) => Object.hasOwn(settingRules, name)))
}

/** Drops undefined members, so that spreading does not override others with them. */
function given<T extends object>(own: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)) as ReturnType<typeof given<T>>
}
