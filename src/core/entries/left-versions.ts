import type { CompleteClock } from '../time/clock.js'

/** The pauses before a version that was left is asked for again: the service is eventually consistent. */
export const goingBackPausesMs: readonly number[] = [200, 500, 1_000, 2_000]

/** What is answered for so long is no old answer but a rollback. */
const rollbackAfterMs = goingBackPausesMs.reduce((sum, ms) => sum + ms, 0)

/** An answer that names a version which was left less than this ago is taken for an old answer. */
const leftRecentlyMs = 60_000

/**
 * Why an answer may be an old one.
 *
 * - `left`: its version was current until a moment ago
 * - `unseen`: it may be the version before the one that is held, which was never seen, or a newer one
 */
export type Doubt = 'left' | 'unseen'

/** What an event says of a version. */
export interface Announced {
  /** Its place in the order of loads, invalidations and events. */
  readonly sequence: number
  /** Whether it is later than the load that had brought what was held when it came. */
  readonly isLater: boolean
  /** When that became current; undefined if the event does not say. */
  readonly at?: number | undefined
}

/** The versions that were current until a moment ago: an answer that names one of them may be an old answer. */
export class LeftVersions {
  readonly #clock: CompleteClock
  readonly #leftAt = new Map<string, number>()
  /** When a version was left that was never seen here: which one a write or an event has replaced is not known. */
  #unknownLeftAt = -Infinity
  /** Since when loads whose deadline was too short to be sure of it were given such versions. */
  #goingBackSince = Infinity

  constructor(clock: CompleteClock) {
    this.#clock = clock
  }

  add(versionId: string): void {
    this.#unknownLeftAt = -Infinity
    for (const [left, at] of this.#leftAt) if (!this.#isRecent(at)) this.#leftAt.delete(left)
    this.#leftAt.set(versionId, this.#clock.now())
  }

  addUnknown(at: number): void {
    this.#unknownLeftAt = Math.max(at, this.#unknownLeftAt)
  }

  /** Of a version which is not the one that is held. */
  doubtAbout(versionId: string): Doubt | undefined {
    const leftAt = this.#leftAt.get(versionId)
    if (!this.#isRecent(leftAt ?? this.#unknownLeftAt)) return undefined
    const isRollback = this.#clock.now() - this.#goingBackSince >= rollbackAfterMs
    if (isRollback) return undefined
    return leftAt === undefined ? 'unseen' : 'left'
  }

  /** Notes that a load was given nothing but such versions since then: the next ones need not wait as long. */
  goesBack(since: number): void {
    this.#goingBackSince = Math.min(this.#goingBackSince, since)
  }

  /** Some version was taken: what goes back has to begin anew. */
  settle(): void {
    this.#goingBackSince = Infinity
  }

  #isRecent(at: number): boolean {
    return this.#clock.now() - at < leftRecentlyMs
  }
}
