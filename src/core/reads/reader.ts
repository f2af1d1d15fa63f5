import type { Entry } from '../entries/entry.js'
import type { Emitter } from '../events/emitter.js'
import type { SecretCacheEvent } from '../events/events.js'
import type { Counters } from '../events/stats.js'
import { errorFor, failure } from '../failures/failure.js'
import type { Load, Outcome } from '../loads/load.js'
import { describe, type Loader, live } from '../loads/loader.js'
import type { HeldVersion } from '../secrets/held-version.js'
import type { CompleteClock } from '../time/clock.js'

/** Decides what a read gets and how long it waits: the freshness windows, put into action. */
export class Reader {
  readonly #loader: Loader
  readonly #clock: CompleteClock
  readonly #emitter: Emitter<SecretCacheEvent>
  readonly #counters: Counters

  constructor(loader: Loader, clock: CompleteClock, emitter: Emitter<SecretCacheEvent>, counters: Counters) {
    this.#loader = loader
    this.#clock = clock
    this.#emitter = emitter
    this.#counters = counters
  }

  /** What is served at once comes without a promise around it. `readAs` is the reader's id: it names the secret in errors. */
  read(entry: Entry, readAs: string, signal?: AbortSignal): HeldVersion | Promise<HeldVersion> {
    const { held, record } = entry
    const phase = entry.phaseAt(this.#clock.now())
    if (phase === 'fresh' && held !== undefined) {
      this.#counters.hits += 1
      return held
    }
    const asked = record.refreshId ?? readAs
    const load = this.#loader.join(entry, asked)
    if (phase === 'gone' || held === undefined) return this.#waitFor(load, entry, readAs, signal)
    // A load that fails has not been waited for in vain by each reader: no more waiting until one succeeds.
    const servedAtOnce = phase === 'stale' || load === undefined || (entry.trouble !== undefined && !held.invalidated)
    return servedAtOnce ? this.#serveStale(entry, held) : this.#waitAWhile(load, entry, readAs, signal)
  }

  async #waitFor(load: Load | undefined, entry: Entry, readAs: string, signal: AbortSignal | undefined): Promise<HeldVersion> {
    this.#counters.misses += 1
    if (load === undefined) throw this.#refusal(entry, readAs)
    return this.#conclude(await load.wait(signal), entry, readAs)
  }

  /** Waits for a load as long as readers have patience, then takes the last known good if that may still be served. */
  async #waitAWhile(load: Load, entry: Entry, readAs: string, signal: AbortSignal | undefined): Promise<HeldVersion> {
    this.#counters.misses += 1
    const outcome = await this.#outcomeInTime(load, entry, signal)
    if (outcome !== undefined) return this.#conclude(outcome, entry, readAs)
    return this.#lastKnownGood(entry) ?? this.#conclude(await load.wait(signal), entry, readAs)
  }

  #conclude(outcome: Outcome, entry: Entry, readAs: string): HeldVersion {
    if ('held' in outcome) return outcome.held
    const served = this.#lastKnownGood(entry)
    if (served === undefined) throw errorFor(outcome.failure, readAs)
    return served
  }

  /** What is there by now and may be served. */
  #lastKnownGood(entry: Entry): HeldVersion | undefined {
    const current = live(entry)
    const { held } = current
    const phase = current.phaseAt(this.#clock.now())
    if (held === undefined || phase === 'gone') return undefined
    return phase === 'fresh' ? held : this.#serveStale(current, held)
  }

  async #outcomeInTime(load: Load, entry: Entry, signal: AbortSignal | undefined): Promise<Outcome | undefined> {
    // After invalidate() only a new load will do, however long it takes; its own deadline bounds it.
    if (entry.held?.invalidated) return load.wait(signal)
    const { staleWaitMs } = entry.record.settings
    const outcome = await load.waitAtMost(this.#clock, staleWaitMs, signal)
    if (outcome === undefined) live(entry).losePatience(failure('timeout', `No answer within ${staleWaitMs} ms.`))
    return outcome
  }

  #serveStale(entry: Entry, held: HeldVersion): HeldVersion {
    this.#counters.staleServed += 1
    const { trouble } = entry
    if (trouble !== undefined && !trouble.told) {
      trouble.told = true
      const { record } = entry
      this.#emitter.emit('stale', () => ({
        ...describe(entry),
        versionId: held.versionId,
        ageMs: held.ageMs(),
        cause: errorFor(trouble.failure, record.id),
      }))
    }
    return held
  }

  /** A pause is on and nothing may be served: the reader is told why the last load failed. */
  #refusal(entry: Entry, readAs: string): Error {
    const { trouble } = entry
    if (trouble === undefined) throw new Error('A pause is on without a failure before it.')
    return errorFor(trouble.failure, readAs)
  }
}
