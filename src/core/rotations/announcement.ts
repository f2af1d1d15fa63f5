import type { Announced } from '../entries/left-versions.js'
import type { RotationChange } from '../events/parsed-event.js'

/** How a refresh for events has ended. */
export interface Ending {
  readonly outcome: 'refreshed' | 'unchanged' | 'rejected'
  /** The reason, unless it is the cause of the event itself. */
  readonly reason?: string
  readonly versionId?: string | undefined
}

/**
 * The events of one secret that wait for a load.
 *
 * Each event costs no more than one entry, and all of them wait for the same promise.
 */
export class Announcement {
  /** The versions that the events name: a refresh that shows one of them is done. */
  readonly versions: Map<string, Announced> = new Map()
  readonly eventIds: (string | undefined)[] = []
  /** The number of events; `#unnamed` is the number of those that name no version. */
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
    // If events name the same version, the latest counts.
    const before = this.versions.get(versionId)
    if (announced.isLater || !before?.isLater) this.versions.set(versionId, announced)
  }

  /** Whether the events announce this version and nothing else. */
  isOnly(versionId: string | undefined): boolean {
    return this.#unnamed === 0 && this.versions.size === 1 && this.versions.has(versionId as string)
  }

  end(ending: Ending): void {
    this.#end(ending)
  }
}
