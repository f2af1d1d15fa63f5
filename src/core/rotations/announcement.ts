import type { RotationChange } from './parsed-event.js'

/** How a refresh because of events has ended. */
export interface Ending {
  readonly outcome: 'refreshed' | 'unchanged' | 'rejected'
  /** Why, if it is not for the event's own cause. */
  readonly reason?: string
  readonly versionId?: string | undefined
}

/**
 * What events say of one secret until a load takes account of them.
 *
 * However many events come, each costs an entry of a set, and all wait for one promise.
 */
export class Announcement {
  /** The versions that they name: a refresh that shows one of them is through. */
  readonly versionIds: Set<string> = new Set()
  /** Those of events that are later than what was held when they came: an answer that names one is no old answer. */
  readonly newerIds: Set<string> = new Set()
  readonly eventIds: string[] = []
  /** How many events it is about, and how many of them name no version. */
  events = 0
  #unnamed = 0
  readonly ended: Promise<Ending>
  #end: (ending: Ending) => void = () => {}

  constructor() {
    this.ended = new Promise(resolve => {
      this.#end = resolve
    })
  }

  add({ versionId, eventId }: RotationChange, isLater: boolean): void {
    this.events += 1
    if (eventId !== undefined) this.eventIds.push(eventId)
    if (versionId === undefined) {
      this.#unnamed += 1
      return
    }
    this.versionIds.add(versionId)
    if (isLater) this.newerIds.add(versionId)
  }

  /** Whether that version is all that it announces. */
  isOnly(versionId: string | undefined): boolean {
    return versionId !== undefined && this.#unnamed === 0 && this.versionIds.size === 1 && this.versionIds.has(versionId)
  }

  end(ending: Ending): void {
    this.#end(ending)
  }
}
