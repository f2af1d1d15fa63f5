/** The listeners of a fake's events. */
export class Listeners<Event> {
  readonly #all = new Set<(event: Event) => unknown>()

  /** Adds a listener; the returned function removes it. */
  add(listener: (event: Event) => unknown): () => void {
    this.#all.add(listener)
    return () => {
      this.#all.delete(listener)
    }
  }

  tell(event: Event): void {
    for (const listener of [...this.#all]) listener(event)
  }
}
