import type { ErrorEvent, LoadedEvent } from '../core/events/events.js'
import type { SecretCacheStats } from '../core/events/stats.js'
import { aClock, checkOptions, hasMethod, type OptionRule } from '../core/options/check-options.js'
import type { Clock } from '../core/time/clock.js'
import type { MeterLike } from './meter.js'

/** A `SecretCache`, as much of it as is asked when metrics are collected. */
export interface MeteredCache {
  /** The counters of the cache since it was made. */
  stats(): SecretCacheStats
  /** What the cache holds of a secret, without a call. */
  peek(secretId: string, options: { versionStage: string }): { readonly ageMs: number } | undefined
  /** Tells of its loads; without it, nobody knows of the age of what the cache cannot read. */
  on?(type: 'loaded' | 'error', listener: (event: LoadedEvent | ErrorEvent) => void): () => void
}

/** What `recordMetrics` takes. */
export interface MetricsOptions {
  /** The meter that makes the instruments: `metrics.getMeter('awscurrent')` of `@opentelemetry/api`, once the SDK has started. */
  meter: MeterLike
  /** The caches of the process, by the names that tell them apart: the attribute `awscurrent.cache.name`. */
  caches: Readonly<Record<string, MeteredCache>>
  /** Where the time is read. @default the clock of the machine */
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
}

/** Checks the options of `recordMetrics`; both must be there. */
export function checkMetricsOptions(options: MetricsOptions): void {
  checkOptions('recordMetrics', options, rules)
  for (const name of ['meter', 'caches'] as const) {
    if (options[name] === undefined) throw new TypeError(`${name} must be ${rules[name](undefined)}.`)
  }
}

function isNamedCaches(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const caches = Object.values(value)
  return caches.length > 0 && caches.every(cache => hasMethod(cache, 'stats') && hasMethod(cache, 'peek'))
}
