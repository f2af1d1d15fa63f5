import type { CompleteClock } from '../core/time/clock.js'
import { RecentlyUsed } from '../signals/recently-used.js'

/** How many responses in a row the primary needs until it counts as healthy: one that comes and goes is not reliable. */
const successesToReturn = 3

/** How long a read waits for a primary that is down: short, so that readers notice little of it. */
export const headStartMs = 250

/** How often a read of each secret waits as long as for a healthy primary: it may be back but slow, or deny the secret slowly. */
const patientEveryMs = 30_000

const mostRemembered = 10_000

/** Tracks whether the primary is down, and how long a read waits for it meanwhile. */
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

  /** Records a response of the primary. A denial and throttling are responses too. */
  answered(): void {
    if (this.#successesMissing > 0) this.#successesMissing -= 1
  }

  failed(): void {
    if (!this.isDown) this.#downSince = this.#clock.elapsedMs()
    this.#successesMissing = successesToReturn
  }

  /** How long a read that begins now waits for a primary that is down before it turns to a replica. */
  headStart(secretIds: readonly string[], patienceMs: number): number {
    const now = this.#clock.elapsedMs()
    const isComingBack = this.#successesMissing < successesToReturn
    const isDue = (id: string): boolean => now - Math.max(this.#lastPatientAt.get(id) ?? 0, this.#downSince) >= patientEveryMs
    if (!isComingBack && !secretIds.some(isDue)) return Math.min(headStartMs, patienceMs)
    for (const id of secretIds) this.#lastPatientAt.set(id, now)
    return patienceMs
  }
}
