import { LRUCache } from 'lru-cache'
import type { Entry } from './entry.js'

/** Ticks of the order of use stay small integers, which cost no object of their own. */
const mostTicks = 1_000_000_000

/** Handed over at each look-up, so that lru-cache makes no object of its own for it. */
const sharedOptions: LRUCache.GetOptions<never, never, never> = {}

/**
 * The entries that are kept, in the order of their use, and their bound.
 *
 * When there is no room, the oldest failure goes first, then the value that was used least recently. So a flood of ids that do not exist
 * costs one good value, not all. A pinned entry stays, and takes nobody's room.
 *
 * A hit only writes a number onto its entry. The order of lru-cache is brought up to date when it is asked: before something has to go.
 */
export class KeptEntries {
  readonly #maxEntries: number
  readonly #values: LRUCache<Entry, Entry>
  readonly #failures = new Set<Entry>()
  readonly #pinned = new Set<Entry>()
  /** Those that were used since the order was last brought up to date. */
  #touched: Entry[] = []
  #tick = 0

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries
    // The bound is kept by #makeRoom, which also counts failures; lru-cache wants one of its own.
    this.#values = new LRUCache({ max: maxEntries + 1 })
  }

  get size(): number {
    return this.#values.size + this.#failures.size + this.#pinned.size
  }

  /** Marks an entry as used now. */
  touch(entry: Entry): void {
    this.#tick += 1
    entry.usedAt = this.#tick
    if (entry.isTouched) return
    entry.isTouched = true
    this.#touched.push(entry)
    // What was forgotten since is only let go of here.
    if (this.#touched.length > 2 * this.size + 16 || this.#tick > mostTicks) this.#bringUpToDate()
  }

  /** Puts an entry where its state belongs. Says which others had to go. */
  place(entry: Entry): Entry[] {
    this.#takeOut(entry)
    if (entry.isPinned) {
      if (entry.held !== undefined || entry.trouble !== undefined) this.#pinned.add(entry)
    } else if (entry.held !== undefined) {
      this.#values.set(entry, entry)
      this.touch(entry)
    } else if (entry.trouble !== undefined) {
      this.#failures.add(entry)
    }
    return this.#makeRoom(entry)
  }

  clear(): void {
    this.#values.clear()
    this.#failures.clear()
    this.#pinned.clear()
    this.#touched = []
  }

  #takeOut(entry: Entry): void {
    this.#values.delete(entry)
    this.#failures.delete(entry)
    this.#pinned.delete(entry)
  }

  #makeRoom(placed: Entry): Entry[] {
    const gone: Entry[] = []
    while (this.#values.size + this.#failures.size > this.#maxEntries) {
      const next = this.#oldestFailure(placed) ?? this.#leastRecentlyUsed()
      if (next === undefined) break
      this.#takeOut(next)
      gone.push(next)
    }
    return gone
  }

  /** Spares the one that was just placed: forgotten at once, a failing secret would be asked for again at every read. */
  #oldestFailure(placed: Entry): Entry | undefined {
    for (const entry of this.#failures) if (entry !== placed) return entry
    return undefined
  }

  #leastRecentlyUsed(): Entry | undefined {
    this.#bringUpToDate()
    return this.#values.pop()
  }

  #bringUpToDate(): void {
    for (const entry of this.#touched.sort((one, other) => one.usedAt - other.usedAt)) {
      entry.isTouched = false
      this.#values.get(entry, sharedOptions)
    }
    this.#touched = []
    this.#tick = 0
  }
}
