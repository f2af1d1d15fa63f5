import type { Failure } from '../failures/failure.js'
import type { Load } from '../loads/load.js'
import { drawTtl } from '../options/settings.js'
import { HeldVersion } from '../secrets/held-version.js'
import type { SecretValue } from '../secrets/source.js'
import { pauseAfter } from '../time/backoff.js'
import { LeftVersions } from './left-versions.js'
import type { SecretRecord } from './secret-record.js'

/** Which version of a secret is meant. */
export interface Selector {
  readonly versionStage?: string | undefined
  readonly versionId?: string | undefined
}

/** What has gone wrong since the last load that went well. */
export interface Trouble {
  readonly failure: Failure
  readonly failedAt: number
  /** No load begins by itself before. */
  readonly retryAt: number
  /** Failed attempts in a row. */
  readonly attempts: number
  /** For how long after its TTL a value is still served: the strictest of all failures since, because a denial outlives an outage. */
  readonly servableMs: number
  /** Whether the `stale` event of this trouble was sent. */
  told: boolean
}

/** Where an entry stands. Time is not in it: `phaseAt` tells how far a held version has aged. */
export type EntryState =
  | { readonly kind: 'empty' }
  | { readonly kind: 'failed'; readonly trouble: Trouble }
  | { readonly kind: 'held'; readonly held: HeldVersion }
  | { readonly kind: 'failing'; readonly held: HeldVersion; readonly trouble: Trouble }

/**
 * How far a value has aged.
 *
 * - `fresh`: served
 * - `stale`: served, one load runs behind
 * - `expired`: a read waits for a load; if that fails in passing or takes long, last known good
 * - `gone`: nothing that may be served
 */
export type Phase = 'fresh' | 'stale' | 'expired' | 'gone'

const empty: EntryState = { kind: 'empty' }

/**
 * One secret at one stage or version: what is known of it and which loads are under way.
 *
 * Three invariants hold, whatever is interleaved. Sequence numbers are drawn from one counter for loads and invalidations alike, so
 * "older" means the same for all entries, also for two that turn out to be one secret.
 *
 * 1. A slot for a load in flight is cleared only by the load that owns it (`release`).
 * 2. A result of an older generation is never stored: not one that began before the last invalidation, nor one that began before the
 *    load whose result is held (`accepts`).
 * 3. A load that began before `invalidate()` never answers a read made after it (`joinable`).
 */
export class Entry {
  readonly selector: Selector
  state: EntryState = empty
  /** The load that readers share. */
  regular: Load | undefined
  /** The newest load that was asked for by refreshNow, an event or a refused pool. */
  forced: Load | undefined
  /** Loads of this entry with a sequence number up to this one are void, as those up to the record's are. */
  #voidUpTo = 0
  /** How many pools, swaps and listening handles follow it. */
  pins = 0

  readonly record: SecretRecord
  /** Undefined until a version is left: most secrets never rotate while they are held. */
  #left: LeftVersions | undefined

  constructor(record: SecretRecord, selector: Selector) {
    this.record = record
    this.selector = selector
  }

  /** What the store keeps it under: of the cache's own stage the id it was first read by, so that a hit is one look-up; else itself. */
  get key(): string | Entry {
    return this.isCurrent ? this.record.id : this
  }

  /** Whether it is for the stage that is read when a read names none. */
  get isCurrent(): boolean {
    return this.selector === this.record.context.selector
  }

  get pinned(): boolean {
    return this.pins > 0
  }

  get hasValue(): boolean {
    return this.held !== undefined
  }

  get held(): HeldVersion | undefined {
    return this.state.kind === 'held' || this.state.kind === 'failing' ? this.state.held : undefined
  }

  get trouble(): Trouble | undefined {
    return this.state.kind === 'failed' || this.state.kind === 'failing' ? this.state.trouble : undefined
  }

  /** Whether nothing would be lost without it. */
  get disposable(): boolean {
    return this.state.kind === 'empty' && !this.pinned && this.regular === undefined && this.forced === undefined
  }

  phaseAt(now: number): Phase {
    const { held, trouble } = this
    if (held === undefined) return 'gone'
    if (held.isFreshAt(now)) return 'fresh'
    const { staleIfErrorMs, staleWhileRevalidateMs, ttlMs } = this.record.settings
    const overdueMs = held.overdueMs(now)
    if (overdueMs >= (trouble?.servableMs ?? staleIfErrorMs)) return 'gone'
    const servedAtOnce = !held.invalidated && overdueMs < staleWhileRevalidateMs && ttlMs > 0
    return servedAtOnce ? 'stale' : 'expired'
  }

  /** Whether the pause after a failure is still on. A clock that was set back ends it. */
  pausesAt(now: number): boolean {
    const { trouble } = this
    return trouble !== undefined && trouble.failedAt <= now && now < trouble.retryAt
  }

  /** A load in flight that may answer a read made now. One that outlived its own deadline was frozen with the process. */
  joinable(now: number): Load | undefined {
    for (const load of [this.forced, this.regular]) {
      if (load?.sequence === undefined || this.#isVoid(load.sequence)) continue
      const runs = now - load.startedAt
      if (runs >= 0 && runs < this.record.settings.loadTimeoutMs) return load
    }
    return undefined
  }

  /** Whether the outcome of a load with this sequence number may change what is known. */
  accepts(sequence: number): boolean {
    if (!this.record.known || this.#isVoid(sequence)) return false
    return this.held === undefined || sequence > this.held.sequence
  }

  /** Stores what a load brought. Answers the version that it replaces, if it is another one. */
  succeed(value: SecretValue, sequence: number, sentAt: number): { held: HeldVersion; previous: HeldVersion | undefined } {
    this.#left?.settle()
    const { arn, name, context, settings } = this.record
    const stamp = { loadedAt: sentAt, freshMs: drawTtl(settings), sequence }
    const previous = this.held
    if (previous?.isVersionOf(value)) {
      previous.renew(value, stamp)
      this.state = { kind: 'held', held: previous }
      return { held: previous, previous: undefined }
    }
    // The record's strings, not their copies of each answer.
    const held = new HeldVersion({ ...value, arn: arn ?? value.arn, name: name ?? value.name }, context.clock, stamp)
    this.state = { kind: 'held', held }
    if (previous !== undefined) {
      previous.supersede()
      this.#recentlyLeft().add(previous.versionId)
    }
    return { held, previous }
  }

  /** Notes a failed attempt and answers how long to pause before the next. */
  fail(failure: Failure, sequence: number): number {
    const { settings } = this.record
    const attempts = (this.trouble?.attempts ?? 0) + 1
    const pauseMs = pauseAfter(attempts, settings.backoff)
    if (!this.accepts(sequence)) return pauseMs
    const failedAt = this.record.context.clock.now()
    const allowedMs = { transient: settings.staleIfErrorMs, denied: settings.staleIfDeniedMs, wrong: 0 }[failure.kind]
    const servableMs = Math.min(allowedMs, this.trouble?.servableMs ?? allowedMs)
    this.#suffer({ failure, failedAt, retryAt: failedAt + pauseMs, attempts, servableMs, told: false })
    return pauseMs
  }

  /** A load takes so long that readers stop waiting for it. */
  losePatience(failure: Failure): void {
    const { trouble } = this
    if (trouble !== undefined) return
    const failedAt = this.record.context.clock.now()
    const { staleIfErrorMs } = this.record.settings
    this.#suffer({ failure, failedAt, retryAt: failedAt, attempts: 0, servableMs: staleIfErrorMs, told: false })
  }

  /** The next read waits for a new load, which no pause of the time before holds back. */
  invalidate(sequence = 0): void {
    this.#voidUpTo = Math.max(this.#voidUpTo, sequence)
    this.held?.invalidate()
    if (this.trouble !== undefined) this.#suffer({ ...this.trouble, retryAt: this.trouble.failedAt })
  }

  /** The held version was written from here just now: which one it has replaced, the cache may never have seen. */
  markWritten(): void {
    this.#recentlyLeft().addUnknown()
  }

  /** Whether `versionId` was, or may have been, current until a moment ago, so that an answer naming it may be an old one. */
  hasLeft(versionId: string): boolean {
    return versionId !== this.held?.versionId && this.#left?.has(versionId) === true
  }

  /** Notes that a load which began then was answered nothing but a version that was left. */
  goesBack(since: number): void {
    this.#recentlyLeft().goesBack(since)
  }

  /** Clears the slot of a load that has ended. */
  release(load: Load): void {
    // A successor may own the slot by now; clearing it would start a duplicate load.
    if (this.regular === load) this.regular = undefined
    if (this.forced === load) this.forced = undefined
  }

  /** Forgets value and failures. */
  empty(): void {
    const { held, record } = this
    held?.supersede()
    // What was forgotten must not be replaced by the result of a load that is older than it.
    record.invalidatedAt = Math.max(record.invalidatedAt, held?.sequence ?? 0)
    this.state = empty
    this.#left = undefined
  }

  #isVoid(sequence: number): boolean {
    return sequence <= Math.max(this.record.invalidatedAt, this.#voidUpTo)
  }

  #suffer(trouble: Trouble): void {
    const { state } = this
    if (state.kind === 'empty' || state.kind === 'failed') {
      this.state = { kind: 'failed', trouble }
      return
    }
    this.state = { kind: 'failing', held: state.held, trouble }
  }

  #recentlyLeft(): LeftVersions {
    this.#left ??= new LeftVersions(this.record.context.clock)
    return this.#left
  }
}
