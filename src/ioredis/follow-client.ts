import { attachStatus } from '../core/events/status.js'
import { claimPool, isFollowing } from '../pools/claim-pool.js'
import { Connection } from './connection.js'
import { type HookedCluster, type HookedRedis, isCluster, type RedisOptions } from './driver.js'
import { Following } from './following.js'
import type { FollowedOptions } from './logins.js'

/** Makes a client, its duplicates and its nodes follow a secret. */
export function followClient(client: HookedRedis | HookedCluster, options: FollowedOptions): void {
  const following = claimPool(
    client,
    () => {
      const made = new Following(client, options)
      hook(client, made)
      return made
    },
    'client',
  )
  attachStatus(client, () => following.status())
}

/** For a duplicate or a node, which the client itself creates. */
function followAlso(client: HookedRedis | HookedCluster, following: Following): void {
  if (!isFollowing(client)) claimPool(client, () => hook(client, following), 'client')
}

function hook(client: HookedRedis | HookedCluster, following: Following): void {
  if (isCluster(client)) hookCluster(client, following)
  else hookRedis(client, following)
}

function hookRedis(redis: HookedRedis, following: Following): void {
  const duplicate = redis.duplicate.bind(redis)
  const connection = new Connection(redis, following, duplicate)
  readFrom(redis.options, following)
  redis.duplicate = (override = {}) => {
    if (isOther(override, redis.options)) return duplicate(override)
    // Without `lazyConnect` it would connect when it is created, before it follows the secret.
    const lazyConnect = override.lazyConnect ?? redis.options.lazyConnect
    const made = duplicate({ ...override, lazyConnect: true })
    made.options.lazyConnect = lazyConnect
    followAlso(made, following)
    if (!lazyConnect) made.connect().catch(() => {})
    return made
  }
  return void connection
}

/**
 * Returns the current login wherever the options are read: by the client itself, by a copy that a framework creates, by the subscriber of a
 * cluster.
 */
function readFrom(options: RedisOptions, following: Following): void {
  for (const name of ['username', 'password'] as const) {
    const given = options[name]
    const get = (): string | null | undefined => {
      const login = following.logins?.current
      return login === undefined ? given : login[name]
    }
    Object.defineProperty(options, name, { configurable: true, enumerable: true, get, set() {} })
  }
}

/** Whether a duplicate logs in as another user. */
function isOther(override: RedisOptions, options: RedisOptions): boolean {
  return (['username', 'password'] as const).some(name => override[name] != null && override[name] !== options[name])
}

function hookCluster(cluster: HookedCluster, following: Following): void {
  for (const node of cluster.nodes()) followAlso(node, following)
  cluster.on('+node', node => followAlso(node, following))
  const duplicate = cluster.duplicate.bind(cluster)
  cluster.duplicate = (...overrides) => {
    const made = duplicate(...overrides)
    followAlso(made, following)
    return made
  }
  const { subscriber } = cluster
  if (subscriber === undefined) return
  const select = subscriber.selectSubscriber.bind(subscriber)
  subscriber.selectSubscriber = () => {
    select()
    const selected = subscriber.getInstance()
    if (selected !== null) followAlso(selected, following)
  }
}
