/** The cache that most services write for themselves. */
export class HandWrittenCache {
  #entries = new Map()

  constructor(load, ttlMs) {
    this.load = load
    this.ttlMs = ttlMs
  }

  async get(id) {
    const entry = this.#entries.get(id)
    if (entry !== undefined && Date.now() < entry.expiresAt) return entry.value
    const value = await this.load(id)
    this.#entries.set(id, { value, expiresAt: Date.now() + this.ttlMs })
    return value
  }
}
