import type { Entry } from '../entries/entry.js'
import type { HeldVersion } from '../entries/held-version.js'
import type { Announced } from '../entries/left-versions.js'
import { accountOf } from '../entries/own-account.js'
import type { Place } from '../entries/selector.js'
import { type Failure, failure } from '../failures/failure.js'
import type { SecretValue } from '../secrets/source.js'
import { settle } from './announce.js'
import { accountRefusal, checkAnswer } from './answer.js'
import { LoadFailed } from './attempts.js'
import { Load, type Outcome } from './load.js'
import type { LoadContext } from './load-context.js'
import { type Fetch, LoadRun } from './load-run.js'
import type { Slots } from './slots.js'
import { storeAnswer } from './store-answer.js'

/** What is asked of a forced load. */
export interface Refresh {
  /** The version that did not work. */
  ifVersion?: string | undefined
  /** What events have said of versions. */
  announced?: Iterable<readonly [string, Announced]> | undefined
  signal?: AbortSignal | undefined
}

/** What is known of the moment before a write was sent. */
export interface WriteBegin {
  /** Its place in the order of loads. */
  readonly begunAt: number
  /** When that was: an answer that waited in a paused process is as old as its request. */
  readonly sentAt: number
  /** What was held then. */
  readonly versionId: string | undefined
}

/** How a write stands to another version that has come in since: in doubt while its labels cannot be read. */
type Standing = 'newest' | 'overtaken' | 'in doubt'

/** Begins loads, one at a time for each entry and generation. */
export class Loader {
  readonly #context: LoadContext
  readonly #slots: Slots
  readonly #running = new Set<Load>()
  /** Refreshes that are asked for: between two loads of one, none is under way. */
  readonly #refreshing = new Set<Promise<Outcome>>()
  #closing = new AbortController()

  constructor(context: LoadContext, slots: Slots) {
    this.#context = context
    this.#slots = slots
  }

  /** Aborts when the cache is closed, or what is under way is given up. */
  get closing(): AbortSignal {
    return this.#closing.signal
  }

  /** The load that a read made now may wait for, begun if need be; undefined while a pause after a failure is on. */
  join(place: Place, fetch?: Fetch): Load | undefined {
    const entry = this.#context.index.entry(place)
    const running = this.#slots.joinable(entry)
    if (running !== undefined) return running
    return entry.pausesAt(this.#context.clock.now()) ? undefined : this.#start(entry, place, 'regular', fetch)
  }

  /**
   * The outcome of a load that is sent after now, whatever pause is on.
   *
   * With `ifVersion`, of none if the cache has moved on from that version; and one that was sent before will do if it shows another.
   */
  refresh(place: Place, options: Refresh = {}): Promise<Outcome> {
    const refreshed = this.#refresh(place, options)
    this.#refreshing.add(refreshed)
    void refreshed.catch(() => {}).finally(() => this.#refreshing.delete(refreshed))
    return refreshed
  }

  async #refresh(place: Place, { ifVersion, announced = [], signal }: Refresh): Promise<Outcome> {
    if (ifVersion !== undefined) {
      const outcome = await this.#movedOnFrom(ifVersion, place, signal)
      if (outcome !== undefined) return outcome
    }
    const load = this.#force(place)
    for (const [versionId, what] of announced) load.announced.set(versionId, what)
    return load.wait(signal)
  }

  /**
   * Takes in what a write has made current: no load that was begun before it is stored any more.
   *
   * Another version that has come in since may be newer than the write or older: the labels of what was written tell. Undefined if it was
   * overtaken.
   */
  async learn(place: Place, value: SecretValue, { begunAt, sentAt, versionId }: WriteBegin): Promise<HeldVersion | undefined> {
    const { allowedAccounts, index, sequence } = this.#context
    const checked = checkAnswer(value)
    const refusal = accountRefusal(accountOf(checked.arn), allowedAccounts)
    if (refusal !== undefined) throw refusal
    const store = (order: number): HeldVersion => storeAnswer(this.#context, place, { value: checked, sentAt, sequence: order })
    // Made if nobody has read it yet: what was written is kept.
    index.entry(place)
    let held = store(begunAt)
    // Known only now: the write itself may show whose another answer was.
    const isContested = held.sequence !== begunAt || held.invalidated || index.find(place)?.held !== held
    const standing = isContested ? await this.#standingOf(place, checked, versionId) : 'newest'
    if (standing === 'overtaken') return undefined
    if (isContested) held = store(sequence.next())
    const entry = index.find(place)
    entry?.markMoved()
    // Until a load has gone well, the other version may be the newer one.
    if (standing === 'in doubt') entry?.announce(sequence.next())
    if (isContested) void this.refresh(place)
    return held
  }

  /** What the labels say of a write, if another version is held than the one before it. */
  async #standingOf({ secretId, selector }: Place, written: SecretValue, before: string | undefined): Promise<Standing> {
    const heldId = this.#context.index.find({ secretId, selector })?.held?.versionId
    if (heldId === undefined || heldId === before || heldId === written.versionId) return 'newest'
    const outcome = await this.refresh({ secretId, selector: { versionId: written.versionId } })
    if (!('held' in outcome)) return 'in doubt'
    return outcome.held.versionStages.includes(selector.versionStage as string) ? 'newest' : 'overtaken'
  }

  /** Resolves once nothing is under way. */
  async idle(): Promise<void> {
    await this.#context.keepAlive.during(async () => {
      while (this.#running.size + this.#refreshing.size > 0) {
        await Promise.allSettled([...[...this.#running].map(load => load.outcome), ...this.#refreshing])
      }
    })
  }

  /** Ends loads, and what events have begun, as if they had not begun: their failures are nobody's. */
  giveUp(reason: Failure, loads: Iterable<Load> = this.#running): void {
    const thrown = new LoadFailed(reason)
    this.#closing.abort(thrown)
    this.#closing = new AbortController()
    for (const load of loads) {
      load.isGivenUp = true
      load.abort(thrown)
    }
  }

  /** Ends what nobody waits for, and lets the rest finish. */
  async close(): Promise<void> {
    const unawaited = [...this.#running].filter(load => !load.awaited)
    this.giveUp(failure('closed', 'The cache was closed.'), unawaited)
    this.#closing.abort()
    await this.idle()
  }

  async #movedOnFrom(versionId: string, place: Place, signal: AbortSignal | undefined): Promise<Outcome | undefined> {
    const now = this.#context.clock.now()
    const entry = this.#context.index.entry(place)
    const { held } = entry
    if (held !== undefined && held.versionId !== versionId && !held.invalidated && entry.phaseAt(now) !== 'gone') return { held }
    const forced = this.#slots.find(entry)?.forced
    if (!forced?.sent || forced !== this.#slots.joinable(entry)) return undefined
    const outcome = await forced.wait(signal)
    return 'held' in outcome && outcome.held.versionId === versionId ? undefined : outcome
  }

  #force(place: Place): Load {
    const entry = this.#context.index.entry(place)
    const forced = this.#slots.find(entry)?.forced
    const joins = forced !== undefined && !forced.sent && (forced.sequence === undefined || !entry.isVoid(forced.sequence))
    return joins ? forced : this.#start(entry, place, 'forced')
  }

  #start(entry: Entry, { secretId, selector }: Place, kind: 'regular' | 'forced', fetch?: Fetch): Load {
    const place = { secretId: entry.record.idToSend(secretId), selector }
    return new Load(place, this.#context.keepAlive, self => this.#run(self, entry, kind, fetch))
  }

  async #run(load: Load, entry: Entry, kind: 'regular' | 'forced', fetch: Fetch | undefined): Promise<Outcome> {
    const slot = this.#slots.enter(entry, kind, load)
    this.#running.add(load)
    const outcome = await new LoadRun(this.#context, load, { forced: kind === 'forced', fetch }).run(entry)
    this.#slots.leave(slot, load)
    this.#running.delete(load)
    const left = this.#context.index.find(load.place)
    if (left?.isEmpty) settle(this.#context, left)
    return outcome
  }
}
