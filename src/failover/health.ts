import type { CompleteClock } from '../core/time/clock.js'
import { RecentlyUsed } from '../signals/recently-used.js'

/** So often in a row the primary must answer until it is waited for like one that is well: one that comes and goes is none to rely on. */
const successesToReturn = 3

/** A primary that is down is waited for no longer, so that readers notice little of it. */
export const headStartMs = 250

/** How often a read of each secret waits as long as for a primary that is well: it may be back, and slow, or deny the secret slowly. */
const patientEveryMs = 30_000

const mostRemembered = 10_000

/** Whether the primary is down, and how long a read waits for it meanwhile. */
export class Health {
  readonly #clock: CompleteClock
  #successesMissing = 0
  #downSince = 0
  readonly #lastPatientAt = new RecentlyUsed<string, number>(mostRemembered)

  constructor(clock: CompleteClock) {
    this.#clock = clock
  }

  get isDown(): boolean {
    return this.#successesMissing > 0
  }

  /** Notes that the primary has said something: to deny and to throttle is to answer, too. */
  answered(): void {
    if (this.#successesMissing > 0) this.#successesMissing -= 1
  }

  failed(): void {
    if (!this.isDown) this.#downSince = this.#clock.elapsedMs()
    this.#successesMissing = successesToReturn
  }

  /** How long a read of secrets that begins now waits for a primary that is down before it asks a replica. */
  headStart(secretIds: readonly string[], patienceMs: number): number {
    const now = this.#clock.elapsedMs()
    const isComingBack = this.#successesMissing < successesToReturn
    const isDue = (id: string): boolean => now - Math.max(this.#lastPatientAt.get(id) ?? 0, this.#downSince) >= patientEveryMs
    if (!isComingBack && !secretIds.some(isDue)) return Math.min(headStartMs, patienceMs)
    for (const id of secretIds) this.#lastPatientAt.set(id, now)
    return patienceMs
  }
}
