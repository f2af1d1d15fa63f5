import type { Failure } from '../failures/failure.js'
import type { SecretValue } from '../secrets/source.js'
import { pauseAfter } from '../time/backoff.js'
import type { Follower } from './followers.js'
import { drawTtl, isFresh, type Phase, pauses, phaseOf, servableOver, type Trouble } from './freshness.js'
import { HeldVersion } from './held-version.js'
import { type Announced, type Doubt, LeftVersions } from './left-versions.js'
import type { RecordOf } from './secret-record.js'
import type { Selector } from './selector.js'

/** What happens to an entry. Sequence numbers are drawn from one counter for loads, invalidations and events of all secrets. */
export type Transition =
  /** A load has brought a version. */
  | { readonly kind: 'succeeded'; readonly held: HeldVersion }
  /** An attempt has failed. */
  | { readonly kind: 'failed'; readonly failure: Failure; readonly sequence: number; readonly pauseMs: number }
  /** A load takes so long that readers have stopped waiting for it. */
  | { readonly kind: 'late'; readonly failure: Failure; readonly sequence: number }
  /** The next read waits for a new load, which no pause of the time before holds back. */
  | { readonly kind: 'invalidated' }
  /** The TTL ends after so many milliseconds at most: an event has announced another version, or the clock is in doubt. */
  | { readonly kind: 'expires'; readonly withinMs: number }
  /** Another entry has turned out to be this one. */
  | { readonly kind: 'inherited'; readonly from: Entry }
  /** Value and failures are forgotten. */
  | { readonly kind: 'forgotten' }

/** One secret as the cache knows it. */
export type SecretRecord = RecordOf<Entry>

/** A load's place among all, and when its request was sent. */
export interface Loaded {
  readonly sequence: number
  readonly sentAt: number
  /** The place of its end. */
  readonly endedAs: number
}

/**
 * While something can be served, the pauses after failures begin where those of a secret without a value are after so many failures:
 * a fleet that has lost the service must not keep half of its quota busy with asking whether it is back.
 */
const stepsSkippedWhileServing = 6

/**
 * One secret at one stage or version: what is known of it.
 *
 * Three invariants hold, whatever is interleaved:
 *
 * 1. A slot for a load in flight is cleared only by the load that owns it (`Slots.leave`).
 * 2. A result of an older generation is never served without a new load: one that began before the last invalidation is kept only as a
 *    last known good that readers wait to replace, and one that began before the load whose result is held not at all (`succeed`).
 * 3. A load that began before `invalidate()` never answers a read made after it (`isVoid`, asked by `Slots.joinable`).
 */
export class Entry {
  readonly record: SecretRecord
  readonly selector: Selector
  #held: HeldVersion | undefined
  #trouble: Trouble | undefined
  /** An event up to this sequence number has announced another version. */
  #announcedUpTo = 0
  /** Loads up to this one know nothing that may be kept: the entry was forgotten since. */
  #forgottenUpTo = 0
  /** As `#forgottenUpTo`, where its own id was given, not one that may be another secret's. */
  #deletedUpTo = 0
  /** The version that was held last, while somebody who follows the entry is to hear of the next one. */
  #lastVersionId: string | undefined
  /** Undefined until a version is left: most secrets never rotate while they are held. */
  #left: LeftVersions | undefined
  /** Who hears its rotations. A followed entry is pinned: it is never evicted. */
  followers: Set<Follower<Entry>> | undefined
  /** When the version that is held was first stored. */
  #heldSince = 0
  /** The load that was begun last. */
  begunUpTo = 0
  /** When it was last used, in ticks of the order of use. */
  usedAt = 0
  isTouched = false

  constructor(record: SecretRecord, selector: Selector) {
    this.record = record
    this.selector = selector
  }

  get held(): HeldVersion | undefined {
    return this.#held
  }

  get trouble(): Trouble | undefined {
    return this.#trouble
  }

  /** Whether it is for the stage that is read when a read names none. */
  get isCurrent(): boolean {
    return this.selector === this.record.context.selector
  }

  /** Whether its label, with or without a version beside it, may move with that stage. A version read by its id alone stays what it is. */
  get followsCurrent(): boolean {
    return !this.isCurrent && this.selector.versionStage !== undefined
  }

  get isPinned(): boolean {
    return Boolean(this.followers?.size)
  }

  /** Whether nothing would be lost without it. */
  get isEmpty(): boolean {
    return this.#held === undefined && this.#trouble === undefined && !this.isPinned
  }

  /** The version that was last seen here. */
  get lastVersionId(): string | undefined {
    return this.#held?.versionId ?? this.#lastVersionId
  }

  phaseAt(now: number): Phase {
    return phaseOf(this.#held, this.#trouble, this.record.settings, now)
  }

  /**
   * As `phaseAt`, for a reader whose own load has failed. That load may be void by now, which keeps its failure from later readers, but
   * this one asked for nothing else: a denial leaves it nothing, unless something newer is held.
   */
  phaseAfter({ failure, sequence }: { failure: Failure; sequence: number }, now: number): Phase {
    const phase = this.phaseAt(now)
    if (!this.#isNewer(sequence)) return phase
    const { settings } = this.record
    return phaseOf(this.#held, { servableMs: servableOver(failure, settings) }, settings, now) === 'gone' ? 'gone' : phase
  }

  pausesAt(now: number): boolean {
    return pauses(this.#trouble, now)
  }

  /** Whether it is known to hold the version that an event names. */
  isSettledOn(versionId: string): boolean {
    const { held } = this
    return held?.versionId === versionId && !held.invalidated && this.#trouble === undefined && !this.isAnnounced
  }

  /** Whether an event has announced another version, and no load since has gone well. */
  get isAnnounced(): boolean {
    return this.#announcedUpTo > (this.#held?.sequence ?? 0)
  }

  /** Whether no load has begun since the last invalidation. The next one draws from the bucket, as what may be asked for without end. */
  get needsTurn(): boolean {
    return this.record.voidUpTo > this.begunUpTo
  }

  /** Whether a load may not answer a read made now. */
  isVoid(sequence: number): boolean {
    const { voidUpTo, movedUpTo } = this.record
    return sequence <= voidUpTo || (this.followsCurrent && sequence <= movedUpTo)
  }

  /** Whether the outcome of a load may change what is known. */
  accepts(sequence: number): boolean {
    return !this.isVoid(sequence) && this.#isNewer(sequence)
  }

  /** Takes in what a load has brought. Undefined if something newer is known; else what is held now, and which version it replaces. */
  succeed(
    value: SecretValue,
    { sequence, sentAt, endedAs }: Loaded,
  ): { held: HeldVersion; previousVersionId: string | undefined } | undefined {
    if (!this.#isNewer(sequence) || sequence <= this.#forgottenUpTo) return undefined
    const { context, settings } = this.record
    // The record's strings, not their copies of each answer.
    const { arn = value.arn, name = value.name } = this.record
    const freshMs = sequence <= this.#announcedUpTo ? 0 : drawTtl(settings)
    // Overtaken by an invalidation it is still the newest that is known: the last known good, should the next load fail.
    const stamp = { loadedAt: sentAt, freshMs, invalidated: this.isVoid(sequence), sequence }
    this.#left?.settle()
    const previous = this.#held
    const lastVersionId = this.lastVersionId
    if (previous?.isVersionOf(value)) {
      previous.renew({ ...value, arn }, stamp)
      this.#apply({ kind: 'succeeded', held: previous })
      return { held: previous, previousVersionId: undefined }
    }
    const held = new HeldVersion({ ...value, arn, name }, context.clock, stamp)
    previous?.restamp({ freshMs: 0 })
    // Also of what was forgotten since: an old answer must not turn back what followers are told of now.
    if (lastVersionId !== undefined) this.#recentlyLeft().add(lastVersionId)
    this.#heldSince = endedAs
    this.#apply({ kind: 'succeeded', held })
    return { held, previousVersionId: lastVersionId === held.versionId && previous === undefined ? undefined : lastVersionId }
  }

  /** Notes a failed attempt. Says how long to pause before the next: somebody waits for a forced load. */
  fail(failure: Failure, { sequence, forced }: { sequence: number; forced: boolean }): number {
    const { settings, context } = this.record
    const attempts = (this.#trouble?.attempts ?? 0) + 1
    const servable =
      phaseOf(this.#held, this.#trouble, settings, context.clock.now()) !== 'gone' && servableOver(failure, settings) > 0
    const skipped = servable && !forced && !this.isAnnounced ? stepsSkippedWhileServing : 0
    const pauseMs = pauseAfter(attempts + skipped, settings.backoff)
    if (this.accepts(sequence)) this.#apply({ kind: 'failed', failure, sequence, pauseMs })
    return pauseMs
  }

  /** Readers have stopped waiting for a load that has this sequence number. */
  losePatience(failure: Failure, sequence: number): void {
    if (this.#trouble === undefined && this.accepts(sequence)) this.#apply({ kind: 'late', failure, sequence })
  }

  /** Has the next read wait for a new load. Which loads under way are void, the record says. */
  invalidate(): void {
    this.#apply({ kind: 'invalidated' })
  }

  /** An event says that another version is there: what is held is past its TTL until a load that begins later has gone well. */
  announce(sequence: number): void {
    this.#announcedUpTo = Math.max(this.#announcedUpTo, sequence)
    this.#apply({ kind: 'expires', withinMs: 0 })
  }

  /** Ends the TTL early. */
  expire(withinMs: number): void {
    this.#apply({ kind: 'expires', withinMs })
  }

  /**
   * Nobody knows any more how old it is if it was loaded after `since`: readers wait for a new load, and the windows after its TTL begin
   * now.
   */
  doubtAge(since: number, now: number): void {
    if (this.#held === undefined || this.#held.loadedAt <= since || !isFresh(this.#held, now)) return
    this.#apply({ kind: 'expires', withinMs: 0 })
    this.#apply({ kind: 'invalidated' })
  }

  /** Forgets value and failures, and what loads up to `sequence` will bring. `isDeleted`: its own id was given. */
  forget(sequence: number, isDeleted = false): void {
    if (isDeleted) this.#deletedUpTo = sequence
    // A denial is known of no more then, but what was sent before it is no answer all the same.
    const deniedAt = this.#trouble?.failure.kind === 'denied' ? this.#trouble.sequence : 0
    this.#forgottenUpTo = Math.max(this.#forgottenUpTo, sequence, this.#held?.sequence ?? 0, deniedAt)
    this.#apply({ kind: 'forgotten' })
  }

  /** Takes over from an entry that has turned out to be this one. */
  inherit(other: Entry): void {
    this.#forgottenUpTo = Math.max(this.#forgottenUpTo, other.#forgottenUpTo)
    this.begunUpTo = Math.max(this.begunUpTo, other.begunUpTo)
    this.#left ??= other.#left
    // What was loaded after the event is no older than what that announced.
    if (other.#announcedUpTo > (this.#held?.sequence ?? 0)) this.announce(other.#announcedUpTo)
    // Whoever deleted the other meant what was held here, too.
    if (this.#held !== undefined && this.#held.sequence <= other.#deletedUpTo) this.#apply({ kind: 'forgotten' })
    this.#apply({ kind: 'inherited', from: other })
    other.#apply({ kind: 'forgotten' })
  }

  /** Has the next read wait for a new load if what is held is from before an invalidation of an id that only now is known to lead here. */
  invalidateIfVoid(): void {
    if (this.#held !== undefined && this.isVoid(this.#held.sequence)) this.#apply({ kind: 'invalidated' })
  }

  /** A write or an event tells when what is held has become current: which version it has replaced, the cache may never have seen. */
  markMoved(at?: number): void {
    const now = this.record.context.clock.now()
    this.#recentlyLeft().addUnknown(Math.min(at ?? now, now))
  }

  /** Whether an answer that was asked for with this sequence number may be an old one. `announced`: what events have said of its version. */
  doubtAbout({ versionId, createdDate }: SecretValue, sequence: number, announced: Announced | undefined): Doubt | undefined {
    if (versionId === this.lastVersionId) return undefined
    // What has come in after an event may be what came after the version that the event names.
    const isExpected = announced?.isLater === true && this.#heldSince < announced.sequence
    if (isExpected) return undefined
    // Of a version whose date is not told nobody knows whether it is older.
    const isOlder = Number(createdDate) < Number(this.#held?.createdAt)
    const doubt = this.#left?.doubtAbout(versionId)
    // Asked for before the version that is held was there, it need not be what came after it.
    if (sequence < this.#heldSince) return isOlder || doubt ? 'left' : undefined
    // The event may be one of the time before the version that is held.
    return isOlder && announced !== undefined ? 'left' : doubt
  }

  /** Notes that a load was given nothing but versions that were left since then. */
  goesBack(since: number): void {
    this.#recentlyLeft().goesBack(since)
  }

  /** The one place where the state changes. */
  #apply(transition: Transition): void {
    const now = this.record.context.clock.now()
    switch (transition.kind) {
      case 'succeeded':
        this.#held = transition.held
        // An older answer that comes later says nothing of what has failed since.
        if ((this.#trouble?.sequence ?? 0) <= transition.held.sequence) this.#trouble = undefined
        this.#lastVersionId = undefined
        return
      case 'failed':
        this.#trouble = this.#troubleAfter(transition, { now, pauseMs: transition.pauseMs, attempts: 1 })
        return
      case 'late':
        this.#trouble = this.#troubleAfter(transition, { now, pauseMs: 0, attempts: 0 })
        return
      case 'invalidated':
        this.#held?.restamp({ invalidated: true })
        if (this.#trouble !== undefined) this.#trouble = { ...this.#trouble, retryAt: this.#trouble.failedAt }
        return
      case 'expires':
        if (this.#held !== undefined && isFresh(this.#held, now)) {
          const freshMs = Math.min(this.#held.freshMs, now - this.#held.loadedAt + transition.withinMs)
          this.#held.restamp({ freshMs })
        }
        return
      case 'inherited':
        this.#trouble = this.#troubleWith(transition.from.trouble)
        if (this.#held === undefined) this.#lastVersionId ??= transition.from.lastVersionId
        return
      case 'forgotten':
        this.#lastVersionId = this.isPinned ? this.lastVersionId : undefined
        if (!this.isPinned) this.#left = undefined
        this.#held?.restamp({ freshMs: 0 })
        this.#held = undefined
        this.#trouble = undefined
    }
  }

  #troubleAfter(
    { failure, sequence }: { failure: Failure; sequence: number },
    { now, pauseMs, attempts }: { now: number; pauseMs: number; attempts: number },
  ): Trouble {
    const before = this.#trouble
    const servableMs = servableOver(failure, this.record.settings)
    return {
      failure,
      sequence,
      failedAt: now,
      retryAt: now + pauseMs,
      attempts: (before?.attempts ?? 0) + attempts,
      servableMs: Math.min(servableMs, before?.servableMs ?? servableMs),
    }
  }

  /** What is wrong with the two entries that this one has been. What is held may be newer than the failures of the other one. */
  #troubleWith(other: Trouble | undefined): Trouble | undefined {
    if (other === undefined || !this.#isNewer(other.sequence)) return this.#trouble
    if (this.#trouble === undefined) return other
    const later = other.sequence > this.#trouble.sequence ? other : this.#trouble
    return { ...later, servableMs: Math.min(other.servableMs, this.#trouble.servableMs) }
  }

  #isNewer(sequence: number): boolean {
    return this.#held === undefined || sequence > this.#held.sequence
  }

  #recentlyLeft(): LeftVersions {
    this.#left ??= new LeftVersions(this.record.context.clock)
    return this.#left
  }
}
