import { checkOptions, hasMethod, type OptionRule } from '../core/options/check-options.js'
import { checkFollowed, type FollowedCache, followRules, settingsOf } from '../pools/follow-options.js'
import type { LoginSource } from '../pools/login-source.js'
import type { CredentialsEvent, PoolEventOf, RefusedEvent, WindowEvent } from '../pools/pool-events.js'
import type { HookedCluster, HookedRedis, IoredisClient } from './driver.js'
import { followClient } from './follow-client.js'

export type { ErrorKind } from '../pools/error-kind.js'
export type { ExpiringLogin, LoginListener, LoginServer, LoginSource } from '../pools/login-source.js'
export type { CredentialsEvent, FollowedCache, IoredisClient, RefusedEvent, WindowEvent }

/** The options of `attachClient` for a client that follows a secret. */
export interface AttachSecretOptions {
  /** The cache that reads the secret and learns of its rotations. */
  cache: FollowedCache
  /** The secret of a Redis user: JSON with `password` and, unless the user is `default`, `username`. */
  secretId: string
  /** Logins that end, in place of a secret. */
  credentials?: undefined
  /**
   * Whether AWSPENDING is tried when Redis rejects a version that has worked before. This covers the moment of a rotation when Redis
   * already has the new password and Secrets Manager still returns the old one.
   * @default true
   */
  tryPending?: boolean | undefined
  /**
   * How long a new connection waits, at most, for a version that works after Redis has rejected one that had worked, in milliseconds.
   * @default 90_000
   */
  rotationWindowMs?: number | undefined
}

/** The options of `attachClient` for a client whose logins end. */
export interface AttachSourceOptions {
  /** The source of the logins, such as `elastiCacheIam` of `awscurrent/iam`. */
  credentials: LoginSource
  /** A cache, in place of a source. */
  cache?: undefined
  /** A secret, in place of a source. */
  secretId?: undefined
}

/** The options of `attachClient`. */
export type AttachClientOptions = AttachSecretOptions | AttachSourceOptions

/**
 * The events of a client that follows a secret. They are also published on the diagnostics channels `awscurrent:credentials` and so on.
 * They never contain a password.
 */
export type IoredisEvent = CredentialsEvent | WindowEvent | RefusedEvent

/** What following a secret adds to a client. */
export interface FollowingClient {
  /** Adds a listener for these events, in addition to those of ioredis. */
  on<Type extends IoredisEvent['type']>(type: Type, listener: (event: PoolEventOf<Type>) => void): this
}

const given: OptionRule = () => undefined

/**
 * Makes an ioredis `Redis` or `Cluster` follow a secret. The client, its duplicates and its nodes log in with the version that works, also
 * in the middle of a rotation, and open connections re-authenticate when the secret moves, without being closed.
 *
 * A new connection waits until a login is known to work, so no command fails because of a changed password. If the secret cannot be read or
 * no login works, the client emits that as its `error` event and reconnects. Attach the client in the same turn of the event loop in which
 * it is created; nothing is read before it connects. It follows the secret until it has ended, and again if it is reconnected. Returns the
 * same client; wrong arguments throw a `TypeError`.
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
  checkOptions('attachClient', options, { cache: given, secretId: given, credentials: given, ...followRules })
  const hooked = client as unknown as HookedRedis | HookedCluster
  followClient(hooked, { ...checkFollowed('attachClient', options), ...settingsOf(options) })
  return client as FollowingClient & Client
}

function isRedis(client: IoredisClient): boolean {
  return hasMethod((client as Partial<HookedRedis>).connector, 'connect')
}
