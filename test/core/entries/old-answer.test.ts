import { expect, it } from 'vitest'
import { SecretCache } from '../../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../../src/testing/index.js'

it('an old answer to its name shows whose that is, though its version is not believed', async () => {
  const clock = new ManualClock()
  const fake = new FakeSecretsManager({ clock })
  const { arn, versionId } = fake.create('prod/db', 'one')
  const source = fake.source()
  let isOld = false
  const cache = new SecretCache({
    clock,
    source: { get: (request, how) => source.get(isOld ? { secretId: request.secretId, versionId } : request, how) },
  })
  await cache.getSecretString(arn)
  fake.rotate('prod/db', 'two')
  await cache.refreshNow(arn)
  isOld = true
  const byName = cache.getSecretString('prod/db')
  await clock.advance(0)
  expect(cache.peek('prod/db')?.text()).toBe('two')
  cache.invalidate('prod/db')
  expect(cache.peek(arn)).toBeUndefined()
  isOld = false
  await clock.advance(1_000)
  expect(await byName).toBe('two')
  expect(cache.stats().entries).toBe(1)
})
