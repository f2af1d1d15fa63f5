import type { HeldVersion } from '../entries/held-version.js'
import type { Announced } from '../entries/left-versions.js'
import type { Place } from '../entries/selector.js'
import type { Failure } from '../failures/failure.js'
import type { AwakeLimit } from '../time/awake-limit.js'
import type { CompleteClock } from '../time/clock.js'
import type { KeepAlive } from '../time/keep-alive.js'
import { untilAborted } from '../time/until-aborted.js'

/** How a load ended. A value and not a rejection, because there may be no handler for a rejection. */
export type Outcome = { readonly held: HeldVersion } | { readonly failure: Failure }

/** One load under way, as seen by those that wait for it. */
export class Load {
  /** The secret that it loads, by the id that it sends. */
  readonly place: Place
  /** Its number in the order of loads, invalidations and events of the cache; undefined while it waits for its turn. */
  sequence: number | undefined
  /** Its deadline, once it has begun. */
  limit: AwakeLimit | undefined
  /** Whether a request was sent. To callers from then on, its response may be too old. */
  sent = false
  /** What events have said about versions that this load may return. */
  readonly announced: Map<string, Announced> = new Map()
  readonly outcome: Promise<Outcome>
  /** Whether it was ended early: then its failure is not reported. */
  isGivenUp = false

  readonly #keepAlive: KeepAlive
  readonly #controller = new AbortController()
  #waiting = 0
  #patience: Promise<undefined> | undefined

  constructor(place: Place, keepAlive: KeepAlive, run: (load: Load) => Promise<Outcome>) {
    this.place = place
    this.#keepAlive = keepAlive
    this.outcome = run(this)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Whether any caller waits for it. */
  get awaited(): boolean {
    return this.#waiting > 0
  }

  abort(reason: Error): void {
    this.#controller.abort(reason)
  }

  /** Waits for the end; the signal of the caller ends the wait, not the load. */
  wait(signal?: AbortSignal): Promise<Outcome> {
    return this.#waitFor(this.outcome, signal)
  }

  /** As `wait`, but resolves with undefined once the first caller of this method has waited for `ms`. */
  waitAtMost(clock: CompleteClock, ms: number, signal?: AbortSignal): Promise<Outcome | undefined> {
    this.#patience ??= new Promise(resolve => {
      void this.outcome.then(clock.setTimeout(() => resolve(undefined), ms))
    })
    return this.#waitFor(Promise.race([this.outcome, this.#patience]), signal)
  }

  #waitFor<T>(end: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    this.#waiting += 1
    return this.#keepAlive.during(async () => {
      try {
        return await untilAborted(end, signal)
      } finally {
        this.#waiting -= 1
      }
    })
  }
}
