import { isSecretCacheError, type SecretCacheError } from '../failures/errors.js'
import { errorFor, type Failure, failureFrom } from '../failures/failure.js'
import type { Fetch } from '../loads/load-run.js'
import { nameInFullArn, parseSecretArn, partialArnsOf } from '../secrets/secret-id.js'
import type { SecretSource } from '../secrets/source.js'
import type { CompleteClock } from '../time/clock.js'
import { SideBySide } from './side-by-side.js'
import { Batches, mostBatchesAtOnce, mostPerBatch } from './warmup-batches.js'

/**
 * The fewest secrets for which a batch is worth it. Its quota is 100 calls a second for the whole account, a hundredth of that of
 * GetSecretValue: a scale-out of functions that each warm up two secrets must not throttle itself.
 */
const fewestForBatches = 5

const mostSingleReadsAtOnce = 10

/** What a warm-up needs of the cache. */
export interface WarmupContext {
  readonly source: SecretSource
  readonly clock: CompleteClock
  /** Whether the cache reads AWSCURRENT: batches read no other stage. */
  readonly mayBatch: boolean
  /** The id of the version that is held and fresh for this id. Throws a SecretCacheError for an invalid id. */
  freshVersion(secretId: string): string | undefined
  /** Whether the cache still holds a value for this id after its load. */
  isKept(secretId: string): boolean
  /** Begins the load of a secret, or joins the one under way; `fetch` makes its first attempt. Rejects with a SecretCacheError. */
  load(secretId: string, fetch?: Fetch): Promise<{ versionId: string }>
  /** Called when a batch failed, so that its secrets are read one by one. */
  onRefused(failure: Failure, secretId: string): void
}

/** A result before it is known whether the cache keeps the value. */
export type Settled = { outcome: 'loaded' | 'cached'; versionId: string } | { outcome: 'failed'; error: SecretCacheError }

/** One run over many ids. */
export class WarmupRun {
  readonly #context: WarmupContext
  readonly #signal: AbortSignal
  readonly #singleReads = new SideBySide(mostSingleReadsAtOnce)
  readonly #batches: Batches
  readonly #settled = new Map<string, Settled>()

  constructor(context: WarmupContext, signal: AbortSignal = new AbortController().signal) {
    this.#context = context
    this.#signal = signal
    this.#batches = new Batches({
      source: context.source,
      clock: context.clock,
      singleReads: this.#singleReads,
      onRefused: (failure, secretId) => context.onRefused(failure, secretId),
    })
  }

  async run(secretIds: readonly string[]): Promise<ReadonlyMap<string, Settled>> {
    const cold = this.#unsettled([...new Set(secretIds)], 'cached')
    // Two ids that look like the same secret's are not read concurrently: the response to the first shows whether they are.
    const longerForms = new Map(cold.flatMap(secretId => shorterFormsOf(secretId).map(form => [form, secretId])))
    const first = cold.filter(secretId => !longerForms.has(secretId))
    const { mayBatch, source } = this.#context
    if (mayBatch && source.getMany !== undefined && first.length >= fewestForBatches) await this.#readInBatches(first)
    else await this.#readSingly(first)
    await this.#readSingly(
      cold.filter(secretId => longerForms.has(secretId) && !this.#failsAs(longerForms.get(secretId), secretId)),
    )
    return this.#settled
  }

  /** If the read of the longer id failed for a transient reason, the shorter one would fail too. A denial applies to the first alone. */
  #failsAs(longerForm: string | undefined, secretId: string): boolean {
    const settled = this.#settled.get(longerForm as string)
    if (settled?.outcome !== 'failed' || failureFrom(settled.error).kind !== 'transient') return false
    this.#settled.set(secretId, settled)
    return true
  }

  async #readInBatches(secretIds: readonly string[]): Promise<void> {
    const sideBySide = new SideBySide(mostBatchesAtOnce)
    const chunks: string[][] = []
    for (let start = 0; start < secretIds.length; start += mostPerBatch) chunks.push(secretIds.slice(start, start + mostPerBatch))
    await Promise.all(chunks.map(chunk => sideBySide.run(() => this.#readBatch(chunk))))
  }

  /** The loads begin with the call: from then on their deadlines run, and reads join them. */
  async #readBatch(chunk: readonly string[]): Promise<void> {
    if (this.#batches.givenUp) return this.#readSingly(chunk)
    if (this.#signal.aborted || this.#unsettled(chunk, 'loaded').length === 0) return
    const turn = this.#batches.turn(this.#signal)
    if (turn !== undefined) await turn
    // Other reads may have loaded some of them during the wait.
    const secretIds = this.#unsettled(chunk, 'loaded')
    const fetchOf = this.#batches.fetchOf(secretIds)
    await Promise.all(secretIds.map(secretId => this.#load(secretId, fetchOf(secretId))))
  }

  async #readSingly(secretIds: readonly string[]): Promise<void> {
    const read = async (secretId: string): Promise<void> => {
      if (!this.#signal.aborted && this.#unsettled([secretId], 'loaded').length > 0) await this.#load(secretId)
    }
    await Promise.all(secretIds.map(secretId => this.#singleReads.run(() => read(secretId))))
  }

  async #load(secretId: string, fetch?: Fetch): Promise<void> {
    try {
      const { versionId } = await this.#context.load(secretId, fetch)
      this.#settled.set(secretId, { outcome: 'loaded', versionId })
    } catch (error) {
      this.#fail(secretId, error)
    }
  }

  /** The ids that need a load. The others, which are fresh or invalid, get their result here. */
  #unsettled(secretIds: readonly string[], outcome: 'loaded' | 'cached'): string[] {
    return secretIds.filter(secretId => {
      try {
        const versionId = this.#context.freshVersion(secretId)
        if (versionId === undefined) return true
        this.#settled.set(secretId, { outcome, versionId })
      } catch (error) {
        this.#fail(secretId, error)
      }
      return false
    })
  }

  #fail(secretId: string, thrown: unknown): void {
    const error = isSecretCacheError(thrown) ? thrown : errorFor(failureFrom(thrown), secretId)
    this.#settled.set(secretId, { outcome: 'failed', error })
  }
}

/** The shorter ids that the secret of an ARN may have: its name and partial ARN for a full ARN, its name for a partial ARN. */
function shorterFormsOf(secretId: string): string[] {
  const resource = parseSecretArn(secretId)?.resource
  return resource === undefined ? [] : [...partialArnsOf(secretId), nameInFullArn(secretId), resource]
}
