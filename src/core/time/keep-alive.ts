/** Longer than any wait: the timer exists only to keep the event loop alive. */
const farAwayMs = 2 ** 31 - 1

/**
 * Keeps the process alive while somebody waits.
 *
 * The timers of the cache are all unreferenced. Without this, a script that does nothing but read one throttled secret would exit during a
 * pause, and its promise would never settle.
 */
export class KeepAlive {
  #waiting = 0
  #timer: NodeJS.Timeout | undefined

  /** Keeps the process alive while `work` runs. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting += 1
    this.#timer ??= setInterval(() => {}, farAwayMs)
    try {
      return await work()
    } finally {
      this.#waiting -= 1
      if (this.#waiting === 0) {
        clearInterval(this.#timer)
        this.#timer = undefined
      }
    }
  }
}
