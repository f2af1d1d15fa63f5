import type { SecretCacheStats } from '../core/events/stats.js'
import type { CounterLike, HistogramLike, MeterLike } from './meter.js'

/** From a nearby network to the longest reasonable `loadTimeoutMs`, in seconds. */
const durationBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

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
      advice: { explicitBucketBoundaries: durationBoundaries },
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
  }
}
