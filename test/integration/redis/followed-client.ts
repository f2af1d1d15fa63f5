import { Redis } from 'ioredis'
import { onTestFinished } from 'vitest'
import { SecretCache, type SecretCacheOptions } from '../../../src/index.js'
import { attachClient, type FollowingClient, type IoredisEvent } from '../../../src/ioredis/index.js'
import type { FakeSecretsManager } from '../../../src/testing/index.js'
import { type Rotating, rotating } from '../../support/rotating.js'
import type { RedisFields, TestDatabase } from './database.js'

/** Options of the cache, and of the client of ioredis. */
export interface FollowingOptions extends SecretCacheOptions {
  redisOptions?: { lazyConnect?: boolean; maxRetriesPerRequest?: number }
}

/** A secret of a user, and a client of ioredis that follows it until the test ends. */
export interface FollowedClient {
  user: RedisFields
  fake: FakeSecretsManager
  cache: SecretCache
  rotation: Rotating
  redis: FollowingClient & Redis
  /** What the client has told. */
  events: IoredisEvent[]
  /** The errors of the client, but for those of connections that the server has ended. */
  errors: unknown[]
  /** Moves AWSCURRENT past Redis; the cache hears of it. */
  put(fields: RedisFields): Promise<unknown>
  /** Makes another user. */
  another(): Promise<RedisFields>
}

export async function followedClient(
  database: TestDatabase,
  { redisOptions = {}, ...options }: FollowingOptions = {},
): Promise<FollowedClient> {
  const user = await database.makeUser()
  const rotation: Rotating = rotating({ redis: { ...user } }, { engine: database.engine() })
  const { fake } = rotation
  const cache = new SecretCache({ client: fake.client(), ttlJitter: 0, ...options })
  const { host, port } = database.server
  const bare = new Redis({ host, port, retryStrategy: () => 20, ...redisOptions })
  const errors: unknown[] = []
  // That a connection was ended by the server is what a test wants.
  bare.on('error', error => ['read', 'write'].includes((error as NodeJS.ErrnoException).syscall ?? '') || errors.push(error))
  const redis = attachClient(bare, { cache, secretId: 'redis' })
  const events: IoredisEvent[] = []
  for (const type of ['credentials', 'window', 'refused'] as const) redis.on(type, event => void events.push(event))
  onTestFinished(async () => {
    redis.disconnect()
    await cache.close()
  })
  const put = (fields: RedisFields): Promise<unknown> => cache.handleRotationEvent(fake.rotate('redis', { ...fields }))
  const another = async (): Promise<RedisFields> => {
    const clone = { username: `${user.username}_clone`, password: 'another' }
    await database.setPassword(clone)
    return clone
  }
  return { user, fake, cache, rotation, redis, events, errors, put, another }
}

export const whoAmI = (redis: Redis): Promise<unknown> => redis.call('ACL', 'WHOAMI')
