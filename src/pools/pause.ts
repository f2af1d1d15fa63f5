import type { CompleteClock } from '../core/time/clock.js'

/** A pause that can be ended early. */
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

  /** Ends the current pause, if there is one. */
  end(): void {
    this.#end()
  }
}
