import { expect } from 'vitest'
import type { SecretCache } from '../../src/index.js'

/** What must be true of a cache at any time, whatever was done with it. Call it after each step of a test. */
export function checkInvariants(cache: Pick<SecretCache, 'stats'>): void {
  const stats = cache.stats()
  for (const [name, count] of Object.entries(stats)) {
    expect(Number.isInteger(count) && count >= 0, `${name} counts from 0: ${count}`).toBe(true)
  }
  expect(stats.failures, 'no more failures than loads').toBeLessThanOrEqual(stats.loads)
}
