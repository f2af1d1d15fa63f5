import type { BoundedStore } from '../entries/bounded-store.js'
import type { Entry } from '../entries/entry.js'
import { goingBackPausesMs } from '../entries/left-versions.js'
import type { Records } from '../entries/records.js'
import type { Emitter } from '../events/emitter.js'
import type { SecretCacheEvent } from '../events/events.js'
import type { Counters } from '../events/stats.js'
import { errorFor, type Failure, failure, failureFrom, isIdleReset } from '../failures/failure.js'
import { HeldVersion } from '../secrets/held-version.js'
import type { SecretRequest, SecretSource, SecretValue, SourceOptions } from '../secrets/source.js'
import { type CompleteClock, sleep } from '../time/clock.js'
import { KeepAlive } from '../time/keep-alive.js'
import { untilAborted } from '../time/until-aborted.js'
import { checkAnswer } from './answer.js'
import { attemptRepeatedly, LoadFailed } from './attempts.js'
import { Load, type Outcome } from './load.js'

/** What the loader works with; the cache puts it together. */
export interface LoaderContext {
  readonly source: SecretSource
  /** Whether failed attempts are repeated here: only for the client that the cache made, which makes one attempt itself. */
  readonly repeats: boolean
  readonly allowedAccounts: ReadonlySet<string> | undefined
  readonly clock: CompleteClock
  readonly records: Records
  readonly store: BoundedStore<string | Entry, Entry>
  readonly emitter: Emitter<SecretCacheEvent>
  readonly counters: Counters
}

/** What is asked of a forced load. */
export interface Refresh {
  /** The version that did not work. */
  ifVersion?: string | undefined
  /** The version that an event announced: an answer that names it is no old answer. */
  expected?: string | undefined
  signal?: AbortSignal | undefined
}

/** Fetches one version; the first attempt of a warm-up takes it from a batch. */
export type Fetch = (request: SecretRequest, options: SourceOptions) => Promise<SecretValue>

interface Answer {
  value: SecretValue
  sentAt: number
}

/** A load that fails so long after its deadline did not run all the time. A busy event loop is late too, by less. */
const thawedAfterMs = 1_000

/** Begins loads, one at a time for each entry and generation, and stores what they bring. */
export class Loader {
  readonly #context: LoaderContext
  readonly #keepAlive = new KeepAlive()
  readonly #running = new Set<Load>()
  /** The last write of each secret that is under way: the next one of it follows, and `close` waits for all. They never reject. */
  readonly writes: Map<string, Promise<void>> = new Map()
  /** Orders loads and invalidations of all entries. */
  #sequence = 0
  readonly #closing = new AbortController()

  constructor(context: LoaderContext) {
    this.#context = context
  }

  /** Aborts when the cache is closed. */
  get closing(): AbortSignal {
    return this.#closing.signal
  }

  /** The number of an invalidation: every load begun before has a lower one. */
  nextSequence(): number {
    this.#sequence += 1
    return this.#sequence
  }

  /** The load that a read made now may wait for, begun if need be; undefined while a pause after a failure is on. */
  join(entry: Entry, asked: string, fetch?: Fetch): Load | undefined {
    const now = this.#context.clock.now()
    const running = entry.joinable(now)
    if (running !== undefined) return running
    if (entry.pausesAt(now)) return undefined
    entry.regular = this.#start(entry, asked, false, fetch)
    return entry.regular
  }

  /**
   * The outcome of a load that is sent after now, whatever pause is on.
   *
   * With `ifVersion`, of none if the cache has moved on from that version; and one that was sent before will do if it shows another.
   */
  async refresh(entry: Entry, asked: string, { ifVersion, expected, signal }: Refresh): Promise<Outcome> {
    const now = this.#context.clock.now()
    const { forced, held } = entry
    if (ifVersion !== undefined) {
      const movedOn = held !== undefined && held.versionId !== ifVersion && !held.invalidated && entry.phaseAt(now) !== 'gone'
      if (movedOn) return { held }
      if (forced?.sent && forced === entry.joinable(now)) {
        const outcome = await forced.wait(signal)
        if (!('held' in outcome) || outcome.held.versionId !== ifVersion) return outcome
      }
    }
    const load = this.#force(live(entry), asked)
    if (expected !== undefined) load.expected = expected
    return load.wait(signal)
  }

  /**
   * Takes in what a write has made current. `begunAt` is a number drawn before it was sent: no load that began earlier is stored any more.
   *
   * What else has come in since may be newer than the write or older: the write is taken, and the service asked.
   */
  learn(entry: Entry, asked: string, value: SecretValue, begunAt: number): HeldVersion {
    const { allowedAccounts, clock } = this.#context
    const answer = { value: checkAnswer(value, allowedAccounts), sentAt: clock.now() }
    const isContested = !entry.accepts(begunAt)
    const held = this.#keep(isContested ? this.nextSequence() : begunAt, entry, asked, answer)
    live(entry).markWritten()
    if (isContested) void this.refresh(entry, live(entry).record.refreshId ?? asked, {})
    return held
  }

  /** Resolves once nothing is under way. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all([...this.#running].map(load => load.outcome))
  }

  /** Ends what nobody waits for, and lets the rest finish. */
  async close(): Promise<void> {
    this.#closing.abort()
    for (const load of this.#running) if (!load.awaited) load.abort(new LoadFailed(failure('closed', 'The cache was closed.')))
    await this.idle()
    await Promise.all(this.writes.values())
  }

  #force(entry: Entry, asked: string): Load {
    const { forced, record } = entry
    const isOld = (forced?.sequence ?? Number.POSITIVE_INFINITY) <= record.invalidatedAt
    if (forced !== undefined && !forced.sent && !isOld) return forced
    entry.forced = this.#start(entry, asked, true)
    return entry.forced
  }

  #start(entry: Entry, asked: string, forced: boolean, fetch?: Fetch): Load {
    const load = new Load(this.#keepAlive, self => this.#run(self, entry, asked, forced, fetch))
    this.#running.add(load)
    return load
  }

  async #run(load: Load, entry: Entry, asked: string, forced: boolean, fetch?: Fetch): Promise<Outcome> {
    const { clock, counters, records } = this.#context
    const { record } = entry
    const isUnidentified = record.arn === undefined
    const askedAt = clock.now()
    if (isUnidentified) records.loadBegins(record)
    try {
      const turnMs = forced ? record.takeTurn() : 0
      if (turnMs > 0) await sleep(clock, turnMs, load.signal)
      load.sequence = this.nextSequence()
      load.startedAt = clock.now()
      counters.loads += 1
      const answer = await this.#fetch(load, entry, asked, forced, fetch)
      const held = this.#keep(load.sequence, entry, asked, answer, clock.now() - askedAt)
      return { held }
    } catch (thrown) {
      const reason = thrown instanceof LoadFailed ? thrown.failure : failureFrom(thrown)
      this.#noteFailure(entry, reason)
      return { failure: reason }
    } finally {
      if (isUnidentified) records.loadEnds(record)
      entry.release(load)
      this.#running.delete(load)
      this.dispose(entry)
    }
  }

  async #fetch(load: Load, entry: Entry, asked: string, forced: boolean, fetch?: Fetch): Promise<Answer> {
    const { clock, repeats } = this.#context
    const { loadTimeoutMs } = entry.record.settings
    const sequence = load.sequence as number
    const cancelDeadline = clock.setTimeout(
      () => load.abort(new LoadFailed(failure('timeout', `No answer within ${loadTimeoutMs} ms.`))),
      loadTimeoutMs,
    )
    const request = { secretId: asked, ...entry.selector }
    let first = fetch
    const attempt = (): Promise<Answer> => {
      const via = first ?? this.#get
      first = undefined
      return this.#send(load, request, via)
    }
    const plan = {
      repeat: repeats && (forced || entry.phaseAt(load.startedAt) === 'gone'),
      clock,
      deadlineAt: load.startedAt + loadTimeoutMs,
      signal: load.signal,
      onFailed: (reason: Failure) => {
        // It was frozen with its process: that says nothing about the service, and the first read after the thaw is to try again.
        const isThawed = clock.now() - load.startedAt >= loadTimeoutMs + thawedAfterMs
        return isThawed ? 0 : entry.fail(reason, sequence)
      },
    }
    try {
      // Whoever asks in the same turn still joins.
      await undefined
      let answer = await attemptRepeatedly(attempt, plan)
      for (const pauseMs of goingBackPausesMs) {
        const { versionId } = answer.value
        const current = live(entry)
        // What would not be stored need not be made sure of.
        if (versionId === load.expected || !current.hasLeft(versionId) || !current.accepts(sequence)) break
        if (clock.now() + pauseMs >= plan.deadlineAt) throw this.#tooOld(load, entry)
        await sleep(clock, pauseMs, load.signal)
        answer = await attemptRepeatedly(attempt, plan)
      }
      return answer
    } finally {
      cancelDeadline()
    }
  }

  /** An old answer, and no time to ask again: what is held stays, and the next load waits as after any failure. */
  #tooOld({ sequence, startedAt }: Load, entry: Entry): LoadFailed {
    const reason = failure('timeout', 'Within the deadline only the version was answered that had just been left.')
    entry.fail(reason, sequence as number)
    live(entry).goesBack(startedAt)
    return new LoadFailed(reason)
  }

  /** One attempt. A second one follows at once if an idle connection turned out to be closed. */
  async #send(load: Load, request: SecretRequest, fetch: Fetch): Promise<Answer> {
    const { allowedAccounts, clock, repeats } = this.#context
    const sentAt = clock.now()
    load.sent = true
    const once = (newConnection?: true): Promise<SecretValue> =>
      untilAborted(fetch(request, { signal: load.signal, newConnection }), load.signal)
    try {
      const value = await once().catch(thrown => {
        if (!repeats || !isIdleReset(thrown)) throw thrown
        return once(true)
      })
      return { value: checkAnswer(value, allowedAccounts), sentAt }
    } catch (thrown) {
      throw thrown instanceof LoadFailed ? thrown : new LoadFailed(failureFrom(thrown))
    }
  }

  /** Async, so that a source which throws instead of rejecting is no exception. */
  #get: Fetch = async (request, options) => this.#context.source.get(request, options)

  /**
   * Stores an answer under the secret that it reveals, unless something newer is known. Answers what the load's readers are given.
   * Without a duration it is no load's, but was written here.
   */
  #keep(sequence: number, asked: Entry, askedId: string, { value, sentAt }: Answer, durationMs?: number): HeldVersion {
    const { clock, counters, emitter, records, store } = this.#context
    const known = live(asked)
    const apart = { loadedAt: sentAt, freshMs: 0, sequence }
    if (!known.record.known) return new HeldVersion(value, clock, apart)
    const entry = records.identify(known.record, { arn: value.arn, name: value.name, asked: askedId }).entry(asked.selector)
    // The readers of this load asked before it was superseded: its answer is good for them, a newer one is better.
    if (!entry.accepts(sequence)) return newerThan(sequence, entry) ?? new HeldVersion(value, clock, apart)

    const { held, previous } = entry.succeed(value, sequence, sentAt)
    store.place(entry.key, entry)
    const { versionId } = held
    if (durationMs !== undefined) emitter.emit('loaded', () => ({ ...describe(entry), versionId, durationMs }))
    if (previous !== undefined) {
      counters.rotations += 1
      if (entry.isCurrent) entry.record.currentMoved(this.nextSequence())
      emitter.emit('rotated', () => ({ ...describe(entry), versionId, previousVersionId: previous.versionId }))
    }
    return held
  }

  #noteFailure(entry: Entry, reason: Failure): void {
    const { counters, emitter, store } = this.#context
    // Nobody waited for it, and nobody will read again.
    if (reason.code === 'ERR_SECRET_CACHE_CLOSED') return
    counters.failures += 1
    if (entry.state.kind === 'failed' && entry.record.known) store.place(entry.key, entry)
    emitter.emit('error', () => ({ ...describe(entry), error: errorFor(reason, entry.record.id) }))
  }

  /** Lets go of an entry that nobody needs, and of its record with the last one. */
  dispose(entry: Entry): void {
    const { record } = entry
    if (record.dropIfDisposable(entry)) this.#context.records.forget(record)
  }
}

/** Where an entry went on, if its record turned out to be the same secret as another. */
export function live(entry: Entry): Entry {
  const { mergedInto } = entry.record
  return mergedInto === undefined ? entry : live(mergedInto.entry(entry.selector))
}

function newerThan(sequence: number, { held }: Entry): HeldVersion | undefined {
  return held !== undefined && held.sequence > sequence ? held : undefined
}

/** What every event says of its secret. */
export function describe({ record, selector }: Entry): Pick<SecretCacheEvent, 'secretId' | 'arn' | 'name' | 'versionStage'> {
  return { secretId: record.id, arn: record.arn, name: record.name, versionStage: selector.versionStage }
}
