import type { Backoff } from '../time/backoff.js'
import { anything, checkOptions, type OptionRule, type OptionRules } from './check-options.js'

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
   * For so long after the TTL the last known good is served when loads fail for transient reasons: network, throttling, 5xx.
   * At least `staleWhileRevalidateMs`; the default grows with that.
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
   * The deadline of one load with its retries. The time in which its process is frozen does not count.
   * @default 5_000
   */
  loadTimeoutMs: number
  /** The pauses after failures, jittered, reset by success. */
  backoff: Backoff
}

type PlainSettings = Omit<SecretSettings, 'backoff'>

/** The settings of one secret as a caller writes them; what is left out comes from the cache's own. */
export type PerSecretSettings = { [Name in keyof PlainSettings]?: PlainSettings[Name] | undefined } & {
  /** The pauses after failures, jittered, reset by success. */
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

/** What the settings of a secret must be. */
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

/** Where settings were written: those of one secret stand in a place of their own, over those of the cache. */
interface Written {
  readonly place?: string
  readonly common?: PerSecretSettings
}

/** Checks settings and fills them up with the cache's own and the defaults. A mistake is a TypeError that names the setting. */
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

/** What is left undefined is left out. */
function given<T extends object>(own: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)) as ReturnType<typeof given<T>>
}
