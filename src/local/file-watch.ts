import type { CompleteClock } from '../core/time/clock.js'

/**
 * Often enough for somebody who has just saved a file. Reading a small file takes a tenth of a millisecond.
 *
 * The events of `fs.watch` are no better: they end when an editor replaces the file, a mount in Kubernetes its link, or a checkout the
 * folder, and many mounts of containers have none.
 */
const lookEveryMs = 500

/** What a watch calls. */
export interface Watched {
  look(signal: AbortSignal): Promise<void>
  /** Called with the error of the second look in a row that failed: a file that is only being saved is in order by then. */
  onBroken(error: unknown): void
}

/** Looks at a file at intervals. It never keeps the process alive. */
export class FileWatch {
  readonly #clock: CompleteClock
  readonly #watched: Watched
  #ending: AbortController | undefined

  constructor(clock: CompleteClock, watched: Watched) {
    this.#clock = clock
    this.#watched = watched
  }

  start(): void {
    if (this.#ending !== undefined) return
    this.#ending = new AbortController()
    this.#lookLater(this.#ending.signal)
  }

  stop(): void {
    this.#ending?.abort()
    this.#ending = undefined
  }

  #lookLater(signal: AbortSignal, failedBefore = 0): void {
    const cancel = this.#clock.setTimeout(async () => {
      signal.removeEventListener('abort', cancel)
      const failed = await this.#look(signal, failedBefore)
      if (!signal.aborted) this.#lookLater(signal, failed)
    }, lookEveryMs)
    signal.addEventListener('abort', cancel)
  }

  /** Returns how many looks in a row have failed. */
  async #look(signal: AbortSignal, failedBefore: number): Promise<number> {
    try {
      await this.#watched.look(signal)
      return 0
    } catch (error) {
      if (failedBefore === 1 && !signal.aborted) this.#watched.onBroken(error)
      return failedBefore + 1
    }
  }
}
