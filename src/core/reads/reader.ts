import type { Entry } from '../entries/entry.js'
import type { Trouble } from '../entries/freshness.js'
import type { HeldVersion } from '../entries/held-version.js'
import type { Place } from '../entries/selector.js'
import type { Failure } from '../failures/failure.js'
import { errorFor, failure } from '../failures/failure.js'
import { describe } from '../loads/announce.js'
import type { Load, Outcome } from '../loads/load.js'
import type { LoadContext } from '../loads/load-context.js'
import type { Loader } from '../loads/loader.js'
import { nextTurn } from '../time/next-turn.js'

/** Decides what a read returns and how long it waits, by the freshness windows. */
export class Reader {
  readonly #context: LoadContext
  readonly #loader: Loader
  /** The failures for which a `stale` event was emitted. */
  readonly #told = new WeakSet<Trouble>()

  constructor(context: LoadContext, loader: Loader) {
    this.#context = context
    this.#loader = loader
  }

  /** Returns a value that is served at once without a promise. The id in `place` is the caller's: errors name the secret by it. */
  read(place: Place, signal?: AbortSignal): HeldVersion | Promise<HeldVersion> {
    const { clock, counters, index } = this.#context
    const now = clock.now()
    const entry = index.entryToRead(place)
    const { held } = entry
    const phase = entry.phaseAt(now)
    if (held === undefined || phase === 'gone') return this.#waitFor(this.#loader.join(place), place, signal)
    if (phase === 'fresh') {
      counters.hits += 1
      return held
    }
    const load = this.#loader.join(place)
    // In an outage, only the first readers wait in vain: after a failed load, nobody waits until one succeeds.
    const servedAtOnce = phase === 'stale' || load === undefined || entry.isFailing
    return servedAtOnce ? this.#serveStale(entry, held) : this.#waitAWhile(load, entry, place, signal)
  }

  /** The held version, if it may be served at least in an outage. */
  peek(place: Place): HeldVersion | undefined {
    const now = this.#context.clock.now()
    const entry = this.#context.index.find(place)
    if (entry === undefined || entry.phaseAt(now) === 'gone') return undefined
    // After invalidate(), a read would wait for a load, unless one has failed since.
    return entry.held?.invalidated && !entry.isFailing ? undefined : entry.held
  }

  async #waitFor(load: Load | undefined, place: Place, signal: AbortSignal | undefined): Promise<HeldVersion> {
    this.#context.counters.misses += 1
    if (load === undefined) {
      const refusal = this.#refusal(place)
      await nextTurn()
      throw refusal
    }
    return this.#conclude(await load.wait(signal), load, place)
  }

  /** Waits for a load for `staleWaitMs`, then returns the last known good value if that may still be served. */
  async #waitAWhile(load: Load, entry: Entry, place: Place, signal: AbortSignal | undefined): Promise<HeldVersion> {
    this.#context.counters.misses += 1
    const outcome = await this.#outcomeInTime(load, entry, place, signal)
    if (outcome !== undefined) return this.#conclude(outcome, load, place)
    return this.#lastKnownGood(place) ?? this.#conclude(await load.wait(signal), load, place)
  }

  #conclude(outcome: Outcome, load: Load, place: Place): HeldVersion {
    if ('held' in outcome) return outcome.held
    const served = this.#lastKnownGood(place, { failure: outcome.failure, sequence: load.sequence ?? 0 })
    if (served === undefined) throw errorFor(outcome.failure, place.secretId)
    return served
  }

  /** What the entry holds now, if that may be served. */
  #lastKnownGood(place: Place, failed?: { failure: Failure; sequence: number }): HeldVersion | undefined {
    const now = this.#context.clock.now()
    const entry = this.#context.index.find(place)
    if (entry === undefined) return undefined
    const { held } = entry
    const phase = failed === undefined ? entry.phaseAt(now) : entry.phaseAfter(failed, now)
    if (held === undefined || phase === 'gone') return undefined
    return phase === 'fresh' ? held : this.#serveStale(entry, held)
  }

  async #outcomeInTime(load: Load, entry: Entry, place: Place, signal: AbortSignal | undefined): Promise<Outcome | undefined> {
    // After invalidate(), a read needs a new load, however long it takes; the deadline of the load bounds the wait.
    if (entry.held?.invalidated) return load.wait(signal)
    const { staleWaitMs } = entry.record.settings
    const outcome = await load.waitAtMost(this.#context.clock, staleWaitMs, signal)
    if (outcome === undefined) {
      // If another load has succeeded meanwhile, the late one is no failure of the entry.
      const late = failure('timeout', `No response within ${staleWaitMs} ms.`)
      this.#context.index.find(place)?.losePatience(late, load.sequence ?? 0)
    }
    return outcome
  }

  #serveStale(entry: Entry, held: HeldVersion): HeldVersion {
    this.#context.counters.staleServed += 1
    const { trouble, record } = entry
    if (trouble !== undefined && !this.#told.has(trouble)) {
      this.#told.add(trouble)
      this.#context.emitter.emit('stale', () => ({
        ...describe(entry),
        versionId: held.versionId,
        ageMs: held.ageMs(),
        cause: errorFor(trouble.failure, record.id),
      }))
    }
    return held
  }

  /** For a read during a pause, when nothing may be served: the reason why the last load failed. */
  #refusal(place: Place): Error {
    const trouble = this.#context.index.find(place)?.trouble as Trouble
    return errorFor(trouble.failure, place.secretId)
  }
}
