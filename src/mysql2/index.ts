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
import { addressOfPool, type GivenAddress, leftToSecret } from './connection-config.js'
import type { HookedPool, MysqlModule, MysqlPool } from './driver.js'
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
  type MysqlModule,
  type MysqlPool,
  type PoolEvent,
  type PoolEventOf,
  type RefusedEvent,
  type RetiredEvent,
  type WindowEvent,
}

/** The options of a mysql2 pool that the secret does not decide, and those of the following. */
export type MysqlPoolOptions<Config> = Omit<Config, 'user' | 'password' | 'password1' | 'passwordSha1'> & FollowOptions

/**
 * Makes a pool of mysql2 that follows a secret: user name and password of new connections are those of the version that works, also in
 * the middle of a rotation, and connections of older versions are closed when they are idle or released. No query fails.
 *
 * Takes `mysql2` or `mysql2/promise` and makes the pool of that module. `host`, `port`, `database` and `ssl` come from the secret
 * unless they are given here; user and password always do. Nothing is read before the first query.
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
  // Before mysql2 fills in what a uri says, and what it leaves out.
  const fromSecret = leftToSecret(rest as GivenAddress)
  const pool = mysql.createPool(rest as never)
  followPool(hookedOrEnded(pool), pool, follow, fromSecret)
  return pool as FollowingPool & Pool
}

/**
 * Makes a pool of mysql2 that is there follow a secret: one that a framework has made. It keeps its address and takes its credentials
 * from the secret; the connections that it has are closed, each when it is idle or released, as soon as a login with the secret has worked.
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
  // The pools of mariadb connect as they are made, so none is made to find out.
  if (hasMethod(mysql, 'createPool') && !hasMethod(mysql, 'importFile')) return
  const how =
    "createPool takes the module mysql2 first: import mysql from 'mysql2/promise', then createPool(mysql, { cache, secretId })."
  throw new TypeError(`${how}${remedyFor(mysql)}`)
}

/** What another module has made is not left open. */
function hookedOrEnded(pool: unknown): HookedPool {
  try {
    return hooked('createPool', pool)
  } catch (error) {
    const end = async (): Promise<unknown> => (pool as { end?(): unknown } | undefined)?.end?.()
    end().catch(() => {})
    throw error
  }
}

/** The pool with callbacks, which is inside one with promises. */
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
