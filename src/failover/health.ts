import type { CompleteClock } from '../core/time/clock.js'

/** So often in a row the primary must answer until its answers are taken again: one that comes and goes is none to rely on. */
const successesToReturn = 3

/** A primary that is down is waited for no longer, so that readers notice little of it. */
const headStartMs = 250

/** How often one read waits as long as for a primary that is well: it may be back, and slow. */
const patientEveryMs = 30_000

/** Whether the primary is down, and how long a read waits for it meanwhile. */
export class Health {
  readonly #clock: CompleteClock
  #successesMissing = 0
  #lastPatientAt = 0

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
    this.#successesMissing = successesToReturn
    this.#lastPatientAt = this.#clock.elapsedMs()
  }

  /** How long a read that begins now waits for a primary that is down before it asks a replica. */
  headStart(patienceMs: number): number {
    const now = this.#clock.elapsedMs()
    const isComingBack = this.#successesMissing < successesToReturn
    if (!isComingBack && now - this.#lastPatientAt < patientEveryMs) return Math.min(headStartMs, patienceMs)
    this.#lastPatientAt = now
    return patienceMs
  }
}
