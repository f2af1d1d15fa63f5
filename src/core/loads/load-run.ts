import type { Entry } from '../entries/entry.js'
import type { HeldVersion } from '../entries/held-version.js'
import { type Doubt, goingBackPausesMs } from '../entries/left-versions.js'
import { accountOf } from '../entries/own-account.js'
import { errorFor, type Failure, failure, isIdleReset } from '../failures/failure.js'
import type { Secret } from '../secrets/secret.js'
import type { SecretRequest, SecretValue, SourceOptions } from '../secrets/source.js'
import { type AwakeLimit, awakeLimit } from '../time/awake-limit.js'
import { sleep } from '../time/clock.js'
import { untilAborted } from '../time/until-aborted.js'
import { describe, settle } from './announce.js'
import { accountRefusal, checkAnswer } from './answer.js'
import { type AttemptPlan, attemptRepeatedly, LoadFailed, loadFailed } from './attempts.js'
import type { Load, Outcome } from './load.js'
import type { LoadContext } from './load-context.js'
import { learnAccount, learnWhose, storeAnswer } from './store-answer.js'

/**
 * Fetches one version; the first attempt of a warm-up takes it from a batch.
 *
 * It calls `sendAgain` before each further request: from then on, the age and the options of the response are those of that request.
 */
export type Fetch = (request: SecretRequest, options: SourceOptions, sendAgain: () => SourceOptions) => Promise<SecretValue>

interface Answer {
  readonly value: SecretValue
  readonly sentAt: number
  /** The sequence number of its request. It may be later than that of the load: anything stored in between is older. */
  readonly sequence: number
}

/** A response that must be returned repeatedly before it counts. */
interface Doubted {
  readonly versionId: string
  /** The version that is held meanwhile. */
  readonly insteadOf: string | undefined
  readonly since: number
}

/** A load that is given up after so long counts for the backoff: else each invocation of a function would wait for another one. */
const hangsAfterMs = 900

/** One load, from its turn to its end. Its secret may be merged, evicted or deleted meanwhile, so it is looked up at each step. */
export class LoadRun {
  readonly #context: LoadContext
  readonly #load: Load
  readonly #forced: boolean
  #batch: Fetch | undefined
  #askedAt = 0
  /** When the last request was sent. */
  #sentAt = 0
  /** The sequence number of the last request. */
  #sequence = 0

  constructor(context: LoadContext, load: Load, { forced, fetch }: { forced: boolean; fetch?: Fetch | undefined }) {
    this.#context = context
    this.#load = load
    this.#forced = forced
    this.#batch = fetch
  }

  /** Never rejects. */
  async run(entry: Entry): Promise<Outcome> {
    const { clock, counters, sequence } = this.#context
    const { record } = entry
    this.#askedAt = clock.now()
    try {
      const turnMs = this.#forced || entry.needsTurn ? record.takeTurn(this.#askedAt) : 0
      if (turnMs > 0) {
        // The batch does not wait for this load, so its response may be older than an invalidation meanwhile.
        this.#batch = undefined
        await sleep(clock, turnMs, this.#load.signal)
      }
      this.#sequence = sequence.next()
      this.#load.sequence = this.#sequence
      const { loadTimeoutMs } = record.settings
      const late = (): void => this.#load.abort(new LoadFailed(failure('timeout', `No response within ${loadTimeoutMs} ms.`)))
      this.#load.limit = awakeLimit(clock, loadTimeoutMs, late)
      entry.begunUpTo = this.#sequence
      counters.loads += 1
      return { held: await this.#answer(this.#load.limit) }
    } catch (thrown) {
      const reason = loadFailed(thrown).failure
      this.#tell(reason)
      return { failure: reason }
    } finally {
      this.#load.limit?.cancel()
    }
  }

  /** Whether the load was given up before it could be told from one that hangs, or while there is nothing to serve instead. */
  #isNoFailure(): boolean {
    if (!this.#load.isGivenUp) return false
    return this.#lastKnownGood() === null || this.#context.clock.now() - this.#sentAt < hangsAfterMs
  }

  /** Sends requests until a response counts, and stores it in the same step, so that nothing can happen in between. */
  async #answer(limit: AwakeLimit): Promise<HeldVersion> {
    const { clock, repeats } = this.#context
    const { place, signal } = this.#load
    const plan: AttemptPlan = {
      repeat: repeats && (this.#forced || this.#lastKnownGood() === null),
      clock,
      limit,
      signal,
      onFailed: reason => {
        // A request that was frozen with its process says nothing about the service, unless it got a response.
        const isFrozen = limit.wokenAt() > this.#sentAt && reason.kind === 'transient'
        return isFrozen || this.#isNoFailure() ? undefined : this.#fail(reason)
      },
    }
    // Reads in the same turn still join.
    await undefined
    let doubted: Doubted | undefined
    for (let round = 0; ; round += 1) {
      const answer = await attemptRepeatedly(() => this.#send({ secretId: place.secretId, ...place.selector }), plan)
      const { versionId } = answer.value
      const insteadOf = this.#entry()?.lastVersionId
      if (doubted?.versionId !== versionId || doubted.insteadOf !== insteadOf) {
        doubted = { versionId, insteadOf, since: answer.sentAt }
        round = 0
      }
      // After the last pause, the response counts in any case.
      const pauseMs = goingBackPausesMs[round]
      const doubt = pauseMs === undefined ? undefined : this.#doubtAbout(answer.value)
      if (doubt === undefined || pauseMs === undefined) return this.#store(answer)
      learnWhose(this.#context, place.secretId, answer.value)
      if (doubt === 'unseen' && !(await this.#isStillCurrent()) && this.#doubtAbout(answer.value) !== 'left')
        return this.#store(answer)
      if (clock.now() + pauseMs >= limit.endsAt) throw this.#tooOld(doubted.since)
      await sleep(clock, pauseMs, signal)
    }
  }

  #store({ value, sentAt, sequence }: Answer): HeldVersion {
    const durationMs = this.#context.clock.now() - this.#askedAt
    return storeAnswer(this.#context, this.#load.place, { value, sentAt, sequence, durationMs })
  }

  /** Why a response may be of a version that the label has left. */
  #doubtAbout(value: SecretValue): Doubt | undefined {
    const { arn, versionId } = value
    const announced = this.#load.announced.get(versionId)
    const { selector } = this.#load.place
    // The response may show that the id leads to another secret than before, or to one that is known by another id.
    for (const entry of [this.#entry(), this.#context.index.find({ secretId: arn, selector })]) {
      // No doubt is needed: the readers of this load get the result of a later one.
      if ((entry?.held?.sequence ?? 0) > this.#sequence) return undefined
      const doubt = entry?.doubtAbout(value, this.#sequence, announced)
      if (doubt !== undefined) return doubt
    }
    return undefined
  }

  /** Reads the held version by its id: its labels show whether another version has replaced it. */
  async #isStillCurrent(): Promise<boolean> {
    const { secretId, selector } = this.#load.place
    const versionId = this.#entry()?.lastVersionId
    if (versionId === undefined) return true
    try {
      const { value } = await this.#send({ secretId, versionId })
      const { versionStages } = value
      // Another version was stored meanwhile, so the response no longer matters.
      if (versionId !== this.#entry()?.lastVersionId) return true
      // AWSPENDING: these labels may be from before the move.
      return (
        selector.versionStage === undefined || [selector.versionStage, 'AWSPENDING'].some(label => versionStages.includes(label))
      )
    } catch {
      // The service does not show the version everywhere yet.
      return true
    }
  }

  /** For an old response without time for another request: the held version stays, and the next load waits as after any failure. */
  #tooOld(doubtedSince: number): LoadFailed {
    const reason = failure('timeout', 'Only the previous version was returned in time.')
    this.#fail(reason)
    this.#entry()?.goesBack(doubtedSince)
    return new LoadFailed(reason)
  }

  /** Makes one attempt, and a second one at once if an idle connection turned out to be closed. */
  async #send(request: SecretRequest): Promise<Answer> {
    const { allowedAccounts, repeats, source } = this.#context
    const { signal } = this.#load
    // Async, so that a source may throw instead of rejecting.
    const single: Fetch = async (_, options) => source.get(request, options)
    const first = this.#batch ?? single
    this.#batch = undefined
    const ask = (fetch: Fetch, newConnection?: true): Promise<SecretValue> =>
      untilAborted(
        fetch(request, this.#sends(newConnection), () => this.#sends()),
        signal,
      )
    try {
      const value = await ask(first).catch(thrown => {
        if (!repeats || !isIdleReset(thrown)) throw thrown
        return ask(single, true)
      })
      checkAnswer(value, request)
      const refusal = accountRefusal(accountOf(value.arn), allowedAccounts)
      if (refusal !== undefined) {
        learnAccount(this.#context, request.secretId, value)
        throw refusal
      }
      return { value, sentAt: this.#sentAt, sequence: this.#sequence }
    } catch (thrown) {
      throw loadFailed(thrown)
    }
  }

  /** Records that a request is sent, and returns its options. */
  #sends(newConnection?: true): SourceOptions {
    const { clock, sequence } = this.#context
    // A repeated request gets a new number: its response is newer than anything stored since the load began.
    if (this.#load.sent) this.#sequence = sequence.next()
    this.#load.sent = true
    this.#sentAt = clock.now()
    const timeLeftMs = (this.#load.limit as AwakeLimit).endsAt - this.#sentAt
    return {
      signal: this.#load.signal,
      newConnection,
      timeLeftMs,
      lastKnownGood: this.#lastKnownGood(),
      outdated: this.#entry()?.isAnnounced,
    }
  }

  /** The value that is served if this load fails. */
  #lastKnownGood(): Secret | null {
    const entry = this.#entry()
    return (entry?.phaseAt(this.#context.clock.now()) !== 'gone' && entry?.held?.secret) || null
  }

  #entry(): Entry | undefined {
    return this.#context.index.find(this.#load.place)
  }

  /** Records a failed attempt and returns the pause before the next one. */
  #fail(reason: Failure): number {
    const entry = this.#entry()
    if (entry === undefined) return 0
    const pauseMs = entry.fail(reason, { sequence: this.#sequence, forced: this.#forced })
    settle(this.#context, entry)
    return pauseMs
  }

  #tell(reason: Failure): void {
    const { clock, counters, emitter } = this.#context
    const { place, isGivenUp } = this.#load
    if (isGivenUp) return
    counters.failures += 1
    const entry = this.#entry()
    if (entry !== undefined) entry.failingSince ??= clock.now()
    const about = describe(entry ?? { record: { id: place.secretId }, selector: place.selector })
    emitter.emit('error', () => ({ ...about, error: errorFor(reason, about.secretId) }))
  }
}
