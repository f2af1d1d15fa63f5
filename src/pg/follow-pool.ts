import { attachStatus } from '../core/events/status.js'
import { claimPool } from '../pools/claim-pool.js'
import type { CheckedFollowOptions } from '../pools/follow-options.js'
import { mostTriesAgain, proofTimeoutMs } from '../pools/limits.js'
import type { Login } from '../pools/login.js'
import { poolEmitter } from '../pools/pool-emitter.js'
import { PoolFollower } from '../pools/pool-follower.js'
import { mayPass, postgresKindOf } from '../pools/postgres-error.js'
import { checkTls } from '../pools/tls-only.js'
import { clientConfigs } from './client-config.js'
import type { HookedPool, OnClient, OnResult, PgClientClass, PgConfig } from './driver.js'
import { isAuthError } from './error-kind.js'
import { followingClient, isUnexecuted } from './following-client.js'
import { IdleClients } from './idle-clients.js'

/** The pauses before a query is retried when a proxy has repeated an earlier rejection, which PgBouncer does for 15 s. */
const pausesOfProxyMs: readonly number[] = [500, 1_000, 2_000, 4_000, 4_000, 4_000]

/** Makes a pool follow a secret, from now until the pool ends. */
export function followPool(pool: HookedPool, checked: CheckedFollowOptions): void {
  const { Client } = pool
  const connectNow = pool.connect.bind(pool)
  const configFor = clientConfigs(pool.options, Client)
  const connectTimeoutMs = (): number => pool.options.connectionTimeoutMillis ?? 0
  const begin = (): PoolFollower =>
    new PoolFollower(
      checked,
      {
        database: 'PostgreSQL',
        kindOf: postgresKindOf,
        mayPass,
        connectTimeoutMs,
        async logIn(login) {
          const timeoutMs = connectTimeoutMs() || proofTimeoutMs
          // A proxy may accept a client and then keep it waiting for a connection to the database.
          await logIn(Client, login, { ...configFor(login), connectionTimeoutMillis: timeoutMs, query_timeout: timeoutMs })
        },
        closeIdle: share => idle.close(share),
        closeOne: () => idle.closeOne(),
        hasIdle: () => pool.idleCount > 0,
        connections: () => pool._clients,
      },
      poolEmitter(pool),
      { hasConnections: pool.totalCount > 0 },
    )
  const follower: PoolFollower = claimPool(pool, begin)
  attachStatus(pool, () => follower.status())
  const idle = new IdleClients(pool, connectNow, follower)
  pool.Client = followingClient(Client, configFor, follower)
  const failedToConnect = new WeakSet<object>()
  const requests = new Requests(pool, () => follower.stop())

  const connect = (callback: OnClient): void => {
    if (requests.areOver) {
      process.nextTick(callback, new Error('Cannot use a pool after calling end on the pool'), undefined, noRelease)
      return
    }
    follower.touch()
    const wish = follower.wish()
    let refusals = 0
    const done = requests.begin(callback)
    const failed = (error: unknown): void => {
      if (typeof error === 'object' && error !== null) failedToConnect.add(error)
      done(error, undefined as never, noRelease)
    }
    const onClient: OnClient = (error, client, release) => {
      if (!error) done(undefined, client, release)
      else if (!follower.mayTryAgain(error) || (isAuthError(error) && ++refusals > mostTriesAgain)) failed(error)
      else follower.again(wish, error).then(ask, again => process.nextTick(failed, again))
    }
    const ask = (): void => {
      try {
        connectNow(onClient)
      } catch (error) {
        process.nextTick(failed, error)
      }
    }
    ask()
  }

  pool.connect = callback =>
    callback === undefined
      ? new Promise((resolve, reject) => connect((error, client) => (error ? reject(error) : resolve(client))))
      : void connect(callback)

  repeatRefusedQueries(pool, follower, error => isUnexecuted(error) && !failedToConnect.has(error as object))

  pool.on('release', (error, client) => {
    if (!error && !idle.givingBack && follower.retirement.isToGo(client)) idle.retire(client)
    // The client becomes idle after this event.
    if (follower.waiting > 0) process.nextTick(() => pool.idleCount > 0 && follower.freed())
  })
  // An idle connection that the server closes is replaced; without this listener it would end the process.
  pool.on('error', () => {})
}

/** Retries queries that a proxy has rejected. Such a query was not executed, so it runs again with the login that was found meanwhile. */
function repeatRefusedQueries(pool: HookedPool, follower: PoolFollower, isUnexecuted: (error: unknown) => boolean): void {
  const queryNow = pool.query.bind(pool)
  const repeat = async (error: unknown, text: unknown, values: unknown): Promise<unknown> => {
    let refusal = error
    for (let round = 0; round < pausesOfProxyMs.length && isUnexecuted(refusal); round += 1) {
      if (mayPass(refusal)) await new Promise(resolve => setTimeout(resolve, pausesOfProxyMs[round]))
      await follower.settled()
      try {
        return await queryNow(text, values)
      } catch (again) {
        refusal = again
      }
    }
    throw refusal
  }
  pool.query = (text, ...rest) => {
    const callback = rest.find(argument => typeof argument === 'function') as OnResult | undefined
    const values = typeof rest[0] === 'function' ? undefined : rest[0]
    // A query that is submitted as an object keeps its own state, so it cannot run twice.
    if (typeof text === 'function' || typeof (text as { submit?: unknown } | null)?.submit === 'function')
      return queryNow(text, ...rest)
    if (callback === undefined) return queryNow(text, values).catch(error => repeat(error, text, values))
    return queryNow(text, values, (error, result) => {
      if (!isUnexecuted(error)) callback(error, result)
      else
        repeat(error, text, values).then(
          repeated => process.nextTick(callback, undefined, repeated),
          refusal => process.nextTick(callback, refusal),
        )
    })
  }
}

/** The requests that have no connection yet. pg drops those in its queue when the pool ends, so `end` waits for them here. */
class Requests {
  #open = 0
  #whenServed: () => void = () => {}
  #areOver = false

  constructor(pool: HookedPool, stop: () => void) {
    const endNow = pool.end.bind(pool)
    pool.end = callback => {
      const ended = this.#areOver ? Promise.reject(new Error('Called end on pool more than once')) : this.#end(stop, endNow)
      if (callback === undefined) return ended
      ended.then(() => callback(), callback)
      return undefined
    }
  }

  get areOver(): boolean {
    return this.#areOver
  }

  begin(callback: OnClient): OnClient {
    this.#open += 1
    return (error, client, release) => {
      this.#open -= 1
      if (this.#open === 0) this.#whenServed()
      callback(error, client, release)
    }
  }

  async #end(stop: () => void, endNow: () => Promise<void> | undefined): Promise<void> {
    this.#areOver = true
    stop()
    await new Promise<void>(resolve => {
      this.#whenServed = resolve
      if (this.#open === 0) resolve()
    })
    await endNow()
  }
}

function noRelease(): void {}

async function logIn(Client: PgClientClass, login: Login, config: PgConfig): Promise<void> {
  const client = new Client(config)
  checkTls(login, client.ssl)
  client.on('error', () => {})
  try {
    await client.connect()
    // A proxy accepts clients itself; only a query reaches the database behind it.
    await client.query('select 1')
  } finally {
    client.end().catch(() => {})
  }
}
