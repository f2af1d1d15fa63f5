import { hasMethod } from '../core/options/check-options.js'
import type { ErrorKind } from '../pools/error-kind.js'
import { checkAttachOptions, checkFollowOptions, type FollowedCache, type FollowOptions } from '../pools/follow-options.js'
import type { LoginFields } from '../pools/login.js'
import { remedyFor } from '../pools/other-driver.js'
import type {
  CredentialsEvent,
  FollowingPool,
  PoolEvent,
  PoolEventOf,
  RefusedEvent,
  RetiredEvent,
  WindowEvent,
} from '../pools/pool-events.js'
import type { HookedPool, PgClientClass, PgModule, PgPool } from './driver.js'
import { isAuthError } from './error-kind.js'
import { followPool } from './follow-pool.js'
import { optionsOfOthers } from './options-of-others.js'

export {
  type CredentialsEvent,
  type ErrorKind,
  type FollowedCache,
  type FollowingPool,
  type FollowOptions,
  isAuthError,
  type LoginFields,
  type PgModule,
  type PgPool,
  type PoolEvent,
  type PoolEventOf,
  type RefusedEvent,
  type RetiredEvent,
  type WindowEvent,
}

/** The options of `pg.Pool` that the secret does not decide, and those of the following. */
export type PgPoolOptions<Config> = Omit<Config, 'user' | 'password'> & FollowOptions

/**
 * Makes a `pg.Pool` that follows a secret: user name and password of new connections are those of the version that works, also in the
 * middle of a rotation, and connections of older versions are closed when they are idle or released. No query fails.
 *
 * `host`, `port`, `database` and `ssl` come from the secret unless they are given here; user and password always do. Nothing is read
 * before the first query.
 *
 * @example
 * import pg from 'pg'
 * const pool = createPool(pg, { cache: secrets, secretId: 'prod/db', max: 20 })
 * await pool.query('select 1')
 */
export function createPool<Pool extends PgPool, Config extends object>(
  pg: PgModule<Pool, Config>,
  options: PgPoolOptions<NoInfer<Config>>,
): FollowingPool & Pool {
  checkModule(pg)
  const { follow, rest } = checkFollowOptions('createPool', options, optionsOfOthers)
  const pool = new pg.Pool(rest as never)
  checkPool('createPool', pool)
  followPool(pool as unknown as HookedPool, follow)
  return pool as FollowingPool & Pool
}

/**
 * Makes a `pg.Pool` that is there follow a secret: one that a framework has made. What it was given of `host`, `port`, `database` and
 * `ssl` it keeps; the connections that it has are closed, each when it is idle or released, as soon as a login with the secret has worked.
 *
 * @example
 * import pg from 'pg'
 * const pool = new pg.Pool({ host: 'db.example.com' })
 * attachPool(pool, { cache: secrets, secretId: 'prod/db' })
 */
export function attachPool<Pool extends PgPool>(pool: Pool, options: FollowOptions): FollowingPool & Pool {
  checkPool('attachPool', pool)
  followPool(pool as unknown as HookedPool, checkAttachOptions('attachPool', options))
  return pool as FollowingPool & Pool
}

function checkModule(pg: unknown): void {
  // mysql2 exports its class of pools under the same name.
  if (hasMethod(pg, 'Pool') && !hasMethod(pg, 'createPool')) return
  const how = "createPool takes the module pg first: import pg from 'pg', then createPool(pg, { cache, secretId })."
  throw new TypeError(`${how}${remedyFor(pg)}`)
}

function checkPool(owner: string, pool: unknown): void {
  const hooked = pool as Partial<HookedPool> | null | undefined
  const isPool =
    typeof hooked?.connect === 'function' && typeof hooked.Client === 'function' && typeof hooked.options === 'object'
  if (!isPool) throw new TypeError(`${owner} needs a Pool of pg 8, or a subclass of it.${remedyFor(pool)}`)
  if (hooked.ending === true) throw new TypeError(`${owner} was given a pool that has ended.`)
  // pg-pool itself tells the two by this method.
  const isNative = hasMethod((hooked.Client as PgClientClass).prototype, 'isConnected')
  if (isNative)
    throw new TypeError(`${owner} cannot follow a pool of pg.native: its errors have no codes. Use the Pool of pg itself.`)
}
