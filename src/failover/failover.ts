import { type Failure, failureFrom } from '../core/failures/failure.js'
import { inRegion, isMeant, isPartialArnOf, parseSecretArn } from '../core/secrets/secret-id.js'
import type { SecretRequest, SecretValue, SecretValues, SourceOptions } from '../core/secrets/source.js'
import type { CompleteClock } from '../core/time/clock.js'
import { onAbort } from '../core/time/on-abort.js'
import { within } from '../core/time/within.js'
import { Health, headStartMs } from './health.js'
import type { Region } from './region.js'
import { type Held, SecretsSeen } from './secrets-seen.js'

/** The result of a Region. A value and not a rejection, because there may be no handler for a rejection. */
type Outcome<T> = { readonly value: T } | { readonly error: unknown }

/** The result of all Regions. */
interface Found<T> {
  readonly value: T
  /** The replica that returned it; undefined for the primary. */
  readonly replica: Region | undefined
}

/** A request that one Region after another gets. */
interface Question<T> {
  readonly secretIds: readonly string[]
  ask(region: Region, signal: AbortSignal): Promise<T>
  /** Records a response of the primary. */
  note(answer: T): void
  /** The part of a replica's response that may be returned. `isBeside`: there is also a response of the primary. */
  believe(answer: T, replica: Region, isBeside?: boolean): T | undefined
  /** Whether replicas are still read while the primary comes and goes. A response must then be credible next to that of the primary. */
  readonly isForReplicasToo: boolean
  readonly signal: AbortSignal
  /** How long a Region other than the last may take. */
  readonly patienceMs: number
}

/** Reads from the primary Region, and from the replicas while it is down. */
export class Failover {
  readonly #primary: Region
  readonly #replicas: readonly Region[]
  readonly #timeoutMs: number
  readonly #clock: CompleteClock
  readonly #secrets: SecretsSeen
  readonly #health: Health

  constructor(primary: Region, replicas: readonly Region[], { timeoutMs, clock }: { timeoutMs: number; clock: CompleteClock }) {
    this.#primary = primary
    this.#replicas = replicas
    this.#timeoutMs = timeoutMs
    this.#clock = clock
    this.#secrets = new SecretsSeen(clock)
    this.#health = new Health(clock)
  }

  async get(request: SecretRequest, options: SourceOptions): Promise<SecretValue> {
    const { secretId } = request
    const { lastKnownGood, outdated } = options
    const outdatedId = outdated ? lastKnownGood?.versionId : undefined
    const { value, replica } = await this.#ask({
      secretIds: [secretId],
      ask: (region, signal) => region.get(request, signal),
      note: shown => this.#secrets.shown(shown, request),
      believe: (found, from, isBeside) =>
        this.#isBelieved(found, from, request, { outdatedId, lastKnownGood: isBeside ? undefined : lastKnownGood })
          ? found
          : undefined,
      isForReplicasToo: true,
      signal: options.signal,
      patienceMs: this.#patience(options),
    })
    if (await this.#isOfNoRegion(secretId, value)) throw noSuchSecret()
    if (replica !== undefined) this.#secrets.handedOut(value, request)
    return this.#atHome(value, [secretId])
  }

  /** Secrets that are left out of the result are read one by one by the cache. */
  async getMany(secretIds: string[], options: SourceOptions): Promise<SecretValues> {
    const requestFor = (value: SecretValue): SecretRequest => ({ secretId: idOf(value, secretIds) })
    let refusal: unknown
    const { value: answer, replica } = await this.#ask<SecretValues>({
      secretIds,
      ask: (region, signal) =>
        region.getMany(secretIds, signal).catch(error => {
          if (region !== this.#primary && !isForReplicas(failureFrom(error))) refusal = error
          throw error
        }),
      note: ({ values }) => {
        for (const value of values) this.#secrets.shown(value, requestFor(value))
      },
      // Errors of a replica say nothing about the secret itself.
      believe: ({ values }, from) => ({
        values: values.filter(value => this.#isBelieved(value, from, requestFor(value))),
        errors: [],
      }),
      // What the primary denies in a batch must not be read from a replica.
      isForReplicasToo: false,
      signal: options.signal,
      patienceMs: this.#patience(options),
    }).catch(error => {
      // A replica that denies batches may allow single reads. With the failure of the primary, the cache would not attempt them.
      throw refusal ?? error
    })
    const values: SecretValue[] = []
    for (const value of answer.values) {
      const areOfRegions = secretIds.map(async id => !(await this.#isOfNoRegion(id, value)))
      if ((await Promise.all(areOfRegions)).every(Boolean)) values.push(value)
    }
    if (replica !== undefined) for (const value of values) this.#secrets.handedOut(value, requestFor(value))
    return {
      values: values.map(value => this.#atHome(value, secretIds)),
      errors: answer.errors.filter(({ code }) => !isForReplicas(failureFrom({ name: code }))),
    }
  }

  async #ask<T>(question: Question<T>): Promise<Found<T>> {
    const { signal, patienceMs, secretIds } = question
    const wasDown = this.#health.isDown
    signal.throwIfAborted()
    const stop = new AbortController()
    const leave = onAbort(signal, () => stop.abort(signal.reason))
    try {
      let outcome: Outcome<T> | undefined
      const asked = this.#askPrimary({ ...question, signal: stop.signal }).then(settled => {
        outcome = settled
        return settled
      })
      // The primary is called even while it is down: so its return is noticed, and a read that it denies does not go to a replica.
      const headStart = (): Promise<unknown> =>
        within(this.#clock, this.#health.headStart(secretIds, patienceMs), () => asked, signal)
      if (wasDown) await headStart().catch(() => {})
      else await asked
      if (signal.aborted || this.#isFinal(outcome, question)) return { value: unwrap(await asked), replica: undefined }
      const found = await this.#askReplicas(question, outcome)
      // If no replica helps, report the failure of the primary: a secret that a replica lacks need not be gone.
      return found === undefined || this.#overrules(outcome, found, question)
        ? { value: unwrap(await asked), replica: undefined }
        : found
    } finally {
      leave()
      // Leave nothing running when the read is over: the process may be frozen next.
      stop.abort()
    }
  }

  /** Whether no replica has to be read after this. */
  #isFinal<T>(outcome: Outcome<T> | undefined, { isForReplicasToo }: Question<T>): boolean {
    if (outcome === undefined) return false
    if ('error' in outcome) return !isForReplicas(failureFrom(outcome.error))
    return !this.#health.isDown || !isForReplicasToo
  }

  /** Whether a response that the primary has meanwhile given counts instead of that of a replica. */
  #overrules<T>(outcome: Outcome<T> | undefined, { value, replica }: Found<T>, question: Question<T>): boolean {
    if (outcome === undefined || replica === undefined) return false
    if ('error' in outcome) return isDenial(outcome)
    return !question.isForReplicasToo || question.believe(value, replica, true) === undefined
  }

  /** Never rejects. */
  async #askPrimary<T>(question: Question<T>): Promise<Outcome<T>> {
    try {
      const value = await this.#inTime(this.#primary, question)
      this.#health.answered()
      question.note(value)
      return { value }
    } catch (error) {
      if (!question.signal.aborted) {
        if (isForReplicas(failureFrom(error))) this.#health.failed()
        else this.#health.answered()
      }
      return { error }
    }
  }

  /** Reads from one replica after another; only for a moment if there is already a response of the primary. */
  async #askReplicas<T>(question: Question<T>, primary: Outcome<T> | undefined): Promise<Found<T> | undefined> {
    if (primary === undefined || 'error' in primary) return this.#askEach(question)
    const askEach = (signal: AbortSignal): Promise<Found<T> | undefined> => this.#askEach({ ...question, signal })
    return within(this.#clock, headStartMs, askEach, question.signal).catch(() => undefined)
  }

  async #askEach<T>(question: Question<T>): Promise<Found<T> | undefined> {
    for (const replica of this.#replicas) {
      try {
        const value = question.believe(await this.#inTime(replica, question), replica)
        if (value !== undefined) return { value, replica }
      } catch {
        // The next replica may have it.
      }
    }
    return undefined
  }

  async #inTime<T>(region: Region, { ask, signal, patienceMs }: Question<T>): Promise<T> {
    const isLast = region === (this.#replicas.at(-1) ?? this.#primary)
    return isLast ? ask(region, signal) : within(this.#clock, patienceMs, inTime => ask(region, inTime), signal)
  }

  /** How long a Region other than the last may take: if a load has less time than all of them together, each gets an equal part. */
  #patience({ timeLeftMs = Infinity }: SourceOptions): number {
    const others = this.#replicas.length
    return others * this.#timeoutMs < timeLeftMs ? this.#timeoutMs : timeLeftMs / (others + 1)
  }

  #isBelieved(value: SecretValue, replica: Region, request: SecretRequest, held: Held = {}): boolean {
    return this.#secrets.believes(value, replica, request, { ...held, ownAccount: this.#primary.accountId })
  }

  /** Whether a partial ARN names a Region that is none of these: there, the name may belong to another secret. */
  async #isOfNoRegion(secretId: string, { arn }: SecretValue): Promise<boolean> {
    const asked = parseSecretArn(secretId)?.region
    if (asked === undefined || !isPartialArnOf(secretId, inRegion(arn, asked))) return false
    const names = await Promise.all([this.#primary, ...this.#replicas].map(region => region.findName()))
    return !names.includes(asked) && !names.includes(undefined)
  }

  /** For a cache, a secret and its replicas are the same: every result has the ARN in the primary Region, once that is known. */
  #atHome(value: SecretValue, asked: readonly string[]): SecretValue {
    const home = this.#primary.name ?? asked.map(id => parseSecretArn(id)?.region).find(region => region !== undefined)
    return home === undefined ? value : { ...value, arn: inRegion(value.arn, home) }
  }
}

/** A Region that throttles works: reading elsewhere would move the load there. */
function isForReplicas({ kind, code }: Failure): boolean {
  return kind === 'transient' && code !== 'ERR_SECRET_THROTTLED'
}

function noSuchSecret(): Error {
  const error = new Error('The partial ARN names a Region that the source does not read.')
  return Object.assign(error, { name: 'ResourceNotFoundException' })
}

/** The id by which a secret of a batch was requested. */
function idOf(value: SecretValue, secretIds: readonly string[]): string {
  return secretIds.find(id => isMeant(id, value)) ?? value.name
}

function isDenial(outcome: Outcome<unknown> | undefined): boolean {
  return outcome !== undefined && 'error' in outcome && failureFrom(outcome.error).kind !== 'transient'
}

function unwrap<T>(outcome: Outcome<T>): T {
  if ('error' in outcome) throw outcome.error
  return outcome.value
}
