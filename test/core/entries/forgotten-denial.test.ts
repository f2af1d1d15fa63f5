import { expect, it } from 'vitest'
import { SecretCache } from '../../../src/index.js'
import { ManualClock } from '../../../src/testing/index.js'
import { DeferredSource, settled } from '../../support/deferred-source.js'

it('what was sent before a denial is not kept, although the denial was evicted meanwhile', async () => {
  const source = new DeferredSource()
  const cache = new SecretCache({ source, clock: new ManualClock(), ttlJitter: 0, maxEntries: 1 })
  const read = cache.getSecretString('secret')
  const first = await source.request(1)
  const refreshed = cache.refreshNow('secret').catch(() => {})
  await (await source.request(2)).fail(Object.assign(new Error('no'), { name: 'AccessDeniedException' }))
  await refreshed
  // Another secret takes the room of the denial.
  const other = cache.getSecretString('other')
  await (await source.request(3)).answer('v1', 'other')
  await other
  await first.answer('v1')
  await read
  await settled()
  expect(cache.peek('secret')).toBeUndefined()
})
