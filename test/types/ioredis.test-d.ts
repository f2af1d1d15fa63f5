import type { Cluster, Redis } from 'ioredis'
import type { Cluster as OlderCluster, Redis as OlderRedis } from 'ioredis-5'
import { expectTypeOf, test } from 'vitest'
import type { SecretCache } from '../../src/index.js'
import { attachClient, type FollowingClient, type RefusedEvent, type WindowEvent } from '../../src/ioredis/index.js'

declare const cache: SecretCache
declare const redis: Redis
declare const cluster: Cluster
declare const olderRedis: OlderRedis
declare const olderCluster: OlderCluster

test('a client stays what it is', () => {
  expectTypeOf(attachClient(redis, { cache, secretId: 'prod/redis' })).toEqualTypeOf<FollowingClient & Redis>()
  expectTypeOf(attachClient(cluster, { cache, secretId: 'prod/redis' })).toExtend<Cluster>()
  expectTypeOf(attachClient(olderRedis, { cache, secretId: 'prod/redis' })).toEqualTypeOf<FollowingClient & OlderRedis>()
  expectTypeOf(attachClient(olderCluster, { cache, secretId: 'prod/redis' })).toExtend<OlderCluster>()
})

test('its events are typed', () => {
  const following = attachClient(redis, { cache, secretId: 'prod/redis' })
  following.on('refused', event => expectTypeOf(event).toEqualTypeOf<RefusedEvent>())
  following.on('window', event => expectTypeOf(event).toEqualTypeOf<WindowEvent>())
})

test('no other client will do', () => {
  // @ts-expect-error
  attachClient({ get() {} }, { cache, secretId: 'prod/redis' })
})
