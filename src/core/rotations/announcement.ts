import type { Announced } from '../entries/left-versions.js'
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
  readonly versions: Map<string, Announced> = new Map()
  readonly eventIds: (string | undefined)[] = []
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

  add({ versionId, eventId }: RotationChange, announced: Announced): void {
    this.events += 1
    this.eventIds.push(eventId)
    if (versionId === undefined) {
      this.#unnamed += 1
      return
    }
    // Of events that name the same version, the latest counts.
    const before = this.versions.get(versionId)
    if (announced.isLater || !before?.isLater) this.versions.set(versionId, announced)
  }

  /** Whether that version is all that it announces. */
  isOnly(versionId: string | undefined): boolean {
    return this.#unnamed === 0 && this.versions.size === 1 && this.versions.has(versionId as string)
  }

  end(ending: Ending): void {
    this.#end(ending)
  }
}
