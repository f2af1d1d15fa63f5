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
  /** A load has returned a version. */
  | { readonly kind: 'succeeded'; readonly held: HeldVersion }
  /** An attempt has failed. */
  | { readonly kind: 'failed'; readonly failure: Failure; readonly sequence: number; readonly pauseMs: number }
  /** A load takes so long that readers have stopped waiting for it. */
  | { readonly kind: 'late'; readonly failure: Failure; readonly sequence: number }
  /** The next read waits for a new load, which no earlier pause delays. */
  | { readonly kind: 'invalidated' }
  /** The TTL ends within this many milliseconds: an event has announced another version, or the clock is in doubt. */
  | { readonly kind: 'expires'; readonly withinMs: number }
  /** Another entry has turned out to be of the same secret. */
  | { readonly kind: 'inherited'; readonly from: Entry }
  /** The value and the failures are forgotten. */
  | { readonly kind: 'forgotten' }

/** One secret as the cache knows it. */
export type SecretRecord = RecordOf<Entry>

/** The sequence number of a load, and when its request was sent. */
export interface Loaded {
  readonly sequence: number
  readonly sentAt: number
  /** The sequence number of its end. */
  readonly endedAs: number
}

/**
 * While a value can be served, the pauses begin as long as those of a secret without a value after this many failures: in an outage, a
 * fleet must not use half of its quota to check whether the service is back.
 */
const stepsSkippedWhileServing = 6

/**
 * The state of one secret at one stage or version.
 *
 * Three invariants hold for every interleaving:
 *
 * 1. A slot for a load in flight is cleared only by the load that owns it (`Slots.leave`).
 * 2. An outdated result is never served without a new load. If its load began before the last invalidation, it is kept only as a last known
 *    good value, and readers wait for its replacement. If its load began before the one whose result is held, it is dropped (`succeed`).
 * 3. A load that began before `invalidate()` never serves a read made after it (`isVoid`, called by `Slots.joinable`).
 */
export class Entry {
  readonly record: SecretRecord
  readonly selector: Selector
  #held: HeldVersion | undefined
  #trouble: Trouble | undefined
  /** The sequence number of the last event that has announced another version. */
  #announcedUpTo = 0
  /** Results of loads up to this sequence number are dropped: the entry was forgotten since. */
  #forgottenUpTo = 0
  /** As `#forgottenUpTo`, but only for a deletion by an id of this very secret, not by one that may be of another. */
  #deletedUpTo = 0
  /** The version that was held last, kept while followers are to hear of the next one. */
  #lastVersionId: string | undefined
  /** Undefined until the label leaves a version: most secrets never rotate while they are held. */
  #left: LeftVersions | undefined
  /** The followers that hear of rotations. A followed entry is pinned: it is never evicted. */
  followers: Set<Follower<Entry>> | undefined
  /** The sequence number at which the held version was first stored. */
  #heldSince = 0
  /** The sequence number of the load that began last. */
  begunUpTo = 0
  /** When the first load failed of those since the last successful one. */
  failingSince: number | undefined
  /** When it was last used, in ticks of `KeptEntries`. */
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

  /** Whether it is for the default stage, which is read when a read names none. */
  get isCurrent(): boolean {
    return this.selector === this.record.context.selector
  }

  /** Whether its label, with or without a version id, may move when the default stage moves. A version read by its id alone never changes. */
  get followsCurrent(): boolean {
    return !this.isCurrent && this.selector.versionStage !== undefined
  }

  get isPinned(): boolean {
    return Boolean(this.followers?.size)
  }

  /** Whether it can be dropped without any loss. */
  get isEmpty(): boolean {
    return this.#held === undefined && this.#trouble === undefined && !this.isPinned
  }

  /** The version that was seen last. */
  get lastVersionId(): string | undefined {
    return this.#held?.versionId ?? this.#lastVersionId
  }

  phaseAt(now: number): Phase {
    return phaseOf(this.#held, this.#trouble, this.record.settings, now)
  }

  /**
   * As `phaseAt`, for a reader whose own load has failed. If that load is void by now, its failure does not concern later readers, but it
   * does concern this one: after a denial it gets nothing, unless something newer is held.
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

  /** Whether a load has failed since the last invalidation, and none has succeeded: then nobody waits for the next one. */
  get isFailing(): boolean {
    return this.#trouble !== undefined && !this.#trouble.failure.mayBeSlow && !this.isVoid(this.#trouble.sequence)
  }

  /** Whether it certainly holds the version that an event names. */
  isSettledOn(versionId: string): boolean {
    const { held } = this
    return held?.versionId === versionId && !held.invalidated && this.#trouble === undefined && !this.isAnnounced
  }

  /** Whether an event has announced another version, and no load has succeeded since. */
  get isAnnounced(): boolean {
    return this.#announcedUpTo > (this.#held?.sequence ?? 0)
  }

  /** Whether no load has begun since the last invalidation. The next one takes a token, because a loop could invalidate without end. */
  get needsTurn(): boolean {
    return this.record.voidUpTo > this.begunUpTo
  }

  /** Whether a load must not serve a read made now. */
  isVoid(sequence: number): boolean {
    const { voidUpTo, movedUpTo } = this.record
    return sequence <= voidUpTo || (this.followsCurrent && sequence <= movedUpTo)
  }

  /** Whether the outcome of a load may change the state. */
  accepts(sequence: number): boolean {
    return !this.isVoid(sequence) && this.#isNewer(sequence)
  }

  /** Stores the result of a load. Undefined if something newer is known; otherwise the held version, and the version that it replaces. */
  succeed(
    value: SecretValue,
    { sequence, sentAt, endedAs }: Loaded,
  ): { held: HeldVersion; previousVersionId: string | undefined } | undefined {
    if (!this.#isNewer(sequence) || sequence <= this.#forgottenUpTo) return undefined
    const { context, settings } = this.record
    // Use the strings of the record, so that no copies from each response are kept.
    const { arn = value.arn, name = value.name } = this.record
    const freshMs = sequence <= this.#announcedUpTo ? 0 : drawTtl(settings)
    // Even after an invalidation it is the newest known value: the last known good one if the next load fails.
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
    // Also if the last version was forgotten: once followers have heard of the new one, an old response must not bring it back.
    if (lastVersionId !== undefined) this.#recentlyLeft().add(lastVersionId)
    this.#heldSince = endedAs
    this.#apply({ kind: 'succeeded', held })
    return { held, previousVersionId: lastVersionId === held.versionId && previous === undefined ? undefined : lastVersionId }
  }

  /** Records a failed attempt and returns the pause before the next one: shorter for a forced load, because somebody waits for it. */
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

  /** Records that readers have stopped waiting for the load with this sequence number. */
  losePatience(failure: Failure, sequence: number): void {
    if (this.#trouble === undefined && this.accepts(sequence)) this.#apply({ kind: 'late', failure, sequence })
  }

  /** Makes the next read wait for a new load. The record knows which loads under way are void. */
  invalidate(): void {
    this.#apply({ kind: 'invalidated' })
  }

  /** Records an event that announces another version: the held value is past its TTL until a later load has succeeded. */
  announce(sequence: number): void {
    this.#announcedUpTo = Math.max(this.#announcedUpTo, sequence)
    this.#apply({ kind: 'expires', withinMs: 0 })
  }

  /** Ends the TTL early. */
  expire(withinMs: number): void {
    this.#apply({ kind: 'expires', withinMs })
  }

  /**
   * If the value was loaded after `since`, its age is no longer known: readers wait for a new load, and the windows after its TTL begin
   * now.
   */
  doubtAge(since: number, now: number): void {
    if (this.#held === undefined || this.#held.loadedAt <= since || !isFresh(this.#held, now)) return
    this.#apply({ kind: 'expires', withinMs: 0 })
    this.#apply({ kind: 'invalidated' })
  }

  /** Forgets the value and the failures, and drops results of loads up to `sequence`. `isDeleted`: by an id of this very secret. */
  forget(sequence: number, isDeleted = false): void {
    if (isDeleted) this.#deletedUpTo = sequence
    // The denial is forgotten too, but results of requests that were sent before it must still be dropped.
    const deniedAt = this.#trouble?.failure.kind === 'denied' ? this.#trouble.sequence : 0
    this.#forgottenUpTo = Math.max(this.#forgottenUpTo, sequence, this.#held?.sequence ?? 0, deniedAt)
    this.#apply({ kind: 'forgotten' })
  }

  /** Takes over the state of an entry that has turned out to be of the same secret. */
  inherit(other: Entry): void {
    this.#forgottenUpTo = Math.max(this.#forgottenUpTo, other.#forgottenUpTo)
    this.begunUpTo = Math.max(this.begunUpTo, other.begunUpTo)
    this.#left ??= other.#left
    // A value that was loaded after the event is not older than the version that it announced.
    if (other.#announcedUpTo > (this.#held?.sequence ?? 0)) this.announce(other.#announcedUpTo)
    // The deletion of the other entry was meant for the value that is held here, too.
    if (this.#held !== undefined && this.#held.sequence <= other.#deletedUpTo) this.#apply({ kind: 'forgotten' })
    this.#apply({ kind: 'inherited', from: other })
    other.#apply({ kind: 'forgotten' })
  }

  /** Invalidates the held value if it is older than an invalidation by an id that is only now known to be of this secret. */
  invalidateIfVoid(): void {
    if (this.#held !== undefined && this.isVoid(this.#held.sequence)) this.#apply({ kind: 'invalidated' })
  }

  /** Records when the held version became current, by a write or an event. The cache may never have seen the version that it replaced. */
  markMoved(at?: number): void {
    const now = this.record.context.clock.now()
    this.#recentlyLeft().addUnknown(Math.min(at ?? now, now))
  }

  /** Whether the response to a request with this sequence number may be an old one. `announced`: what events say about its version. */
  doubtAbout({ versionId, createdDate }: SecretValue, sequence: number, announced: Announced | undefined): Doubt | undefined {
    if (versionId === this.lastVersionId) return undefined
    // If the held version was stored after the event, it may be later than the one that the event names.
    const isExpected = announced?.isLater === true && this.#heldSince < announced.sequence
    if (isExpected) return undefined
    // False if a creation date is missing: then it is not known which version is older.
    const isOlder = Number(createdDate) < Number(this.#held?.createdAt)
    const doubt = this.#left?.doubtAbout(versionId)
    // A request that was sent before the held version was stored need not return a later one.
    if (sequence < this.#heldSince) return isOlder || doubt ? 'left' : undefined
    // The event may be from before the held version.
    return isOlder && announced !== undefined ? 'left' : doubt
  }

  /** Records that since then a load got nothing but versions that the label had left. */
  goesBack(since: number): void {
    this.#recentlyLeft().goesBack(since)
  }

  /** The only place where the state changes. */
  #apply(transition: Transition): void {
    const now = this.record.context.clock.now()
    switch (transition.kind) {
      case 'succeeded':
        this.#held = transition.held
        // An older response that arrives later does not end a later failure.
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

  /** The failures of this entry and of another one of the same secret. The held value may be newer than those of the other. */
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
