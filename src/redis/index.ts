import { checkOptions, type OptionRule } from '../core/options/check-options.js'
import { checkFollowed, type FollowedCache } from '../pools/follow-options.js'
import type { RedisUser } from '../pools/redis-user.js'
import { CredentialsProvider, type RedisEvent } from './credentials-provider.js'
import type { CredentialsListener, Subscription } from './subscriptions.js'

export type { CredentialsEvent, RefusedEvent } from '../pools/pool-events.js'
export type { CredentialsListener, FollowedCache, RedisEvent, RedisUser, Subscription }

/** What `createCredentialsProvider` takes. */
export interface CredentialsProviderOptions {
  /** The cache that reads the secret and hears of its rotations. */
  cache: FollowedCache
  /** The secret of a user of Redis: JSON with `password` and, unless the user is `default`, `username`. */
  secretId: string
}

/** The option `credentialsProvider` of node-redis, and the events of it. */
export interface RedisCredentialsProvider {
  /** What node-redis knows this kind of provider by. */
  readonly type: 'streaming-credentials-provider'
  /** Called by node-redis for each connection. Rejects with a `SecretCacheError` if the secret cannot be read or used. */
  subscribe(listener: CredentialsListener): Promise<[RedisUser, Subscription]>
  /** Called by node-redis when an open connection is refused with new credentials. It goes on with those that it has. */
  onReAuthenticationError(error: Error): void
  /** Adds a listener; the function it returns removes it again. */
  on<Type extends RedisEvent['type']>(type: Type, listener: (event: Extract<RedisEvent, { type: Type }>) => void): () => void
}

const given: OptionRule = () => undefined

/**
 * Gives the clients of node-redis the credentials of a secret: new connections log in with the version that is current, and open ones
 * authenticate anew when the secret moves, without being closed.
 *
 * If Redis refuses the new version, an open connection stays what it was, the `refused` event tells it, and it is tried again by growing
 * pauses. One provider may serve many clients or a pool. There is nothing to close: it follows the secret while a client is open.
 *
 * @example
 * import { createClient } from 'redis'
 * const credentialsProvider = createCredentialsProvider({ cache: secrets, secretId: 'prod/redis' })
 * const client = createClient({ url: 'rediss://cache.example.com', credentialsProvider })
 * await client.connect()
 */
export function createCredentialsProvider(options: CredentialsProviderOptions): RedisCredentialsProvider {
  checkOptions('createCredentialsProvider', options, { cache: given, secretId: given })
  const { cache, secretId } = options
  checkFollowed('createCredentialsProvider', cache, secretId)
  const provider = new CredentialsProvider({ cache, secretId })
  return {
    type: 'streaming-credentials-provider',
    subscribe: listener => provider.subscribe(listener),
    onReAuthenticationError: error => provider.failed(error),
    on: (type, listener) => provider.events.on(type, listener),
  }
}
