import type { Failure } from '../failures/failure.js'
import type { HeldVersion } from '../secrets/held-version.js'
import type { CompleteClock } from '../time/clock.js'
import type { KeepAlive } from '../time/keep-alive.js'
import { untilAborted } from '../time/until-aborted.js'

/** How a load ended. A value and not a rejection: nobody may be there to catch one. */
export type Outcome = { readonly held: HeldVersion } | { readonly failure: Failure }

/** One load under way, as those see it who wait for it. */
export class Load {
  /** Its place among all loads and invalidations of the cache; none while a forced load still waits for its turn. */
  sequence: number | undefined
  startedAt = 0
  /** Whether a request has gone out. Who asks from then on may be told an older truth than theirs. */
  sent = false
  /** The version that an event announced. */
  expected: string | undefined
  readonly outcome: Promise<Outcome>

  readonly #keepAlive: KeepAlive
  readonly #controller = new AbortController()
  #waiting = 0
  #patience: Promise<undefined> | undefined

  constructor(keepAlive: KeepAlive, run: (load: Load) => Promise<Outcome>) {
    this.#keepAlive = keepAlive
    this.outcome = run(this)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Whether anybody waits for it. */
  get awaited(): boolean {
    return this.#waiting > 0
  }

  abort(reason: Error): void {
    this.#controller.abort(reason)
  }

  /** Waits for the end; the caller's abort ends the waiting, not the load. */
  wait(signal?: AbortSignal): Promise<Outcome> {
    return this.#waitFor(this.outcome, signal)
  }

  /** As `wait`, but answers undefined once the first of those who wait so has waited for `ms`. */
  waitAtMost(clock: CompleteClock, ms: number, signal?: AbortSignal): Promise<Outcome | undefined> {
    this.#patience ??= new Promise(resolve => {
      const cancel = clock.setTimeout(() => resolve(undefined), ms)
      void this.outcome.then(cancel)
    })
    return this.#waitFor(Promise.race([this.outcome, this.#patience]), signal)
  }

  async #waitFor<T>(end: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    this.#waiting += 1
    this.#keepAlive.hold()
    try {
      return await untilAborted(end, signal)
    } finally {
      this.#waiting -= 1
      this.#keepAlive.release()
    }
  }
}
