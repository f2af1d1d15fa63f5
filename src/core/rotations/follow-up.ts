import type { Place } from '../entries/selector.js'
import type { LoadContext } from '../loads/load-context.js'
import type { Loader } from '../loads/loader.js'

/**
 * Reads a followed secret again, by its backoff, after the refresh for an event has failed.
 *
 * Readers bring about the loads of other secrets. Those of pools and swaps come with new connections only, which may be hours away.
 */
export class FollowUp {
  readonly #context: LoadContext
  readonly #loader: Loader

  constructor(context: LoadContext, loader: Loader) {
    this.#context = context
    this.#loader = loader
  }

  /** Goes on until a load has gone well, or nobody follows the secret any more. */
  schedule(place: Place): void {
    const { clock, index } = this.#context
    const entry = index.find(place)
    if (entry?.trouble === undefined || !this.#isNeeded(place)) return
    clock.setTimeout(() => void this.#load(place), Math.max(0, entry.trouble.retryAt - clock.now()))
  }

  async #load(place: Place): Promise<void> {
    if (!this.#isNeeded(place)) return
    await this.#loader.join(place)?.outcome
    this.schedule(place)
  }

  #isNeeded(place: Place): boolean {
    const entry = this.#context.index.find(place)
    return entry?.isPinned === true && entry.isAnnounced && !this.#loader.closing.aborted
  }
}
