import { expect, it } from 'vitest'
import { putSecretValue } from '../../src/admin/index.js'
import { cacheOf, clock, fake, useFake } from '../support/fake-cache.js'
import { losingClient } from '../support/losing-client.js'

const id = 'prod/key'

useFake({ [id]: 'one' })

it('a write of which nobody knows whether it was carried out is looked for again soon after a load that fails', async () => {
  const cache = cacheOf()
  await cache.getSecretString(id)
  await expect(putSecretValue(cache, id, 'two', { client: losingClient(fake.client()) })).rejects.toThrow(
    'may have been carried out',
  )
  fake.inject({ error: 'ServiceUnavailable', times: 1 })
  expect(await cache.getSecretString(id)).toBe('one')
  await clock.advance(1_000)
  await cache.getSecretString(id)
  await cache.idle()
  expect(cache.peek(id)?.text()).toBe('two')
})
