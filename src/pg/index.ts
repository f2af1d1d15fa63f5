import { hasMethod } from '../core/options/check-options.js'
import type { ErrorKind } from '../pools/error-kind.js'
import {
  checkAttachOptions,
  checkFollowOptions,
  type FollowedCache,
  type FollowOptions,
  type FollowSecretOptions,
  type FollowSourceOptions,
} from '../pools/follow-options.js'
import type { LoginFields } from '../pools/login.js'
import type { ExpiringLogin, LoginListener, LoginServer, LoginSource } from '../pools/login-source.js'
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
  type ExpiringLogin,
  type FollowedCache,
  type FollowingPool,
  type FollowOptions,
  type FollowSecretOptions,
  type FollowSourceOptions,
  isAuthError,
  type LoginFields,
  type LoginListener,
  type LoginServer,
  type LoginSource,
  type PgModule,
  type PgPool,
  type PoolEvent,
  type PoolEventOf,
  type RefusedEvent,
  type RetiredEvent,
  type WindowEvent,
}

/** The options of `createPool`: those of `pg.Pool`, without `user` and `password`, which come from the secret, and those of `FollowOptions`. */
export type PgPoolOptions<Config> = Omit<Config, 'user' | 'password'> & FollowOptions

/**
 * Creates a `pg.Pool` that follows a secret. New connections always log in with the user name and password of the version that works, also
 * in the middle of a rotation; connections of older versions are closed when they are idle or released. No query fails.
 *
 * `host`, `port`, `database` and `ssl` come from the secret unless they are set here; user and password always do. Nothing is read before
 * the first query. A query rejects with the driver's own error if the database rejects the login, and with a `SecretCacheError` if the
 * secret cannot be read or is not that of a PostgreSQL user (`ERR_SECRET_FORMAT`, `ERR_SECRET_SCHEMA`). Wrong options throw a `TypeError`.
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
 * Makes an existing `pg.Pool` follow a secret, such as one that a framework has created. The pool keeps the `host`, `port`, `database` and
 * `ssl` that it was given. Its existing connections are closed when they are idle or released, once a login with the secret has worked.
 *
 * Returns the same pool. Throws a `TypeError` if it is not a pool of `pg`, has ended, or already follows a secret.
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
  // mysql2 exports its pool class under the same name.
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
  // pg-pool uses the same method to tell native clients from others.
  const isNative = hasMethod((hooked.Client as PgClientClass).prototype, 'isConnected')
  if (isNative)
    throw new TypeError(`${owner} cannot follow a pool of pg.native: its errors have no codes. Use the Pool of pg itself.`)
}
