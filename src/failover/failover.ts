import { type Failure, failureFrom } from '../core/failures/failure.js'
import { inRegion, parseSecretArn } from '../core/secrets/secret-id.js'
import type { SecretRequest, SecretValue, SecretValues } from '../core/secrets/source.js'
import type { CompleteClock } from '../core/time/clock.js'
import { within } from '../signals/within.js'
import type { Region } from './region.js'
import { VersionsSeen } from './versions-seen.js'

/** How a Region has answered. A value and not a rejection: nobody may be there to catch one. */
type Outcome<T> = { readonly value: T } | { readonly error: unknown }

type Question<T> = (region: Region, signal: AbortSignal) => Promise<T>

/** So often in a row the primary must answer until its answers are taken again: one that comes and goes is none to rely on. */
const successesToReturn = 3

/** A primary that is down is waited for no longer, so that readers notice little of it. */
const headStartMs = 250

/** Asks the primary Region, and the replicas while it is down. */
export class Failover {
  readonly #primary: Region
  readonly #replicas: readonly Region[]
  readonly #timeoutMs: number
  readonly #clock: CompleteClock
  readonly #versions: VersionsSeen
  /** How often in a row the primary must still answer; while that is not 0, it is down. */
  #successesMissing = 0
  /** The Region in whose ARNs every answer is given: to a cache, a secret and its replicas are one. */
  #home: string | undefined

  constructor(primary: Region, replicas: readonly Region[], { timeoutMs, clock }: { timeoutMs: number; clock: CompleteClock }) {
    this.#primary = primary
    this.#replicas = replicas
    this.#timeoutMs = timeoutMs
    this.#clock = clock
    this.#versions = new VersionsSeen(clock)
  }

  async get(request: SecretRequest, signal: AbortSignal): Promise<SecretValue> {
    const { secretId, versionId, versionStage } = request
    const isBelieved = (value: SecretValue): boolean => versionId !== undefined || this.#versions.believes(value, versionStage)
    const value = await this.#ask(
      (region, inTime) => region.get(request, inTime),
      signal,
      found => (isBelieved(found) ? found : undefined),
    )
    if (versionId === undefined) this.#versions.handOut(value, versionStage)
    return this.#atHome(value, [secretId])
  }

  async getMany(secretIds: string[], signal: AbortSignal): Promise<SecretValues> {
    const { values, errors } = await this.#ask(
      (region, inTime) => region.getMany(secretIds, inTime),
      signal,
      // What is left out of a batch, the cache reads by itself. A replica's errors are not those of the secret.
      ({ values: found }) => ({ values: found.filter(value => this.#versions.believes(value)), errors: [] }),
    )
    for (const value of values) this.#versions.handOut(value)
    return { values: values.map(value => this.#atHome(value, secretIds)), errors }
  }

  /** `believe` says what of a replica's answer may be taken. */
  async #ask<T>(question: Question<T>, signal: AbortSignal, believe: (answer: T) => T | undefined): Promise<T> {
    const wasDown = this.#successesMissing > 0
    const asked = this.#askPrimary(question, signal)
    let outcome: Outcome<T> | undefined
    void asked.then(settled => {
      outcome = settled
    })
    // Also while it is down: that is how it is noticed to be back, and a denial is never asked of a replica.
    await (wasDown ? within(this.#clock, headStartMs, () => asked, signal).catch(() => undefined) : asked)
    if (signal.aborted || this.#isFinal(outcome, wasDown)) return unwrap(await asked)
    const found = await this.#askReplicas(question, signal, believe)
    // If no replica helps, the primary's failure is the one to tell: that a replica lacks a secret does not mean that it is gone.
    return found === undefined || isDenial(outcome) ? unwrap(await asked) : found
  }

  /** Whether no replica need be asked after this. */
  #isFinal(outcome: Outcome<unknown> | undefined, wasDown: boolean): boolean {
    if (outcome === undefined) return false
    if ('value' in outcome) return this.#successesMissing === 0
    return isDenial(outcome) || (!wasDown && !isForReplicas(failureFrom(outcome.error)))
  }

  /** Never rejects. */
  async #askPrimary<T>(question: Question<T>, signal: AbortSignal): Promise<Outcome<T>> {
    try {
      const value = await this.#inTime(this.#primary, question, signal)
      this.#countSuccess()
      return { value }
    } catch (error) {
      const failure = failureFrom(error)
      if (failure.kind !== 'transient') this.#countSuccess()
      else if (!signal.aborted && isForReplicas(failure)) this.#successesMissing = successesToReturn
      return { error }
    }
  }

  /** To deny is to answer, too. */
  #countSuccess(): void {
    if (this.#successesMissing > 0) this.#successesMissing -= 1
  }

  async #askReplicas<T>(
    question: Question<T>,
    signal: AbortSignal,
    believe: (answer: T) => T | undefined,
  ): Promise<T | undefined> {
    for (const replica of this.#replicas) {
      try {
        const answer = believe(await this.#inTime(replica, question, signal))
        if (answer !== undefined) return answer
      } catch {
        // The next one may know.
      }
    }
    return undefined
  }

  async #inTime<T>(region: Region, question: Question<T>, signal: AbortSignal): Promise<T> {
    const isLast = region === (this.#replicas.at(-1) ?? this.#primary)
    return isLast ? question(region, signal) : within(this.#clock, this.#timeoutMs, inTime => question(region, inTime), signal)
  }

  #atHome(value: SecretValue, asked: readonly string[]): SecretValue {
    // Once it is settled it stays: another ARN would be another secret.
    this.#home ??= this.#primary.name ?? [...asked, value.arn].map(regionIn).find(region => region !== undefined)
    return this.#home === undefined ? value : { ...value, arn: inRegion(value.arn, this.#home) }
  }
}

/** A Region that throttles is well: to ask elsewhere would carry the rush there. */
function isForReplicas({ kind, code }: Failure): boolean {
  return kind === 'transient' && code !== 'ERR_SECRET_THROTTLED'
}

function isDenial(outcome: Outcome<unknown> | undefined): boolean {
  return outcome !== undefined && 'error' in outcome && failureFrom(outcome.error).kind !== 'transient'
}

function regionIn(secretId: string): string | undefined {
  return parseSecretArn(secretId)?.region
}

function unwrap<T>(outcome: Outcome<T>): T {
  if ('error' in outcome) throw outcome.error
  return outcome.value
}
