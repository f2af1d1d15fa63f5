import { claimPool } from '../pools/claim-pool.js'
import type { CheckedFollowOptions } from '../pools/follow-options.js'
import { Follower } from '../pools/follower.js'
import { poolEmitter } from '../pools/pool-emitter.js'
import { isAuthError } from './auth-error.js'
import { clientConfigs } from './client-config.js'
import type { HookedPool, OnClient, PgClientClass, PgConfig } from './driver.js'
import { followingClient } from './following-client.js'
import { IdleClients } from './idle-clients.js'

/** How often one request for a connection is tried again after the database refused it. */
const mostRefusals = 3

/** Proofs are bounded also where the pool's own connections are not. */
const proofTimeoutMs = 10_000

/** Hooks a pool so that it follows a secret, from now until it ends. */
export function followPool(pool: HookedPool, checked: CheckedFollowOptions): void {
  claimPool(pool)
  const { Client } = pool
  const connectNow = pool.connect.bind(pool)
  const endNow = pool.end.bind(pool)
  const configFor = clientConfigs(pool.options, Client)
  const connectTimeoutMs = (): number => pool.options.connectionTimeoutMillis ?? 0
  const follower: Follower = new Follower(
    checked,
    {
      isAuthError,
      connectTimeoutMs,
      logIn: login => logIn(Client, { ...configFor(login), connectionTimeoutMillis: connectTimeoutMs() || proofTimeoutMs }),
      closeIdle: share => idle.close(share),
      hasIdle: () => pool.idleCount > 0,
    },
    poolEmitter(pool),
    { hasConnections: pool.totalCount > 0 },
  )
  const idle = new IdleClients(pool, connectNow, follower)
  pool.Client = followingClient(Client, configFor, follower)

  /** Requests that have no connection yet. pg forgets those that wait in its queue when the pool ends. */
  let open = 0
  let whenServed: () => void = () => {}
  let ending = false

  const connect = (callback: OnClient): void => {
    if (ending) {
      process.nextTick(callback, new Error('Cannot use a pool after calling end on the pool'), undefined, noRelease)
      return
    }
    follower.touch()
    open += 1
    let refusals = 0
    const done: OnClient = (error, client, release) => {
      open -= 1
      if (open === 0) whenServed()
      callback(error, client, release)
    }
    const failed = (error: unknown): void => done(error, undefined as never, noRelease)
    const onClient: OnClient = (error, client, release) => {
      if (!error) done(undefined, client, release)
      else if (!follower.mayTryAgain(error) || (isAuthError(error) && ++refusals > mostRefusals)) failed(error)
      else follower.again().then(ask, again => process.nextTick(failed, again))
    }
    const ask = (): void => {
      try {
        connectNow(onClient)
      } catch (error) {
        // Options that the driver cannot make a connection of.
        follower.reportLast(error)
        process.nextTick(failed, error)
      }
    }
    ask()
  }

  pool.connect = callback =>
    callback === undefined
      ? new Promise((resolve, reject) => connect((error, client) => (error ? reject(error) : resolve(client))))
      : void connect(callback)

  pool.end = callback => {
    if (ending) {
      const error = new Error('Called end on pool more than once')
      return callback === undefined ? Promise.reject(error) : void callback(error)
    }
    ending = true
    follower.stop()
    const served = new Promise<void>(resolve => {
      whenServed = resolve
    })
    if (open === 0) whenServed()
    const ended = served.then(() => endNow())
    if (callback === undefined) return ended
    ended.then(() => callback(), callback)
    return undefined
  }

  pool.on('release', (error, client) => {
    if (!error && !idle.givingBack && follower.isOutdated(client)) {
      follower.retired(client)
      // The pool sees that it ends, and lets go of it.
      client.end().catch(() => {})
    }
    // The client becomes idle after this event.
    if (follower.awaited) process.nextTick(() => pool.idleCount > 0 && follower.freed())
  })
  // An idle connection that the server ends is replaced; without a listener it would end the process.
  pool.on('error', () => {})
}

function noRelease(): void {}

async function logIn(Client: PgClientClass, config: PgConfig): Promise<void> {
  const client = new Client(config)
  client.on('error', () => {})
  try {
    await client.connect()
  } finally {
    client.end().catch(() => {})
  }
}
