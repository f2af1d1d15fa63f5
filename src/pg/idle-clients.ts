import type { PoolFollower } from '../pools/pool-follower.js'
import type { HookedPool, OnClient, PgPoolClient, Release } from './driver.js'

interface Idle {
  readonly client: PgPoolClient
  readonly release: Release
}

/**
 * The connections of a pool that nobody uses.
 *
 * pg has no way to reach a certain one of them, so all are taken out at once, some are closed, and the others given back before
 * anything else happens.
 */
export class IdleClients {
  readonly #pool: HookedPool
  readonly #connectNow: (callback: OnClient) => unknown
  readonly #follower: PoolFollower
  /** Those that are closed once their last query has ended. */
  readonly #closing = new WeakSet<PgPoolClient>()
  /** Whether clients are released that must not be closed yet. */
  givingBack = false

  constructor(pool: HookedPool, connectNow: (callback: OnClient) => unknown, follower: PoolFollower) {
    this.#pool = pool
    this.#connectNow = connectNow
    this.#follower = follower
  }

  /** Closes that share of those that are outdated, rounded up. One whose last query has not ended is closed when it has. */
  close(share: number): void {
    this.#takeOut(taken => {
      const outdated = taken.filter(({ client }) => this.#follower.retirement.isOutdated(client))
      for (const { client } of outdated) if (isBusy(client)) this.#closeWhenDone(client)
      const closable = outdated.filter(({ client }) => !isBusy(client))
      return closable.slice(0, Math.ceil(closable.length * share))
    })
  }

  /** Closes one, whatever it is. */
  closeOne(): void {
    this.#takeOut(taken => taken.filter(({ client }) => !isBusy(client)).slice(0, 1))
  }

  /** Closes one that is being given back, as soon as its last query has ended: it may be a COMMIT that nobody has waited for. */
  retire(client: PgPoolClient): void {
    if (isBusy(client) && !this.#follower.retirement.hasEnded(client)) {
      this.#closeWhenDone(client)
      return
    }
    this.#follower.retired(client)
    // The pool sees that it ends, and lets go of it.
    client.end().catch(() => {})
  }

  #closeWhenDone(client: PgPoolClient): void {
    if (this.#closing.has(client)) return
    this.#closing.add(client)
    client.once('drain', () => this.close(1))
  }

  /** Takes all of them out and closes those that are picked. */
  #takeOut(pick: (taken: readonly Idle[]) => readonly Idle[]): void {
    const taken: Idle[] = []
    let late = false
    const take: OnClient = (error, client, release) => {
      if (error) return
      if (late) {
        release()
        return
      }
      // The pool listens to idle clients only, and an error that nobody listens to would end the process.
      client.on('error', ignore)
      taken.push({ client, release })
    }
    for (let left = this.#pool.idleCount; left > 0; left -= 1) this.#connectNow(take)
    // The pool hands idle clients out in the ticks that come first.
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
