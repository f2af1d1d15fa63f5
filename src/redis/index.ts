import { checkOptions, type OptionRule } from '../core/options/check-options.js'
import { checkFollowed, type FollowedCache } from '../pools/follow-options.js'
import type { LoginSource } from '../pools/login-source.js'
import type { RedisUser } from '../pools/redis-user.js'
import type { Subscription } from '../pools/subscriptions.js'
import { type CredentialsListener, CredentialsProvider, type RedisEvent } from './credentials-provider.js'

export type { ExpiringLogin, LoginListener, LoginServer, LoginSource } from '../pools/login-source.js'
export type { CredentialsEvent, RefusedEvent } from '../pools/pool-events.js'
export type { CredentialsListener, FollowedCache, RedisEvent, RedisUser, Subscription }

/** The options of `createCredentialsProvider` for the user in a secret. */
export interface SecretProviderOptions {
  /** The cache that reads the secret and learns of its rotations. */
  cache: FollowedCache
  /** The secret of a Redis user: JSON with `password` and, unless the user is `default`, `username`. */
  secretId: string
  /** Logins that end, in place of a secret. */
  credentials?: undefined
}

/** The options of `createCredentialsProvider` for logins that end. */
export interface SourceProviderOptions {
  /** The source of the logins, such as `elastiCacheIam` of `awscurrent/iam`. */
  credentials: LoginSource
  /** A cache, in place of a source. */
  cache?: undefined
  /** A secret, in place of a source. */
  secretId?: undefined
}

/** The options of `createCredentialsProvider`. */
export type CredentialsProviderOptions = SecretProviderOptions | SourceProviderOptions

/** A credentials provider for node-redis, to be passed as its option `credentialsProvider`, with events. */
export interface RedisCredentialsProvider {
  /** The tag by which node-redis recognizes this kind of provider. */
  readonly type: 'streaming-credentials-provider'
  /**
   * Called by node-redis for each connection. Rejects with a `SecretCacheError` if the secret cannot be read or is not that of a Redis user
   * (`ERR_SECRET_FORMAT`, `ERR_SECRET_SCHEMA`).
   */
  subscribe(listener: CredentialsListener): Promise<[RedisUser, Subscription]>
  /** Called by node-redis when Redis rejects the new credentials on an open connection. The connection keeps those that it has. */
  onReAuthenticationError(error: Error): void
  /** Adds a listener; the returned function removes it. */
  on<Type extends RedisEvent['type']>(type: Type, listener: (event: Extract<RedisEvent, { type: Type }>) => void): () => void
}

const given: OptionRule = () => undefined

/**
 * Creates a credentials provider that makes node-redis clients follow a secret: new connections log in with the current version, and open
 * ones re-authenticate when the secret moves, without being closed.
 *
 * If Redis rejects the new version, an open connection keeps its credentials, a `refused` event reports it, and the version is retried with
 * growing pauses. One provider may serve many clients or a pool. There is nothing to close: it follows the secret while a client is
 * connected.
 *
 * @example
 * import { createClient } from 'redis'
 * const credentialsProvider = createCredentialsProvider({ cache: secrets, secretId: 'prod/redis' })
 * const client = createClient({ url: 'rediss://cache.example.com', credentialsProvider })
 * await client.connect()
 */
export function createCredentialsProvider(options: CredentialsProviderOptions): RedisCredentialsProvider {
  checkOptions('createCredentialsProvider', options, { cache: given, secretId: given, credentials: given })
  const provider = new CredentialsProvider(checkFollowed('createCredentialsProvider', options))
  return {
    type: 'streaming-credentials-provider',
    subscribe: listener => provider.subscribe(listener),
    onReAuthenticationError: error => provider.failed(error),
    on: (type, listener) => provider.events.on(type, listener),
  }
}
