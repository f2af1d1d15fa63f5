import { atMost } from '../core/time/at-most.js'
import type { CompleteClock } from '../core/time/clock.js'
import { isWithin, patienceMs, roomForMs, trustedForMs } from './limits.js'

/** A login that has started and not ended. */
interface Underway {
  readonly begunAt: number
  readonly cancel: () => void
}

/**
 * Limits the logins at a time: a few once one has worked, one after the other before that. So a password that no longer works is rejected
 * once or twice, not by every connection at once.
 *
 * A login that hangs gives up its place, but from the third on, each one doubles the time until the next, until one has worked: a server
 * that seems to hang may be one that rejects slowly.
 */
export class Gate {
  readonly #clock: CompleteClock
  readonly #atOnce: number
  readonly #onPlace: () => void
  readonly #onHanging: () => void
  readonly #underway = new Map<object, Underway>()
  readonly #hanging = new Set<object>()
  #opensAt = Number.NEGATIVE_INFINITY
  #hungAt = Number.NEGATIVE_INFINITY
  #heldSince = Number.NEGATIVE_INFINITY
  #cancelOpening: () => void = () => {}
  #whenQuiet: () => void = () => {}
  /** A proof that waits for a place goes before all requests for a connection. */
  #proof: (() => void) | undefined

  /** `onPlace` is called when a waiting request may try to enter, `onHanging` when a login has given up its place. */
  constructor(
    clock: CompleteClock,
    { atOnce, onPlace, onHanging }: { atOnce: number; onPlace: () => void; onHanging: () => void },
  ) {
    this.#clock = clock
    this.#atOnce = atOnce
    this.#onPlace = onPlace
    this.#onHanging = onHanging
  }

  /** Takes a place for a login; undefined if there is none. `provenAt`: when the same login last worked. */
  enter(provenAt: number): object | undefined {
    return this.places(provenAt) > 0 ? this.#take() : undefined
  }

  /** Takes a place for a proof as soon as there is one; it goes before all others. */
  async enterForProof(): Promise<object> {
    while (this.#underway.size >= this.#atOnce) {
      await new Promise<void>(resolve => {
        this.#proof = resolve
      })
    }
    this.#proof = undefined
    return this.#take()
  }

  #take(): object {
    const ticket = {}
    const cancel = this.#clock.setTimeout(() => this.#hangs(ticket), patienceMs)
    this.#underway.set(ticket, { begunAt: this.#clock.elapsedMs(), cancel })
    return ticket
  }

  /** Whether any login is in progress, including those that hang. */
  get isBusy(): boolean {
    return this.#underway.size + this.#hanging.size > 0
  }

  /** Resolves once no login is in progress, or after a second: one that hangs may never end. */
  async quiet(): Promise<void> {
    if (!this.isBusy) return
    const ended = new Promise<void>(resolve => {
      this.#whenQuiet = resolve
    })
    await atMost(this.#clock, patienceMs, ended, () => {})
  }

  /** How many logins could enter now. */
  places(provenAt: number): number {
    if (this.#proof !== undefined || isWithin(roomForMs, this.#heldSince, this.#clock.elapsedMs())) return 0
    const now = this.#clock.elapsedMs()
    const isTrusted = isWithin(trustedForMs, provenAt, now) && this.#hanging.size === 0
    if (!isTrusted && this.#opensAt > now) return 0
    return (isTrusted ? this.#atOnce : 1) - this.#underway.size
  }

  /** Keeps other logins out for a moment: a connection is being closed for a proof, and they would take its place at the server. */
  hold(): void {
    this.#heldSince = this.#clock.elapsedMs()
    this.#clock.setTimeout(() => this.#placeIsFree(), roomForMs)
  }

  /** Gives a place back. Logins that hung before one that has worked no longer count. */
  leave(ticket: object, { worked }: { worked: boolean }): void {
    this.#underway.get(ticket)?.cancel()
    this.#underway.delete(ticket)
    this.#hanging.delete(ticket)
    if (worked) {
      this.#hanging.clear()
      this.#heldSince = Number.NEGATIVE_INFINITY
      this.#opensAt = Number.NEGATIVE_INFINITY
    }
    if (!this.isBusy) this.#whenQuiet()
    this.#placeIsFree()
  }

  #placeIsFree(): void {
    this.#proof?.()
    this.#onPlace()
  }

  #hangs(ticket: object): void {
    const { begunAt = 0 } = this.#underway.get(ticket) ?? {}
    this.#underway.delete(ticket)
    this.#hanging.add(ticket)
    // Two logins that started together are no more evidence than one, so the next one waits as if they had started one after the other.
    const together = begunAt - this.#hungAt < patienceMs ? patienceMs : 0
    this.#hungAt = begunAt
    this.#opensAt = Math.max(this.#opensAt, begunAt + together + pauseAfterHanging(this.#hanging.size))
    this.#cancelOpening()
    this.#proof?.()
    this.#cancelOpening = this.#clock.setTimeout(() => this.#placeIsFree(), Math.max(0, this.#opensAt - this.#clock.elapsedMs()))
    this.#onHanging()
  }
}

function pauseAfterHanging(hanging: number): number {
  return hanging === 0 ? 0 : patienceMs * 2 ** Math.min(Math.max(0, hanging - 2), 4)
}
