import type { PoolFollower } from '../pools/pool-follower.js'
import type { HookedPool, OnClient, PgPoolClient, Release } from './driver.js'

interface Idle {
  readonly client: PgPoolClient
  readonly release: Release
}

/**
 * The idle connections of a pool.
 *
 * pg gives no access to a particular one of them. So all are taken out at once, some are closed, and the others are released again before
 * anything else happens.
 */
export class IdleClients {
  readonly #pool: HookedPool
  readonly #connectNow: (callback: OnClient) => unknown
  readonly #follower: PoolFollower
  /** Those that are closed once their last query has ended. */
  readonly #closing = new WeakSet<PgPoolClient>()
  /** True while clients are released that must not be closed yet. */
  givingBack = false

  constructor(pool: HookedPool, connectNow: (callback: OnClient) => unknown, follower: PoolFollower) {
    this.#pool = pool
    this.#connectNow = connectNow
    this.#follower = follower
  }

  /** Closes this share of the outdated ones, rounded up. One whose last query has not ended is closed when it has. */
  close(share: number): void {
    this.#takeOut(taken => {
      const outdated = taken.filter(({ client }) => this.#follower.retirement.isOutdated(client))
      for (const { client } of outdated) if (isBusy(client)) this.#closeWhenDone(client)
      const closable = outdated.filter(({ client }) => !isBusy(client))
      return closable.slice(0, Math.ceil(closable.length * share))
    })
  }

  /** Closes one, outdated or not. */
  closeOne(): void {
    this.#takeOut(taken => taken.filter(({ client }) => !isBusy(client)).slice(0, 1))
  }

  /** Closes one that is being released, as soon as its last query has ended: that may be a COMMIT whose result nobody has awaited. */
  retire(client: PgPoolClient): void {
    if (isBusy(client) && !this.#follower.retirement.hasEnded(client)) {
      this.#closeWhenDone(client)
      return
    }
    this.#follower.retired(client)
    // The pool notices the end and removes the client.
    client.end().catch(() => {})
  }

  #closeWhenDone(client: PgPoolClient): void {
    if (this.#closing.has(client)) return
    this.#closing.add(client)
    client.once('drain', () => this.close(1))
  }

  /** Takes all of them out and closes those that `pick` returns. */
  #takeOut(pick: (taken: readonly Idle[]) => readonly Idle[]): void {
    const taken: Idle[] = []
    let late = false
    const take: OnClient = (error, client, release) => {
      if (error) return
      if (late) {
        release()
        return
      }
      // The pool listens only to idle clients, and an `error` event without a listener would end the process.
      client.on('error', ignore)
      taken.push({ client, release })
    }
    for (let left = this.#pool.idleCount; left > 0; left -= 1) this.#connectNow(take)
    // The pool hands out idle clients in ticks that come before this.
    setImmediate(() => {
      late = true
      const closed = new Set(pick(taken))
      this.givingBack = true
      for (const entry of taken) {
        if (closed.has(entry)) this.#follower.retired(entry.client)
        entry.client.removeListener('error', ignore)
        entry.release(closed.has(entry))
      }
      this.givingBack = false
    })
  }
}

function isBusy({ readyForQuery }: PgPoolClient): boolean {
  return readyForQuery === false
}

function ignore(): void {}
