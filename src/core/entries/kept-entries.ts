import { LRUCache } from 'lru-cache'
import type { Entry } from './entry.js'

/** Ticks stay small integers, for which V8 allocates no object. */
const mostTicks = 1_000_000_000

/** Passed to each lookup, so that lru-cache does not allocate an object. */
const sharedOptions: LRUCache.GetOptions<never, never, never> = {}

/**
 * The entries that are kept, in the order of their use, up to a maximum.
 *
 * When there is no room, the oldest failure is evicted first, then the least recently used value. So a flood of ids that do not exist
 * evicts one good value, not all. A pinned entry is never evicted and does not count towards the maximum.
 *
 * A hit only writes a number to its entry. The order of lru-cache is updated before something has to be evicted.
 */
export class KeptEntries {
  readonly #maxEntries: number
  readonly #values: LRUCache<Entry, Entry>
  readonly #failures = new Set<Entry>()
  readonly #pinned = new Set<Entry>()
  /** The entries that were used since the order was last updated. */
  #touched: Entry[] = []
  #tick = 0

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries
    // #makeRoom enforces the maximum, which includes failures; lru-cache requires one of its own.
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
    // Entries that were forgotten meanwhile are only released here.
    if (this.#touched.length > 2 * this.size + 16 || this.#tick > mostTicks) this.#bringUpToDate()
  }

  /** Puts an entry where its state belongs. Returns the entries that were evicted for it. */
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

  /** The oldest failure, except the one just placed: if that were evicted at once, every read of a failing secret would make a call. */
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
