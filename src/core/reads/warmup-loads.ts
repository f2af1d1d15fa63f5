import type { Trouble } from '../entries/freshness.js'
import type { HeldVersion } from '../entries/held-version.js'
import type { Place } from '../entries/selector.js'
import { SecretCacheError } from '../failures/errors.js'
import { errorFor, type Failure } from '../failures/failure.js'
import { describe } from '../loads/announce.js'
import type { LoadContext } from '../loads/load-context.js'
import type { Fetch } from '../loads/load-run.js'
import type { Loader } from '../loads/loader.js'
import type { SecretSource } from '../secrets/source.js'
import type { CompleteClock } from '../time/clock.js'
import { isThrottled } from './warmup-batches.js'
import type { WarmupContext } from './warmup-run.js'

/** The part of the cache that warm-ups use. */
export class WarmupLoads implements WarmupContext {
  readonly #context: LoadContext
  readonly #loader: Loader
  readonly #checkReadable: (secretId: string) => void
  #saidThatBatchesAreRefused = false

  /** `checkReadable` throws for an invalid id, and once the cache is closed. */
  constructor(context: LoadContext, loader: Loader, checkReadable: (secretId: string) => void) {
    this.#context = context
    this.#loader = loader
    this.#checkReadable = checkReadable
  }

  get source(): SecretSource {
    return this.#context.source
  }

  get clock(): CompleteClock {
    return this.#context.clock
  }

  get mayBatch(): boolean {
    return this.#context.index.selector.versionStage === 'AWSCURRENT'
  }

  freshVersion(secretId: string): string | undefined {
    this.#checkReadable(secretId)
    const now = this.#context.clock.now()
    const entry = this.#context.index.find(this.#placeOf(secretId))
    if (entry?.phaseAt(now) !== 'fresh') return undefined
    this.#context.index.use(secretId)
    return entry.held?.versionId
  }

  isKept(secretId: string): boolean {
    return this.#context.index.find(this.#placeOf(secretId))?.held !== undefined
  }

  async load(secretId: string, fetch: Fetch | undefined): Promise<HeldVersion> {
    this.#checkReadable(secretId)
    const place = this.#placeOf(secretId)
    // Without a load, a pause after a failure is in effect.
    const outcome = await (this.#loader.join(place, fetch)?.wait() ?? (this.#context.index.find(place)?.trouble as Trouble))
    if ('held' in outcome) return outcome.held
    throw errorFor(outcome.failure, secretId)
  }

  /** Reports, once per cache, that a batch failed and its secrets are read one by one. */
  onRefused(failure: Failure, secretId: string): void {
    if (this.#saidThatBatchesAreRefused) return
    this.#saidThatBatchesAreRefused = true
    const error = batchRefusedError(failure)
    this.#context.emitter.emit('error', () => ({ ...describe(this.#context.index.entry(this.#placeOf(secretId))), error }))
  }

  /** A warm-up reads the default stage of the cache. */
  #placeOf(secretId: string): Place {
    return { secretId, selector: this.#context.index.selector }
  }
}

function batchRefusedError(failure: Failure): SecretCacheError {
  const { code, cause } = failure
  const hint = isThrottled(failure)
    ? 'BatchGetSecretValue allows 100 calls a second for the whole account.'
    : 'Warm-up of five or more secrets uses secretsmanager:BatchGetSecretValue: grant it on *.'
  return new SecretCacheError({
    code,
    message: `BatchGetSecretValue failed, so secrets are read one by one: ${cause.message}`,
    cause,
    hint,
  })
}
