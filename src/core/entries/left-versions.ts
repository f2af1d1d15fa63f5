import type { CompleteClock } from '../time/clock.js'

/** The pauses before another request, if a response shows a version that the label has left: the service is eventually consistent. */
export const goingBackPausesMs: readonly number[] = [200, 500, 1_000, 2_000]

/** A version that is returned for this long is not an old response but a rollback. */
const rollbackAfterMs = goingBackPausesMs.reduce((sum, ms) => sum + ms, 0)

/** A response with a version that the label left less than this ago counts as an old one. */
const leftRecentlyMs = 60_000

/**
 * Why a response may be an old one.
 *
 * - `left`: its version was current until a moment ago
 * - `unseen`: it may be the version before the held one, which the cache never saw, or a newer one
 */
export type Doubt = 'left' | 'unseen'

/** The part of an event about one version. */
export interface Announced {
  /** The sequence number of the event. */
  readonly sequence: number
  /** Whether the event is later than the load of the value that was held when it arrived. */
  readonly isLater: boolean
  /** When the version became current; undefined if the event does not say. */
  readonly at?: number | undefined
}

/** The versions that were current until a moment ago: a response with one of them may be an old one. */
export class LeftVersions {
  readonly #clock: CompleteClock
  readonly #leftAt = new Map<string, number>()
  /** When the label left a version that the cache never saw, because a write or an event had replaced it. */
  #unknownLeftAt = -Infinity
  /** Since when loads have got such versions without enough time to be sure. */
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

  /** The doubt about a version other than the held one. */
  doubtAbout(versionId: string): Doubt | undefined {
    const leftAt = this.#leftAt.get(versionId)
    if (!this.#isRecent(leftAt ?? this.#unknownLeftAt)) return undefined
    const isRollback = this.#clock.now() - this.#goingBackSince >= rollbackAfterMs
    if (isRollback) return undefined
    return leftAt === undefined ? 'unseen' : 'left'
  }

  /** Records that since then a load got nothing but such versions, so that the next loads wait less. */
  goesBack(since: number): void {
    this.#goingBackSince = Math.min(this.#goingBackSince, since)
  }

  /** Records that a version was accepted: a rollback would now have to be shown for the full time again. */
  settle(): void {
    this.#goingBackSince = Infinity
  }

  #isRecent(at: number): boolean {
    return this.#clock.now() - at < leftRecentlyMs
  }
}
