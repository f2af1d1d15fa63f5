import type { SecretCacheEvent, SecretCacheStats } from '../../src/index.js'
import type { Judge } from './judge.js'
import type { Service } from './service.js'

/** Once nothing is under way, the counters of a cache add up to what was done with it and what it told. */
export function checkCounters(
  stats: SecretCacheStats,
  heard: Readonly<Record<SecretCacheEvent['type'], number>>,
  { reads, closedReads }: { reads: number; closedReads: number },
  { calls }: Service,
  judge: Judge,
): void {
  const { hits, misses, staleServed, loads, failures, rotations, evictions } = stats
  const claims: [string, boolean][] = [
    // One that waited and was served a stale value after all is counted as both.
    ['every read is a hit, a miss or served a stale value', hits + misses + staleServed >= reads],
    ['no read is both a hit and a miss', hits + misses <= reads + closedReads],
    ['each rotation is told', rotations === heard.rotated],
    ['each eviction is told', evictions === heard.evicted],
    // That batches are refused is told by an error, once.
    ['each failed load is told', heard.error - failures === 0 || heard.error - failures === 1],
    ['each load makes a call', loads <= calls.filter(({ isWrite }) => !isWrite).length],
    ['a load brings something or fails', heard.loaded + failures <= loads],
  ]
  for (const [claim, holds] of claims) {
    if (!holds)
      judge.convict('counters', `${claim}: ${JSON.stringify({ ...stats, reads, closedReads, heard, calls: calls.length })}`)
  }
}
