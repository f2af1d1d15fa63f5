import { expect, it } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { createCredentialsProvider } from '../../src/redis/index.js'
import { FakeSecretsManager } from '../../src/testing/index.js'
import { rejectionOf } from '../support/rejection.js'

const subscribe = (engine?: string): Promise<unknown> => {
  const fake = new FakeSecretsManager({ secrets: { redis: { username: 'app', password: 'one', ...(engine && { engine }) } } })
  const provider = createCredentialsProvider({ cache: new SecretCache({ client: fake.client() }), secretId: 'redis' })
  return provider.subscribe({ onNext() {}, onError() {} })
}

it.each(['mysql', 'postgres', 'aurora-postgresql', 'oracle'])('the secret of a user of %s is none of Redis', async engine => {
  const error = await rejectionOf(subscribe(engine))
  expect([error.code, error.secretId]).toEqual(['ERR_SECRET_SCHEMA', 'redis'])
  expect(error.message).toContain('engine')
})

it.each([undefined, 'redis', 'valkey', 'elasticache'])('the engine %s is fine for Redis', async engine => {
  await expect(subscribe(engine)).resolves.toBeDefined()
})
