import type { Follower } from '../pools/follower.js'
import type { HookedPool, OnClient, PgPoolClient, Release } from './driver.js'

/**
 * The connections of a pool that nobody uses.
 *
 * pg has no way to reach a certain one of them, so all are taken out at once, some are closed, and the others given back before
 * anything else happens.
 */
export class IdleClients {
  readonly #pool: HookedPool
  readonly #connectNow: (callback: OnClient) => unknown
  readonly #follower: Follower
  /** Whether clients are released that must not be closed yet. */
  givingBack = false

  constructor(pool: HookedPool, connectNow: (callback: OnClient) => unknown, follower: Follower) {
    this.#pool = pool
    this.#connectNow = connectNow
    this.#follower = follower
  }

  /** Closes that share of those that are outdated, rounded up. */
  close(share: number): void {
    const taken: { client: PgPoolClient; release: Release }[] = []
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
      const outdated = taken.filter(({ client }) => this.#follower.isOutdated(client))
      const closed = new Set(outdated.slice(0, Math.ceil(outdated.length * share)))
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

function ignore(): void {}
