import { LRUCache } from 'lru-cache'

/** Handed over at each look-up, so that lru-cache makes no object of its own for it. */
const sharedOptions: LRUCache.GetOptions<never, never, never> = {}

/** What the store keeps for an id. */
export interface Stored {
  /** Followed by a pool, a swap or a listening handle: such a one never has to go. */
  readonly pinned: boolean
  /** Whether it has a value to serve, not just the memory of a failure. */
  readonly hasValue: boolean
}

/**
 * Keeps at most `maxEntries` entries.
 *
 * When there is no room, the oldest failure goes first, then the value that was used least recently; a pinned one stays. So a flood of
 * ids that do not exist costs one good value, not all.
 */
export class BoundedStore<Key extends {}, Entry extends Stored> {
  readonly #maxEntries: number
  readonly #onEvicted: (entry: Entry) => void
  readonly #values: LRUCache<Key, Entry>
  readonly #pinned = new Map<Key, Entry>()
  readonly #failures = new Map<Key, Entry>()
  #lastKey: Key | undefined
  #last: Entry | undefined

  constructor(maxEntries: number, onEvicted: (entry: Entry) => void) {
    this.#maxEntries = maxEntries
    this.#onEvicted = onEvicted
    // The bound is kept by #makeRoom, which also counts failures and pinned entries; lru-cache wants one of its own.
    this.#values = new LRUCache({ max: maxEntries + 1 })
  }

  get size(): number {
    return this.#values.size + this.#pinned.size + this.#failures.size
  }

  /** The value under the id it was first read by, marked as just used. */
  use(key: Key): Entry | undefined {
    // The one that was used last is where it belongs already.
    if (key === this.#lastKey) return this.#last
    const entry = this.#values.get(key, sharedOptions) ?? this.#pinned.get(key)
    this.#lastKey = entry && key
    this.#last = entry
    return entry
  }

  /** As `use`, leaving the order as it is. */
  peek(key: Key): Entry | undefined {
    return key === this.#lastKey ? this.#last : (this.#values.peek(key) ?? this.#pinned.get(key))
  }

  /** Puts an entry where it now belongs: call it after what `Stored` says of it has changed. */
  place(key: Key, entry: Entry): void {
    this.remove(key)
    if (entry.pinned) this.#pinned.set(key, entry)
    else if (entry.hasValue) this.#values.set(key, entry)
    else this.#failures.set(key, entry)
    this.#makeRoom(key)
  }

  remove(key: Key): void {
    this.#forgetLast()
    this.#values.delete(key)
    this.#pinned.delete(key)
    this.#failures.delete(key)
  }

  clear(): void {
    this.#forgetLast()
    this.#values.clear()
    this.#pinned.clear()
    this.#failures.clear()
  }

  #forgetLast(): void {
    this.#lastKey = undefined
    this.#last = undefined
  }

  #makeRoom(placed: Key): void {
    while (this.size > this.#maxEntries) {
      this.#forgetLast()
      const evicted = this.#oldestFailure(placed) ?? this.#values.pop()
      if (evicted === undefined) return
      this.#onEvicted(evicted)
    }
  }

  /** Spares the one that was just placed: forgotten at once, a failing secret would be asked for again at every read. */
  #oldestFailure(placed: Key): Entry | undefined {
    for (const [key, entry] of this.#failures) {
      if (key === placed) continue
      this.#failures.delete(key)
      return entry
    }
    return undefined
  }
}
