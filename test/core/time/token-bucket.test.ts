import { expect, it } from 'vitest'
import { TokenBucket } from '../../../src/core/time/token-bucket.js'

it('lets its capacity through at once, and then one each time that it refills', () => {
  const bucket = new TokenBucket(2, 100, 0)
  expect([0, 0, 0, 0].map(now => bucket.take(now))).toEqual([0, 0, 100, 200])
  expect(bucket.take(1_000)).toBe(0)
})

it('is not refilled by a clock that was set back', () => {
  const bucket = new TokenBucket(1, 100, 1_000)
  expect(bucket.take(1_000)).toBe(0)
  expect(bucket.take(0)).toBe(100)
})
