import type { CompleteClock } from '../core/time/clock.js'

/** A pause that something may end early. */
export class Pause {
  readonly #clock: CompleteClock
  #end: () => void = () => {}

  constructor(clock: CompleteClock) {
    this.#clock = clock
  }

  take(ms: number): Promise<void> {
    return new Promise(resolve => {
      const cancel = this.#clock.setTimeout(resolve, ms)
      this.#end = () => {
        cancel()
        resolve()
      }
    })
  }

  /** Ends the pause that is on, if one is. */
  end(): void {
    this.#end()
  }
}
