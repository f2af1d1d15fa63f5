import type { Announced } from '../entries/left-versions.js'
import type { Place } from '../entries/selector.js'
import type { Failure } from '../failures/failure.js'
import { loadFailed } from '../loads/attempts.js'
import type { LoadContext } from '../loads/load-context.js'
import type { Loader } from '../loads/loader.js'
import { sleep } from '../time/clock.js'
import { Announcement, type Ending } from './announcement.js'
import type { RotationChange } from './parsed-event.js'

/** Secrets Manager is eventually consistent: an event may come before the version that it tells of can be read. */
const readAgainAfterMs = [0, 200, 500, 1_000, 2_000, 5_000]

/** What is held after so many old answers is read again by then at the latest. */
const doubtedForMs = 60_000

/**
 * Reads one secret again until it shows what events have announced.
 *
 * Events that come meanwhile join it: those before a load was sent end with that, and later ones with a load that is sent after them.
 * The secret is looked up at each step, so it may be evicted, deleted or merged in the middle.
 */
export class EventRefresh {
  readonly #context: LoadContext
  readonly #loader: Loader
  readonly #place: Place
  readonly #onEnded: (announcement: Announcement, ending: Ending) => void
  /** Of events that no load has been sent for yet. */
  #open = new Announcement()
  /** Of those that loads were sent for, which have not shown it yet. */
  #pending: Announcement[] = []
  /** Of those whose load has failed for the moment. */
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

  /** Takes in a further event: with those that announce the same version, by whatever ways they come, it is one change. */
  add(event: RotationChange, announced: Announced): Announcement {
    const { versionId } = event
    const same = versionId === undefined ? undefined : this.#pending.find(({ versions }) => versions.has(versionId))
    const announcement = same ?? this.#open
    announcement.add(event, announced)
    return announcement
  }

  /** Takes up events whose load has failed, unless another load has shown by now what they announce. */
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
      // Their load would fail as this one has, or has shown them already.
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
          // A load that has gone well before it, and shown an older version, is none that readers need not look behind.
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

  /** Whether what is held is what the events have announced, or what came after it. */
  #shows(before: string | undefined): boolean {
    const held = this.#context.index.find(this.#place)?.held
    if (held === undefined) return false
    const named = this.#pending.flatMap(({ versions }) => [...versions])
    const own = new Map([...named, ...this.#open.versions]).get(held.versionId)
    if (own === undefined && (before === undefined ? named.length > 0 : held.versionId === before)) return false
    // An old answer may show a version between. What was made after an event is none; its time is in whole seconds.
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
    // Held before the events came to it, it has replaced a version that was never seen here.
    const isUnseen = before === undefined || before === versionId
    const announced = this.#pending.map(({ versions }) => versions.get(versionId as string)).find(each => each?.isLater)
    if (isUnseen && announced !== undefined) entry?.markMoved(announced.at)
    return { outcome: 'refreshed', versionId }
  }

  /** The loads have renewed what may be an old version: its TTL is not to begin anew. */
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

/** Of events of one second the order in which they came tells. */
function isLater(one: Announced, other: Announced): boolean {
  return one.at === other.at ? one.sequence > other.sequence : Number(one.at) > Number(other.at)
}

/** A denial is an answer: the secret is gone, and what is held ends with its TTL. A transient failure leaves the events open. */
function ended({ kind, code }: Failure): Ending {
  return { outcome: kind === 'transient' ? 'rejected' : 'unchanged', reason: code }
}
