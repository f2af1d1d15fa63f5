import type { ResourceCounts } from './resources.js'
import type { DnsFault } from './unreliable-dns.js'

/** The caches of the service: one by the machine's clock, with every secret pinned; one small, by a clock that jumps. */
export type CacheName = 'steady' | 'jumpy'

/** A read of a secret by the service. Times are of `monotonicMs`. */
export interface ReadRecord {
  cache: CacheName
  secretId: string
  /** What went before it, or what it was: `refresh` must load, whatever is held. */
  how: 'get' | 'refresh' | 'invalidate'
  from: number
  to: number
  /** What it was answered, or the code of the error. */
  answer: { versionId: string; text: string } | { code: string }
}

/** A cache had to forget a secret, because it was full. */
export interface EvictionRecord {
  cache: CacheName
  secretId: string
  at: number
}

/** Queries of a pool of the service since the last report. */
export interface QueryRecord {
  pool: string
  succeeded: number
  failed: { from: number; to: number; code: string; isAuthError: boolean }[]
}

/** How the service logs in to a database. */
export interface PoolPlan {
  name: string
  secretId: string
  cache: CacheName
  engine: 'postgres' | 'mariadb'
  ca: string
}

/** What the service is started with, in the variable CHAOS of its environment. */
export interface ServicePlan {
  seed: number
  region: string
  keys: readonly string[]
  pools: readonly PoolPlan[]
}

/** What the service is told. */
export type ToService =
  | { type: 'event'; payload: unknown; times: number }
  | { type: 'clock'; offsetMs: number }
  | { type: 'dns'; fault?: DnsFault }
  | { type: 'pressure'; mebibytes: number }
  | { type: 'look' }
  | { type: 'measure' }
  | { type: 'close' }

/** What the service tells. */
export type FromService =
  | { type: 'ready' }
  /** It had no turn for long, on a busy machine or because it was stopped. Times are of `monotonicMs`. */
  | { type: 'delayed'; from: number; to: number }
  | { type: 'done'; reads: ReadRecord[]; queries: QueryRecord[]; evictions: EvictionRecord[] }
  /** Something that must never happen. */
  | { type: 'trouble'; what: string }
  /** One more read of every secret by each cache, and one query of each pool. */
  | { type: 'looked'; reads: ReadRecord[]; queries: QueryRecord[] }
  | { type: 'measured'; heapBytes: number; resources: number }
  /** What is there after everything was closed, and was not at the start. */
  | { type: 'closed'; left: ResourceCounts; heapBytes: number }
