/** A map with a maximum size that drops the least recently used entry first. */
export class RecentlyUsed<Key, Value> {
  readonly #max: number
  /** A Map keeps the order in which its keys were set. */
  readonly #values = new Map<Key, Value>()

  constructor(max: number) {
    this.#max = max
  }

  has(key: Key): boolean {
    return this.#values.has(key)
  }

  get(key: Key): Value | undefined {
    const value = this.#values.get(key)
    if (value !== undefined) this.set(key, value)
    return value
  }

  set(key: Key, value: Value): void {
    this.#values.delete(key)
    this.#values.set(key, value)
    if (this.#values.size <= this.#max) return
    for (const oldest of this.#values.keys()) {
      this.#values.delete(oldest)
      return
    }
  }

  values(): Iterable<Value> {
    return this.#values.values()
  }

  delete(key: Key): void {
    this.#values.delete(key)
  }
}
