import type { SecretCacheStats } from '../core/events/stats.js'
import { loadBoundaries } from './durations.js'
import type { CounterLike, HistogramLike, MeterLike } from './meter.js'

const counts = {
  hits: ['awscurrent.hits', '{read}', 'Reads that returned a fresh value from memory.'],
  misses: ['awscurrent.misses', '{read}', 'Reads that waited for a load or were rejected.'],
  staleServed: ['awscurrent.stale_reads', '{read}', 'Reads that returned a value past its TTL.'],
  loads: ['awscurrent.loads', '{load}', 'Loads begun.'],
  evictions: ['awscurrent.evictions', '{entry}', 'Entries that were evicted because the cache was full.'],
} as const satisfies Partial<Record<keyof SecretCacheStats, readonly [string, string, string]>>

/** All instruments. */
export interface Instruments {
  /** Recorded as it happens, like `errors` and `rotations`. */
  readonly loadDuration: HistogramLike
  readonly errors: CounterLike
  readonly rotations: CounterLike
  /** Read when metrics are collected, like `age`. */
  readonly observed: ReadonlyMap<keyof SecretCacheStats, object>
  readonly age: object
  readonly ttl: object
  readonly servable: object
  readonly loaded: object
}

/** Creates the instruments by the conventions of OpenTelemetry: durations in seconds, units of counts in braces, no `total` in names. */
export function createInstruments(meter: MeterLike): Instruments {
  const observed = new Map<keyof SecretCacheStats, object>()
  for (const [count, [name, unit, description]] of Object.entries(counts)) {
    observed.set(count as keyof typeof counts, meter.createObservableCounter(name, { unit, description }))
  }
  const entries = { unit: '{entry}', description: 'Entries in the cache, including remembered failures.' }
  observed.set('entries', meter.createObservableUpDownCounter('awscurrent.entries', entries))
  return {
    observed,
    loadDuration: meter.createHistogram('awscurrent.load.duration', {
      unit: 's',
      description: 'Duration of successful loads, including retries and pauses.',
      advice: { explicitBucketBoundaries: loadBoundaries },
    }),
    errors: meter.createCounter('awscurrent.errors', { unit: '{error}', description: 'Loads and batches that failed.' }),
    rotations: meter.createCounter('awscurrent.rotations', {
      unit: '{rotation}',
      description: 'Moves of a staging label to another version.',
    }),
    age: meter.createObservableGauge('awscurrent.secret.age', {
      unit: 's',
      description: 'Time since the cache last confirmed the version that it serves.',
    }),
    ttl: meter.createObservableGauge('awscurrent.secret.ttl', { unit: 's', description: 'TTL of the secret in the cache.' }),
    servable: meter.createObservableGauge('awscurrent.secret.servable_time', {
      unit: 's',
      description: 'Time for which the value may still be served if no load succeeds from now on.',
    }),
    loaded: meter.createObservableGauge('awscurrent.secret.loaded', {
      unit: '{secret}',
      description: 'Whether the cache has ever loaded a secret that it is expected to load: 0 or 1.',
    }),
  }
}
