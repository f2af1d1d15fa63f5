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

/** Decides what a read gets and how long it waits: the freshness windows, put into action. */
export class Reader {
  readonly #context: LoadContext
  readonly #loader: Loader
  /** The failures whose `stale` event was sent. */
  readonly #told = new WeakSet<Trouble>()

  constructor(context: LoadContext, loader: Loader) {
    this.#context = context
    this.#loader = loader
  }

  /** What is served at once comes without a promise around it. The id in `place` is the reader's: it names the secret in errors. */
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
    // A load that fails has not been waited for in vain by each reader: no more waiting until one succeeds.
    const servedAtOnce = phase === 'stale' || load === undefined || (entry.trouble !== undefined && !held.invalidated)
    return servedAtOnce ? this.#serveStale(entry, held) : this.#waitAWhile(load, entry, place, signal)
  }

  /** What is held and may be served, in an outage at least. */
  peek(place: Place): HeldVersion | undefined {
    const now = this.#context.clock.now()
    const entry = this.#context.index.find(place)
    if (entry === undefined || entry.phaseAt(now) === 'gone') return undefined
    // A read would wait for a load, unless a pause keeps it from beginning one.
    return entry.held?.invalidated && !entry.pausesAt(now) ? undefined : entry.held
  }

  async #waitFor(load: Load | undefined, place: Place, signal: AbortSignal | undefined): Promise<HeldVersion> {
    this.#context.counters.misses += 1
    if (load === undefined) throw this.#refusal(place)
    return this.#conclude(await load.wait(signal), load, place)
  }

  /** Waits for a load as long as readers have patience, then takes the last known good if that may still be served. */
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

  /** What is there by now and may be served. */
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
    // After invalidate() only a new load will do, however long it takes; its own deadline bounds it.
    if (entry.held?.invalidated) return load.wait(signal)
    const { staleWaitMs } = entry.record.settings
    const outcome = await load.waitAtMost(this.#context.clock, staleWaitMs, signal)
    if (outcome === undefined) {
      // If another load has brought something meanwhile, the late one is nobody's trouble.
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

  /** A pause is on and nothing may be served: the reader is told why the last load failed. */
  #refusal(place: Place): Error {
    const trouble = this.#context.index.find(place)?.trouble as Trouble
    return errorFor(trouble.failure, place.secretId)
  }
}
