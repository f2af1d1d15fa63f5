/** How many events are remembered, so that a second delivery makes no call. */
const mostRemembered = 1_000

/** The ids of events that were fully handled. An event whose refresh failed is handled again when it is delivered again. */
export class RememberedEvents {
  readonly #ids = new Set<string | undefined>()

  has(eventId: string | undefined): boolean {
    return this.#ids.has(eventId)
  }

  add(eventId: string): void {
    this.#ids.add(eventId)
    const [oldest] = this.#ids
    if (this.#ids.size > mostRemembered) this.#ids.delete(oldest)
  }
}
