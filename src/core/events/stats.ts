/** The counters of a cache since it was created: the result of `stats()`. */
export interface SecretCacheStats {
  /** Reads that got a fresh value from memory. */
  hits: number
  /** Reads that waited for a load or were rejected. */
  misses: number
  /** Loads that began. Each makes one or more calls to the source. */
  loads: number
  /** Loads that failed. */
  failures: number
  /** Reads that got a value past its TTL. */
  staleServed: number
  /** Moves to another version that the cache noticed. */
  rotations: number
  /** Entries that were evicted because the cache was full. */
  evictions: number
  /** Entries that are kept now, remembered failures included. */
  entries: number
}

/** The counters behind `stats()`. */
export type Counters = Omit<SecretCacheStats, 'entries'>

export function newCounters(): Counters {
  return { hits: 0, misses: 0, loads: 0, failures: 0, staleServed: 0, rotations: 0, evictions: 0 }
}
