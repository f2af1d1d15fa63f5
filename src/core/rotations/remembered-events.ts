import type { RotationChange } from './parsed-event.js'

/** How many events are remembered, so that one that is delivered twice costs nothing. */
const mostRemembered = 1_000

/** What an event is known by. A bus of one's own may give an id twice: it counts with what the event says. Undefined if it has none. */
export function keyOf({ eventId, secretId, versionId }: RotationChange): string | undefined {
  return eventId && `${eventId} ${secretId} ${versionId}`
}

/** The keys of events that were dealt with for good. One whose refresh failed works when it is delivered again. */
export class RememberedEvents {
  readonly #keys = new Set<string | undefined>()

  has(key: string | undefined): boolean {
    return this.#keys.has(key)
  }

  add(key: string): void {
    this.#keys.add(key)
    const [oldest] = this.#keys
    if (this.#keys.size > mostRemembered) this.#keys.delete(oldest)
  }
}
