import { attachStatus } from '../core/events/status.js'
import { claimPool } from '../pools/claim-pool.js'
import type { CheckedFollowOptions } from '../pools/follow-options.js'
import { mostTriesAgain, proofTimeoutMs } from '../pools/limits.js'
import type { Login } from '../pools/login.js'
import { mysqlKindOf } from '../pools/mysql-error.js'
import { poolEmitter } from '../pools/pool-emitter.js'
import { type LoginAttempt, PoolFollower } from '../pools/pool-follower.js'
import { configFor, type FromSecret } from './connection-config.js'
import type { ConnectionConfig, ConnectionList, HookedPool, MysqlPool, MysqlPoolConnection, OnConnection } from './driver.js'
import { isAuthError } from './error-kind.js'

/** Makes a pool follow a secret, from now until it ends. `listened` is the pool that the user listens to. */
export function followPool(pool: HookedPool, listened: MysqlPool, checked: CheckedFollowOptions, fromSecret: FromSecret): void {
  const getNow = pool.getConnection.bind(pool)
  const releaseNow = pool.releaseConnection.bind(pool)
  const endNow = pool.end.bind(pool)
  const base = pool.config.connectionConfig
  const begin = (): PoolFollower =>
    new PoolFollower(
      checked,
      {
        database: 'MySQL or MariaDB',
        kindOf: mysqlKindOf,
        connectTimeoutMs: () => base.connectTimeout,
        logIn: async login => logIn(pool, configFor(base, login, fromSecret)),
        closeIdle: share => closeIdle(pool, follower, share),
        closeOne: () => {
          const [connection] = idleOf(pool)
          if (connection !== undefined) close(connection)
        },
        hasIdle: () => pool._freeConnections.length > 0,
        connections: () => listed(pool._allConnections),
      },
      poolEmitter(listened),
      { hasConnections: pool._allConnections.length > 0 },
    )
  const follower: PoolFollower = claimPool(pool, begin)
  // The user may know the pool by its callbacks or by its promises.
  for (const known of new Set([pool, listened])) attachStatus(known, () => follower.status())

  let configured: Login | undefined
  const configure = (login: Login): void => {
    if (login === configured) return
    pool.config.connectionConfig = configFor(base, login, fromSecret)
    configured = login
  }

  /** When a connection that the pool had promised is gone, the pool requests another one with the same callback: these are the requests. */
  const attempts = new WeakMap<OnConnection, () => void>()

  pool.getConnection = callback => {
    const asked = attempts.get(callback)
    if (asked !== undefined) {
      asked()
      return
    }
    follower.touch()
    const wish = follower.wish()
    let refusals = 0
    let mayWait = false
    let login: LoginAttempt | undefined
    const attempt = (): void => {
      if (opensConnection(pool)) {
        login = follower.take()
        if (login === undefined) {
          wait()
          return
        }
        try {
          configure(login.login)
        } catch (error) {
          // The driver's options do not allow this login.
          follower.report(login, error)
          process.nextTick(callback, error)
          return
        }
      }
      getNow(onConnection)
    }
    const wait = (failure?: unknown): void => {
      const refusal = mayWait ? undefined : noRoomToWait(pool, follower.waiting)
      // A request that already waits is not rejected for having to wait again.
      mayWait = true
      if (refusal !== undefined) process.nextTick(callback, refusal)
      else follower.again(wish, failure).then(attempt, giveUp)
    }
    const giveUp = (error: unknown): void => {
      process.nextTick(callback, error)
      passOn(pool)
    }
    const onConnection: OnConnection = (error, connection) => {
      const used = login
      login = undefined
      const { retirement } = follower
      if (used !== undefined && connection !== undefined && retirement.loginOf(connection) === undefined)
        retirement.tag(connection, used.login)
      if (used !== undefined) follower.report(used, error)
      if (!error) callback(null, connection)
      else if (!follower.mayTryAgain(error) || (isAuthError(error) && ++refusals > mostTriesAgain)) callback(error)
      else wait(error)
    }
    attempts.set(onConnection, () => {
      mayWait = true
      attempt()
    })
    attempt()
  }

  pool.releaseConnection = connection => {
    // A connection that has left the pool also gets here; the pool then serves the next waiting request.
    if (connection._pool && follower.retirement.isToGo(connection)) {
      follower.retired(connection)
      close(connection)
    } else {
      releaseNow(connection)
    }
  }

  pool.end = callback => {
    follower.stop()
    endNow(callback)
    // Older mysql2 drops the requests that wait for a connection.
    for (let waiting = pool._connectionQueue.shift(); waiting !== undefined; waiting = pool._connectionQueue.shift())
      process.nextTick(waiting, new Error('Pool is closed.'))
  }

  pool.on('release', () => {
    if (follower.waiting > 0) follower.freed()
  })
}

/** Lets the next request in mysql2's queue open a connection of its own: mysql2 does that only when a connection ends. */
function passOn(pool: HookedPool): void {
  const next = opensConnection(pool) ? pool._connectionQueue.shift() : undefined
  if (next !== undefined) process.nextTick(() => pool.getConnection(next))
}

/** Whether the pool opens a connection for the next request, instead of handing out an idle one or making the request wait. */
function opensConnection({ _closed, _freeConnections, _allConnections, config: { connectionLimit } }: HookedPool): boolean {
  return !_closed && _freeConnections.length === 0 && (connectionLimit === 0 || _allConnections.length < connectionLimit)
}

/**
 * The error of mysql2 for a request that may not wait. As many requests as the pool has room for would be connecting without us; only those
 * beyond are waiting, and the pool's own limits apply to them.
 */
function noRoomToWait({ config, _allConnections, _connectionQueue }: HookedPool, waiting: number): Error | undefined {
  const { connectionLimit, waitForConnections, queueLimit } = config
  if (connectionLimit === 0) return undefined
  const queued = waiting - Math.max(0, connectionLimit - _allConnections.length) + _connectionQueue.length
  if (queued < 0) return undefined
  if (!waitForConnections) return new Error('No connections available.')
  return queueLimit > 0 && queued >= queueLimit ? new Error('Queue limit reached.') : undefined
}

/** Logs in through a private pool of one connection: it has the same options and does not need the module. */
async function logIn(pool: HookedPool, connectionConfig: ConnectionConfig): Promise<void> {
  const Pool = pool.constructor as new (options: { config: object }) => HookedPool
  connectionConfig.connectTimeout ||= proofTimeoutMs
  const config = { ...pool.config, connectionConfig, connectionLimit: 1, maxIdle: 1, waitForConnections: true, queueLimit: 0 }
  const proof = new Pool({ config })
  try {
    await new Promise<void>((resolve, reject) => {
      proof.getConnection(error => (error ? reject(error) : resolve()))
    })
  } finally {
    proof.end(() => {})
  }
}

function idleOf(pool: HookedPool): MysqlPoolConnection[] {
  return listed(pool._freeConnections)
}

function listed(connections: ConnectionList): MysqlPoolConnection[] {
  const all = Array.from({ length: connections.length }, (_, index) => connections.get(index))
  return all.filter(connection => connection !== undefined)
}

function closeIdle(pool: HookedPool, follower: PoolFollower, share: number): void {
  const outdated = idleOf(pool).filter(connection => follower.retirement.isOutdated(connection))
  for (const connection of outdated.slice(0, Math.ceil(outdated.length * share))) {
    follower.retired(connection)
    close(connection)
  }
}

/**
 * Closes a connection with a goodbye to the server, which counts dropped connections as aborted. Older mysql2 can only drop a connection of
 * a pool.
 */
function close(connection: MysqlPoolConnection): void {
  const { config } = connection
  if ('gracefulEnd' in config) {
    config.gracefulEnd = true
    connection.end()
  } else {
    connection.destroy()
  }
}
