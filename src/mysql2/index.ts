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
import { addressOfPool, type GivenAddress, leftToSecret } from './connection-config.js'
import type { HookedPool, MysqlModule, MysqlPool } from './driver.js'
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
  type MysqlModule,
  type MysqlPool,
  type PoolEvent,
  type PoolEventOf,
  type RefusedEvent,
  type RetiredEvent,
  type WindowEvent,
}

/** The options of `createPool`: those of a mysql2 pool, without user and password, which come from the secret, and those of `FollowOptions`. */
export type MysqlPoolOptions<Config> = Omit<Config, 'user' | 'password' | 'password1' | 'passwordSha1'> & FollowOptions

/**
 * Creates a mysql2 pool that follows a secret. New connections always log in with the user name and password of the version that works,
 * also in the middle of a rotation; connections of older versions are closed when they are idle or released. No query fails.
 *
 * Pass `mysql2` or `mysql2/promise`, and you get the pool of that module. `host`, `port`, `database` and `ssl` come from the secret unless
 * they are set here; user and password always do. Nothing is read before the first query. A query rejects with the driver's own error if
 * the database rejects the login, and with a `SecretCacheError` if the secret cannot be read or is not that of a MySQL or MariaDB user
 * (`ERR_SECRET_FORMAT`, `ERR_SECRET_SCHEMA`). Wrong options throw a `TypeError`.
 *
 * @example
 * import mysql from 'mysql2/promise'
 * const pool = createPool(mysql, { cache: secrets, secretId: 'prod/db', connectionLimit: 20 })
 * await pool.query('select 1')
 */
export function createPool<Pool extends MysqlPool, Config extends object>(
  mysql: MysqlModule<Pool, Config>,
  options: MysqlPoolOptions<NoInfer<Config>>,
): FollowingPool & Pool {
  checkModule(mysql)
  const { follow, rest } = checkFollowOptions('createPool', options, optionsOfOthers)
  // Must run before mysql2 fills in the parts of a `uri`, and its defaults.
  const fromSecret = leftToSecret(rest as GivenAddress)
  const pool = mysql.createPool(rest as never)
  followPool(hookedOrEnded(pool), pool, follow, fromSecret)
  return pool as FollowingPool & Pool
}

/**
 * Makes an existing mysql2 pool follow a secret, such as one that a framework has created. The pool keeps its address; its credentials come
 * from the secret. Its existing connections are closed when they are idle or released, once a login with the secret has worked.
 *
 * Returns the same pool. Throws a `TypeError` if it is not a pool of mysql2, has ended, or already follows a secret.
 *
 * @example
 * import mysql from 'mysql2/promise'
 * const pool = mysql.createPool({ uri: 'mysql://db.example.com/shop' })
 * attachPool(pool, { cache: secrets, secretId: 'prod/db' })
 */
export function attachPool<Pool extends MysqlPool>(pool: Pool, options: FollowOptions): FollowingPool & Pool {
  const core = hooked('attachPool', pool)
  followPool(core, pool, checkAttachOptions('attachPool', options), addressOfPool)
  return pool as FollowingPool & Pool
}

function checkModule(mysql: unknown): void {
  // A mariadb pool connects as soon as it is created, so the module is checked without creating one.
  if (hasMethod(mysql, 'createPool') && !hasMethod(mysql, 'importFile')) return
  const how =
    "createPool takes the module mysql2 first: import mysql from 'mysql2/promise', then createPool(mysql, { cache, secretId })."
  throw new TypeError(`${how}${remedyFor(mysql)}`)
}

/** Ends a pool that another module has created, instead of leaving it open. */
function hookedOrEnded(pool: unknown): HookedPool {
  try {
    return hooked('createPool', pool)
  } catch (error) {
    const end = async (): Promise<unknown> => (pool as { end?(): unknown } | undefined)?.end?.()
    end().catch(() => {})
    throw error
  }
}

/** The pool with callbacks, which a pool with promises wraps. */
function hooked(owner: string, pool: unknown): HookedPool {
  const inner = (pool as { pool?: unknown } | null | undefined)?.pool ?? pool
  const { config } = (inner ?? {}) as { config?: { connectionConfig?: unknown } }
  const methods = ['getConnection', 'releaseConnection', 'execute', 'end']
  if (methods.every(method => hasMethod(inner, method)) && typeof config?.connectionConfig === 'object')
    return stillOpen(owner, inner as HookedPool)
  throw new TypeError(`${owner} needs a pool of mysql2 3, with callbacks or with promises.${remedyFor(pool)}`)
}

function stillOpen(owner: string, pool: HookedPool): HookedPool {
  if (pool._closed) throw new TypeError(`${owner} was given a pool that has ended.`)
  return pool
}
