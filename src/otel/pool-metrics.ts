import type { PoolEventOf } from '../pools/pool-events.js'
import { RecentlyUsed } from '../signals/recently-used.js'
import { subscribeTo } from './channels.js'
import { windowBoundaries } from './durations.js'
import type { MeterLike } from './meter.js'

/** What pools and swaps need for their series. */
interface PoolMetricsOptions {
  readonly meter: MeterLike
  /** The attributes of a secret by the id that a pool follows. */
  attributesOf(secretId: string | undefined): Record<string, string>
  now(): number
}

const mostWindows = 1_000

/** Records what the pools and swaps of the process publish; the returned function ends that. */
export function recordPools({ meter, attributesOf, now }: PoolMetricsOptions): () => void {
  const credentials = meter.createCounter('awscurrent.pool.credentials', {
    unit: '{version}',
    description: 'Versions that pools and swaps began to use for new connections and clients.',
  })
  const refusals = meter.createCounter('awscurrent.pool.refusals', {
    unit: '{refusal}',
    description: 'Versions that did not work or could not be tried, by the kind of the error.',
  })
  const retired = meter.createCounter('awscurrent.pool.retired', {
    unit: '{connection}',
    description: 'Connections and clients of older versions that were closed.',
  })
  const windows = meter.createHistogram('awscurrent.pool.window.duration', {
    unit: 's',
    description: 'Time for which pools and swaps had no version that works, once it was over.',
    advice: { explicitBucketBoundaries: windowBoundaries },
  })
  /** When the windows of each secret began that are open: several pools may follow one secret. */
  const opened = new RecentlyUsed<string, number[]>(mostWindows)

  return subscribeTo({
    credentials({ secretId, pending }: PoolEventOf<'credentials'>) {
      credentials.add(1, { ...attributesOf(secretId), 'awscurrent.version_stage': pending ? 'AWSPENDING' : 'AWSCURRENT' })
    },
    refused({ secretId, kind }: PoolEventOf<'refused'>) {
      refusals.add(1, { ...attributesOf(secretId), 'error.type': kind })
    },
    retired({ secretId }: PoolEventOf<'retired'>) {
      retired.add(1, attributesOf(secretId))
    },
    window({ secretId = '', phase }: PoolEventOf<'window'>) {
      const begun = opened.get(secretId) ?? []
      if (phase === 'opened') {
        opened.set(secretId, [...begun, now()])
        return
      }
      const [first, ...later] = begun
      if (later.length === 0) opened.delete(secretId)
      else opened.set(secretId, later)
      if (first !== undefined) windows.record(Math.max(0, now() - first) / 1_000, attributesOf(secretId || undefined))
    },
  })
}
