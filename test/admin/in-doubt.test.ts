import { expect, it } from 'vitest'
import { putSecretValue } from '../../src/admin/index.js'
import { cacheOf, clock, fake, useFake } from '../support/fake-cache.js'

const id = 'prod/key'

useFake({ [id]: 'one' })

it('a write of which nobody knows whether it was carried out is looked for again soon after a load that fails', async () => {
  const cache = cacheOf()
  await cache.getSecretString(id)
  const client = fake.client()
  const losing: typeof client = {
    ...client,
    async send(command, options) {
      await client.send(command, options)
      throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
    },
  }
  await expect(putSecretValue(cache, id, 'two', { client: losing })).rejects.toThrow('may have been carried out')
  fake.inject({ error: 'ServiceUnavailable', times: 1 })
  expect(await cache.getSecretString(id)).toBe('one')
  await clock.advance(1_000)
  await cache.getSecretString(id)
  await cache.idle()
  expect(cache.peek(id)?.text()).toBe('two')
})
