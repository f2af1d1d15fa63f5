import type { RedisClientOptions } from 'redis'
import type { RedisClientOptions as OlderOptions } from 'redis-5'
import { expectTypeOf, test } from 'vitest'
import type { SecretCache } from '../../src/index.js'
import { createCredentialsProvider } from '../../src/redis/index.js'

declare const cache: SecretCache

test('node-redis takes the provider', () => {
  expectTypeOf(createCredentialsProvider({ cache, secretId: 'prod/redis' })).toExtend<RedisClientOptions['credentialsProvider']>()
  expectTypeOf(createCredentialsProvider({ cache, secretId: 'prod/redis' })).toExtend<OlderOptions['credentialsProvider']>()
})
