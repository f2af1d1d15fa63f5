import { expect, it } from 'vitest'
import { failedInPassing } from '../../src/signals/rotation-target.js'

it.each<[boolean, string, unknown]>([
  [true, 'was rejected for a failure', [{ outcome: 'rejected', reason: 'ERR_SECRET_UNAVAILABLE' }]],
  [true, 'was rejected beside others', [{ outcome: 'refreshed' }, null, { outcome: 'rejected', reason: 'ERR_SECRET_TIMEOUT' }]],
  [false, 'is none', [{ outcome: 'rejected', reason: 'not JSON' }]],
  [false, 'was rejected without a reason', [{ outcome: 'rejected' }]],
  [false, 'was refreshed', [{ outcome: 'refreshed', reason: 'ERR_SECRET_UNAVAILABLE' }]],
  [false, 'is null', [null, undefined]],
  [false, 'is missing', []],
  [false, 'is in no list', 'ERR_SECRET_UNAVAILABLE'],
  [false, 'is in nothing', undefined],
])('of use once more is %s for an event that %s', (isOfUse, _, results) => {
  expect(failedInPassing(results)).toBe(isOfUse)
})
