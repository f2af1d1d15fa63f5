import type { ErrorEvent, LoadedEvent } from '../core/events/events.js'
import type { SecretCacheStats } from '../core/events/stats.js'
import { aClock, checkOptions, hasMethod, type OptionRule } from '../core/options/check-options.js'
import { isPlainObject } from '../core/secrets/plain-object.js'
import type { Clock } from '../core/time/clock.js'
import type { MeterLike } from './meter.js'
import { mostSecrets } from './secret-names.js'

/** The methods of a `SecretCache` that `recordMetrics` calls. */
export interface MeteredCache {
  /** Returns the counters of the cache since it was created. */
  stats(): SecretCacheStats
  /** Returns what the cache holds of a secret, without a call. */
  peek(
    secretId: string,
    options: { versionStage: string },
  ): { readonly ageMs: number; readonly arn?: string; readonly name?: string } | undefined
  /** Adds a listener for loads. Without this method, there is no age of secrets that the cache can no longer read. */
  on?(type: 'loaded' | 'error', listener: (event: LoadedEvent | ErrorEvent) => void): () => void
}

/** Options of `recordMetrics`. */
export interface MetricsOptions {
  /** The meter that creates the instruments: `metrics.getMeter('awscurrent')` of `@opentelemetry/api`, after the SDK has started. Required. */
  meter: MeterLike
  /** The caches of the process by name, at least one. The name becomes the attribute `awscurrent.cache.name`. Required. */
  caches: Readonly<Record<string, MeteredCache>>
  /**
   * The ids of secrets that must load, by the name of the cache, such as `{ main: ['prod/db'] }`: at most 200 for each cache. They are
   * exported as they are, even before any response has confirmed them, so pass ids of your configuration and no input of users.
   * @default none
   */
  secrets?: Readonly<Record<string, readonly string[]>> | undefined
  /** The clock for the ages of secrets. @default the clock of the machine */
  clock?: Clock | undefined
}

const meterMethods: readonly (keyof MeterLike)[] = [
  'createCounter',
  'createHistogram',
  'createObservableCounter',
  'createObservableUpDownCounter',
  'createObservableGauge',
  'addBatchObservableCallback',
  'removeBatchObservableCallback',
]

const rules: Readonly<Record<keyof MetricsOptions, OptionRule>> = {
  meter: value =>
    meterMethods.every(name => hasMethod(value, name))
      ? undefined
      : "a meter of OpenTelemetry: npm install @opentelemetry/api, and pass metrics.getMeter('awscurrent')",
  clock: aClock,
  caches: value => (isNamedCaches(value) ? undefined : 'an object of caches by name, such as { main: secrets }'),
  secrets: value =>
    isIdsByCache(value)
      ? undefined
      : `an object of at most ${mostSecrets} secret ids for each cache, such as { main: ['prod/db'] }`,
}

/** Checks the options of `recordMetrics`, of which two are required. */
export function checkMetricsOptions(options: MetricsOptions): void {
  checkOptions('recordMetrics', options, rules)
  for (const name of ['meter', 'caches'] as const) {
    if (options[name] === undefined) throw new TypeError(`${name} must be ${rules[name](undefined)}.`)
  }
  const unknown = Object.keys(options.secrets ?? {}).find(name => !Object.hasOwn(options.caches, name))
  if (unknown !== undefined) throw new TypeError(`secrets names the cache "${unknown}", which is not one of caches.`)
}

function isNamedCaches(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const caches = Object.values(value)
  return caches.length > 0 && caches.every(cache => hasMethod(cache, 'stats') && hasMethod(cache, 'peek'))
}

function isIdsByCache(value: unknown): boolean {
  if (!isPlainObject(value)) return false
  return Object.values(value).every(
    ids => Array.isArray(ids) && ids.length <= mostSecrets && ids.every(id => typeof id === 'string' && id !== ''),
  )
}
