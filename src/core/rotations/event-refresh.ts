import type { Announced } from '../entries/left-versions.js'
import type { Place } from '../entries/selector.js'
import type { RotationChange } from '../events/parsed-event.js'
import type { Failure } from '../failures/failure.js'
import { loadFailed } from '../loads/attempts.js'
import type { LoadContext } from '../loads/load-context.js'
import type { Loader } from '../loads/loader.js'
import { sleep } from '../time/clock.js'
import { Announcement, type Ending } from './announcement.js'

/** Secrets Manager is eventually consistent: an event may arrive before its version can be read. */
const readAgainAfterMs = [0, 200, 500, 1_000, 2_000, 5_000]

/** The longest time until the secret is read again if all these reads returned the old version. */
const doubtedForMs = 60_000

/**
 * Loads one secret repeatedly until the cache holds the version that events have announced.
 *
 * Events that arrive meanwhile join it. Each event needs a load that is sent after it arrived. The secret is looked up at each step, because
 * it may be evicted, deleted or merged in between.
 */
export class EventRefresh {
  readonly #context: LoadContext
  readonly #loader: Loader
  readonly #place: Place
  readonly #onEnded: (announcement: Announcement, ending: Ending) => void
  /** The events for which no load was sent yet. */
  #open = new Announcement()
  /** The events for which loads were sent that have not shown the version yet. */
  #pending: Announcement[] = []
  /** The events whose load failed for a transient reason. */
  readonly failed: Announcement[] = []

  constructor(
    context: LoadContext,
    loader: Loader,
    { place, onEnded }: { place: Place; onEnded: (announcement: Announcement, ending: Ending) => void },
  ) {
    this.#context = context
    this.#loader = loader
    this.#place = place
    this.#onEnded = onEnded
  }

  /** Adds an event. Events that announce the same version, also over different transports, are one change. */
  add(event: RotationChange, announced: Announced): Announcement {
    const { versionId } = event
    const same = versionId === undefined ? undefined : this.#pending.find(({ versions }) => versions.has(versionId))
    const announcement = same ?? this.#open
    announcement.add(event, announced)
    return announcement
  }

  /** Adds events whose load failed, unless another load has meanwhile shown the version that they announce. */
  takeUp(failed: readonly Announcement[]): void {
    for (const announcement of failed) {
      const versionId = this.#heldVersionId
      const { versions } = announcement
      const isMarked = this.#context.index.find(this.#place)?.isAnnounced
      const isShown = versions.size === 0 || versions.has(versionId as string)
      if (!isMarked && isShown) this.#conclude(announcement, { outcome: 'refreshed', versionId })
      else this.#pending.push(announcement)
    }
  }

  /** Runs until no event is open. Never rejects. */
  async run(): Promise<void> {
    while (this.#open.events + this.#pending.length > 0) {
      const ending = await this.#readAgain().catch((thrown): Ending => ended(loadFailed(thrown).failure))
      this.#end(ending)
      // Another load for the open events would fail like this one, or is not needed: the version is already shown.
      if (ending.outcome === 'rejected' || this.#open.isOnly(ending.versionId)) this.#endOpen(ending)
    }
  }

  async #readAgain(): Promise<Ending> {
    const before = this.#heldVersionId
    for (const pauseMs of readAgainAfterMs) {
      if (pauseMs > 0) await sleep(this.#context.clock, pauseMs, this.#loader.closing)
      if (pauseMs === 0 || !this.#shows(before)) {
        const failure = await this.#load()
        if (failure !== undefined) {
          // An earlier load of this refresh has succeeded with an old version and made that fresh. Mark it stale again.
          if (!this.#shows(before)) this.#context.index.find(this.#place)?.announce(this.#context.sequence.next())
          return ended(failure)
        }
      }
      if (this.#shows(before)) return this.#shown(before)
    }
    this.#doubt()
    const versionId = this.#heldVersionId
    return versionId === before ? { outcome: 'unchanged', reason: 'the version has not moved', versionId } : this.#shown(before)
  }

  async #load(): Promise<Failure | undefined> {
    this.#pending.push(this.#open)
    this.#open = new Announcement()
    const announced = this.#pending.flatMap(({ versions }) => [...versions])
    const outcome = await this.#loader.refresh(this.#place, { announced })
    return 'failure' in outcome ? outcome.failure : undefined
  }

  get #heldVersionId(): string | undefined {
    return this.#context.index.find(this.#place)?.held?.versionId
  }

  /** Whether the held version is the one that the events have announced, or a later one. */
  #shows(before: string | undefined): boolean {
    const held = this.#context.index.find(this.#place)?.held
    if (held === undefined) return false
    const named = this.#pending.flatMap(({ versions }) => [...versions])
    const own = new Map([...named, ...this.#open.versions]).get(held.versionId)
    if (own === undefined && (before === undefined ? named.length > 0 : held.versionId === before)) return false
    // An old response may show a version in between. One created after the event is not; event times are in whole seconds.
    return named.every(
      ([versionId, announced]) =>
        versionId === held.versionId ||
        (own !== undefined && !isLater(announced, own)) ||
        !(Number(held.createdAt) < Number(announced.at) + 1_000),
    )
  }

  #shown(before: string | undefined): Ending {
    const entry = this.#context.index.find(this.#place)
    const versionId = this.#heldVersionId
    // The cache held this version before the events arrived, so it has replaced one that the cache never saw.
    const isUnseen = before === undefined || before === versionId
    const announced = this.#pending.map(({ versions }) => versions.get(versionId as string)).find(each => each?.isLater)
    if (isUnseen && announced !== undefined) entry?.markMoved(announced.at)
    return { outcome: 'refreshed', versionId }
  }

  /** Shortens the TTL again: the loads have renewed a version that may be an old one. */
  #doubt(): void {
    this.#context.index.find(this.#place)?.expire(doubtedForMs * (1 - Math.random() / 2))
  }

  #end(ending: Ending): void {
    for (const announcement of this.#pending) this.#conclude(announcement, ending)
    this.#pending = []
  }

  #endOpen(ending: Ending): void {
    this.#conclude(this.#open, ending)
    this.#open = new Announcement()
  }

  #conclude(announcement: Announcement, ending: Ending): void {
    if (ending.outcome === 'rejected') this.failed.push(announcement)
    this.#onEnded(announcement, ending)
    announcement.end(ending)
  }
}

/** For events of the same second, the order of arrival decides. */
function isLater(one: Announced, other: Announced): boolean {
  return one.at === other.at ? one.sequence > other.sequence : Number(one.at) > Number(other.at)
}

/** A denial ends the refresh: access to the secret is gone, and the held value ends with its TTL. A transient failure leaves events open. */
function ended({ kind, code }: Failure): Ending {
  return { outcome: kind === 'transient' ? 'rejected' : 'unchanged', reason: code }
}
