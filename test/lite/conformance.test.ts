import { describe, it } from 'vitest'
import { liteSource } from '../../src/lite/index.js'
import { describeSource, FakeSecretsManager } from '../../src/testing/index.js'
import { withEnv } from './support.js'

withEnv()

describeSource(
  { describe, it },
  {
    title: 'liteSource over HTTP',
    async open() {
      const fake = new FakeSecretsManager()
      const server = await fake.listen()
      const source = liteSource({ region: fake.region, endpoint: server.endpoint })
      return {
        source,
        create: async (name, value) => fake.create(name, value),
        put: async (secretId, value) => fake.put(secretId, value),
        scheduleDeletion: async secretId => {
          fake.perform('DeleteSecret', { SecretId: secretId })
        },
        async close() {
          await source.close()
          await server.close()
        },
      }
    },
  },
)
