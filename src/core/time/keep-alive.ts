/** Longer than any process that waits on it; the timer exists only to be referenced. */
const farAwayMs = 2 ** 31 - 1

/**
 * Keeps the process alive while somebody waits.
 *
 * The cache's own timers are all unreferenced. Without this, a script whose only work is to read one throttled secret would exit in
 * the middle of a pause, its promise never settled.
 */
export class KeepAlive {
  #waiting = 0
  #timer: NodeJS.Timeout | undefined

  /** Holds the process while `work` runs. */
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
