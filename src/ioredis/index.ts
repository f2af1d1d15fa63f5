import { checkOptions, hasMethod, type OptionRule } from '../core/options/check-options.js'
import { checkFollowed, type FollowedCache, followRules } from '../pools/follow-options.js'
import type { CredentialsEvent, PoolEventOf, RefusedEvent, WindowEvent } from '../pools/pool-events.js'
import type { HookedCluster, HookedRedis, IoredisClient } from './driver.js'
import { followClient } from './follow-client.js'

export type { ErrorKind } from '../pools/error-kind.js'
export type { CredentialsEvent, FollowedCache, IoredisClient, RefusedEvent, WindowEvent }

/** What `attachClient` takes. */
export interface AttachClientOptions {
  /** The cache that reads the secret and hears of its rotations. */
  cache: FollowedCache
  /** The secret of a user of Redis: JSON with `password` and, unless the user is `default`, `username`. */
  secretId: string
  /**
   * Whether AWSPENDING is tried when Redis refuses a version that has worked before. It bridges the moment of a rotation at which Redis
   * has the new password and Secrets Manager still hands out the old one.
   * @default true
   */
  tryPending?: boolean | undefined
  /** How long a new connection waits, at most, for the version that works when Redis refuses the one that has. @default 90_000 */
  rotationWindowMs?: number | undefined
}

/** What a client tells its listeners, and the channels `awscurrent:credentials` and so on. Never a password. */
export type IoredisEvent = CredentialsEvent | WindowEvent | RefusedEvent

/** What a client gains by following a secret. */
export interface FollowingClient {
  /** Adds a listener to the events of the following, beside those of ioredis. */
  on<Type extends IoredisEvent['type']>(type: Type, listener: (event: PoolEventOf<Type>) => void): this
}

const given: OptionRule = () => undefined

/**
 * Makes a `Redis` or a `Cluster` of ioredis follow a secret: it, its duplicates and its nodes log in with the version that works, also in
 * the middle of a rotation, and open connections authenticate anew when the secret moves, without being closed.
 *
 * A new connection waits until a login is known to work, so no command fails of a password that has changed. Attach the client in the
 * same turn in which it is made; nothing is read before it connects. It follows until it has ended, and again if it is connected again.
 *
 * @example
 * import { Redis } from 'ioredis'
 * const redis = attachClient(new Redis('rediss://cache.example.com'), { cache: secrets, secretId: 'prod/redis' })
 * await redis.get('key')
 */
export function attachClient<Client extends IoredisClient>(
  client: Client,
  options: AttachClientOptions,
): FollowingClient & Client {
  const isClient =
    hasMethod(client, 'duplicate') && hasMethod(client, 'connect') && (isRedis(client) || hasMethod(client, 'nodes'))
  if (!isClient) throw new TypeError('attachClient needs a Redis or a Cluster of ioredis 5 or 6.')
  checkOptions('attachClient', options, { cache: given, secretId: given, ...followRules })
  const { cache, secretId, tryPending = true, rotationWindowMs = 90_000 } = options
  checkFollowed('attachClient', cache, secretId)
  followClient(client as unknown as HookedRedis | HookedCluster, { cache, secretId, tryPending, rotationWindowMs })
  return client as FollowingClient & Client
}

function isRedis(client: IoredisClient): boolean {
  return hasMethod((client as Partial<HookedRedis>).connector, 'connect')
}
