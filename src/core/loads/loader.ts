import type { Entry } from '../entries/entry.js'
import type { Announced } from '../entries/left-versions.js'
import type { Place } from '../entries/selector.js'
import { type Failure, failure } from '../failures/failure.js'
import { settle } from './announce.js'
import { LoadFailed } from './attempts.js'
import { Load, type Outcome } from './load.js'
import type { LoadContext } from './load-context.js'
import { type Fetch, LoadRun } from './load-run.js'
import type { Slots } from './slots.js'

/** Options of a forced load. */
export interface Refresh {
  /** The version that did not work. */
  ifVersion?: string | undefined
  /** What events have said about versions. */
  announced?: Iterable<readonly [string, Announced]> | undefined
  signal?: AbortSignal | undefined
}

/** Begins loads, one at a time for each entry and generation. */
export class Loader {
  readonly #context: LoadContext
  readonly #slots: Slots
  /** The loads under way. */
  readonly running: Set<Load> = new Set()
  /** Refreshes under way. A refresh may make two loads, with none running in between. */
  readonly #refreshing = new Set<Promise<Outcome>>()
  #closing = new AbortController()
  /** Runs each load in a span, if they are recorded. */
  around: ((place: Place, run: () => Promise<Outcome>) => Promise<Outcome>) | undefined

  constructor(context: LoadContext, slots: Slots) {
    this.#context = context
    this.#slots = slots
  }

  /** Aborts when the cache is closed, or when loads under way are given up. */
  get closing(): AbortSignal {
    return this.#closing.signal
  }

  /** The load that a read made now may wait for, a new one if necessary; undefined during a pause after a failure. */
  join(place: Place, fetch?: Fetch): Load | undefined {
    const entry = this.#context.index.entry(place)
    const running = this.#slots.joinable(entry)
    if (running !== undefined) return running
    return entry.pausesAt(this.#context.clock.now()) ? undefined : this.#start(entry, place, 'regular', fetch)
  }

  /**
   * The outcome of a load that is sent after this call, even during a pause.
   *
   * With `ifVersion`, there is no load if the cache has already moved on from that version, and a forced load that was sent before is enough
   * if it returns another version.
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

  /** Resolves once no load is under way. */
  async idle(): Promise<void> {
    await this.#context.keepAlive.during(async () => {
      while (this.running.size + this.#refreshing.size > 0) {
        await Promise.allSettled([...[...this.running].map(load => load.outcome), ...this.#refreshing])
      }
    })
  }

  /** Ends loads, and refreshes for events, as if they had never begun: their failures are not reported. */
  giveUp(reason: Failure, loads: Iterable<Load>): void {
    const thrown = new LoadFailed(reason)
    this.#closing.abort(thrown)
    this.#closing = new AbortController()
    for (const load of loads) {
      load.isGivenUp = true
      load.abort(thrown)
    }
  }

  /** Ends loads that no caller waits for, and lets the rest finish. */
  async close(): Promise<void> {
    const unawaited = [...this.running].filter(load => !load.awaited)
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
    return new Load(place, this.#context.keepAlive, self => {
      const run = (): Promise<Outcome> => this.#run(self, entry, kind, fetch)
      return this.around ? this.around(place, run) : run()
    })
  }

  async #run(load: Load, entry: Entry, kind: 'regular' | 'forced', fetch: Fetch | undefined): Promise<Outcome> {
    const slot = this.#slots.enter(entry, kind, load)
    this.running.add(load)
    const outcome = await new LoadRun(this.#context, load, { forced: kind === 'forced', fetch }).run(entry)
    this.#slots.leave(slot, load)
    this.running.delete(load)
    const left = this.#context.index.find(load.place)
    if (left?.isEmpty) settle(this.#context, left)
    return outcome
  }
}
