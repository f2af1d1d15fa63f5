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
 * `sendAgain` is called before each further request that the answer may come from: it is as old as that one, and so are its options.
 */
export type Fetch = (request: SecretRequest, options: SourceOptions, sendAgain: () => SourceOptions) => Promise<SecretValue>

interface Answer {
  readonly value: SecretValue
  readonly sentAt: number
  /** Of its request: what is known of the time between that and the load's begin is older. */
  readonly sequence: number
}

/** An answer that has to be given again and again before it counts. */
interface Doubted {
  readonly versionId: string
  /** What is held while it is doubted. */
  readonly insteadOf: string | undefined
  readonly since: number
}

/** One load from its turn to its end. Its secret may be merged, evicted or deleted meanwhile, so it is looked up at each step. */
export class LoadRun {
  readonly #context: LoadContext
  readonly #load: Load
  readonly #forced: boolean
  #batch: Fetch | undefined
  #askedAt = 0
  /** When the last request was sent. */
  #sentAt = 0
  /** The place of the last request among all loads. */
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
        // Its batch does not wait for it, so what that brings may be older than an invalidation meanwhile.
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

  /** Asks until the answer is one that counts, and stores that in the same step: nothing can come in between. */
  async #answer(limit: AwakeLimit): Promise<HeldVersion> {
    const { clock, repeats } = this.#context
    const { place, signal } = this.#load
    const plan: AttemptPlan = {
      repeat: repeats && (this.#forced || this.#lastKnownGood() === null),
      clock,
      limit,
      signal,
      onFailed: reason => {
        // One that was frozen with its process says nothing about the service, unless it was answered.
        const isFrozen = limit.wokenAt() > this.#sentAt && reason.kind === 'transient'
        return isFrozen || this.#load.isGivenUp ? undefined : this.#fail(reason)
      },
    }
    // Whoever asks in the same turn still joins.
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
      // After the last one the answer counts, whatever it says.
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

  /** Why an answer may be one that the secret has moved on from. */
  #doubtAbout(value: SecretValue): Doubt | undefined {
    const { arn, versionId } = value
    const announced = this.#load.announced.get(versionId)
    const { selector } = this.#load.place
    // The answer may show that the id leads to another secret than before, or to one that is known by another id.
    for (const entry of [this.#entry(), this.#context.index.find({ secretId: arn, selector })]) {
      // Whatever it says, the readers of this load are given what a later one has found.
      if ((entry?.held?.sequence ?? 0) > this.#sequence) return undefined
      const doubt = entry?.doubtAbout(value, this.#sequence, announced)
      if (doubt !== undefined) return doubt
    }
    return undefined
  }

  /** Asks for the version that is held by its id: its labels tell whether another one has come since. */
  async #isStillCurrent(): Promise<boolean> {
    const { secretId, selector } = this.#load.place
    const versionId = this.#entry()?.lastVersionId
    if (versionId === undefined) return true
    try {
      const { value } = await this.#send({ secretId, versionId })
      const { versionStages } = value
      // What has come in meanwhile is another question.
      if (versionId !== this.#entry()?.lastVersionId) return true
      // Where the labels are from before the move, it is still pending.
      return (
        selector.versionStage === undefined || [selector.versionStage, 'AWSPENDING'].some(label => versionStages.includes(label))
      )
    } catch {
      // The answer came from a place that has not seen the version yet.
      return true
    }
  }

  /** An old answer, and no time to ask again: what is held stays, and the next load waits as after any failure. */
  #tooOld(doubtedSince: number): LoadFailed {
    const reason = failure('timeout', 'Only the previous version was returned in time.')
    this.#fail(reason)
    this.#entry()?.goesBack(doubtedSince)
    return new LoadFailed(reason)
  }

  /** One attempt. A second one follows at once if an idle connection turned out to be closed. */
  async #send(request: SecretRequest): Promise<Answer> {
    const { allowedAccounts, repeats, source } = this.#context
    const { signal } = this.#load
    // Async, so that a source which throws instead of rejecting is no exception.
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

  /** Notes that a request goes out, and says with which options. */
  #sends(newConnection?: true): SourceOptions {
    const { clock, sequence } = this.#context
    // A repetition knows more than what has come in since the load began.
    if (this.#load.sent) this.#sequence = sequence.next()
    this.#load.sent = true
    this.#sentAt = clock.now()
    const timeLeftMs = (this.#load.limit as AwakeLimit).endsAt - this.#sentAt
    return { signal: this.#load.signal, newConnection, timeLeftMs, lastKnownGood: this.#lastKnownGood() }
  }

  /** What is served if this load fails. */
  #lastKnownGood(): Secret | null {
    const entry = this.#entry()
    return (entry?.phaseAt(this.#context.clock.now()) !== 'gone' && entry?.held?.secret) || null
  }

  #entry(): Entry | undefined {
    return this.#context.index.find(this.#load.place)
  }

  /** Notes a failed attempt. Says how long to pause before the next. */
  #fail(reason: Failure): number {
    const entry = this.#entry()
    if (entry === undefined) return 0
    const pauseMs = entry.fail(reason, { sequence: this.#sequence, forced: this.#forced })
    settle(this.#context, entry)
    return pauseMs
  }

  #tell(reason: Failure): void {
    const { counters, emitter } = this.#context
    const { place, isGivenUp } = this.#load
    if (isGivenUp) return
    counters.failures += 1
    const about = describe(this.#entry() ?? { record: { id: place.secretId }, selector: place.selector })
    emitter.emit('error', () => ({ ...about, error: errorFor(reason, about.secretId) }))
  }
}
