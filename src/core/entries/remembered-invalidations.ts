/** Beyond so many it is worth a look which are still needed. */
const manyInvalidations = 1_000

/**
 * Invalidations while it is not known yet whose loads are under way.
 *
 * A load by another id may be of the secret that was invalidated. Whether it is shows when it is answered: then what concerns it is
 * looked up here, and no other load has lost anything.
 */
export class RememberedInvalidations {
  /** By the id that was invalidated, when it last was. */
  readonly #byId = new Map<string, number>()
  /** The loads under way whose secret is not known, by when they began. */
  readonly #loads = new Map<symbol, number>()

  /** Brackets, with `loadEnds`, a load whose secret is not known. */
  loadBegins(sequence: number): symbol {
    const load = Symbol('load')
    this.#loads.set(load, sequence)
    return load
  }

  loadEnds(load: symbol): void {
    this.#loads.delete(load)
    if (this.#loads.size === 0) this.#byId.clear()
  }

  add(secretId: string, sequence: number): void {
    if (this.#loads.size === 0) return
    this.#byId.set(secretId, sequence)
    if (this.#byId.size > manyInvalidations) this.#prune()
  }

  /** When a secret was last invalidated by an id that turns out to mean it; 0 for never. */
  lastOf(isMeant: (secretId: string) => boolean): number {
    let last = 0
    for (const [secretId, sequence] of this.#byId) if (sequence > last && isMeant(secretId)) last = sequence
    return last
  }

  #prune(): void {
    const oldest = Math.min(...this.#loads.values())
    for (const [secretId, sequence] of this.#byId) if (sequence < oldest) this.#byId.delete(secretId)
  }
}
