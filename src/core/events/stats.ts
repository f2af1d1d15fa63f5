/** What a cache has done since it was made. */
export interface SecretCacheStats {
  /** Reads answered from memory with a fresh value. */
  hits: number
  /** Reads that waited for a load or were rejected. */
  misses: number
  /** Loads begun: one or more calls to the source each. */
  loads: number
  /** Loads that failed. */
  failures: number
  /** Reads answered with a value past its TTL. */
  staleServed: number
  /** Changes of version seen. */
  rotations: number
  /** Entries that had to go because the cache was full. */
  evictions: number
  /** Entries kept now, remembered failures included. */
  entries: number
}

/** The counters behind `stats()`. */
export type Counters = Omit<SecretCacheStats, 'entries'>

export function newCounters(): Counters {
  return { hits: 0, misses: 0, loads: 0, failures: 0, staleServed: 0, rotations: 0, evictions: 0 }
}
