import type { MeteredCache } from './metrics-options.js'
import { insideOf } from './servable.js'

/** The secrets that a cache is expected to load, by the ids that the application has configured. */
export class ExpectedSecrets {
  readonly #cache: MeteredCache
  readonly #versionStage: string
  readonly #ids: readonly string[]
  readonly #loaded = new Set<string>()

  constructor(cache: MeteredCache, ids: readonly string[]) {
    this.#cache = cache
    this.#versionStage = insideOf(cache)?.versionStage ?? 'AWSCURRENT'
    this.#ids = [...new Set(ids)]
    this.look()
  }

  /** Remembers those that the cache holds: once loaded, a secret may be evicted or expire. */
  look(): void {
    for (const id of this.#ids) {
      if (!this.#loaded.has(id) && this.#cache.peek(id, { versionStage: this.#versionStage })) this.#loaded.add(id)
    }
  }

  /** Each id, and whether the secret was ever loaded. */
  all(): { id: string; isLoaded: boolean }[] {
    this.look()
    return this.#ids.map(id => ({ id, isLoaded: this.#loaded.has(id) }))
  }
}
