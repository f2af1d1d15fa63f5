import type { HeldVersion } from '../entries/held-version.js'
import type { Place } from '../entries/selector.js'
import { SecretCacheError } from '../failures/errors.js'
import { errorFor, type Failure } from '../failures/failure.js'
import { describe } from '../loads/announce.js'
import type { LoadContext } from '../loads/load-context.js'
import type { Fetch } from '../loads/load-run.js'
import type { Loader } from '../loads/loader.js'

/** What a warm-up does to the cache. */
export class WarmupLoads {
  readonly #context: LoadContext
  readonly #loader: Loader
  #saidThatBatchesAreRefused = false

  constructor(context: LoadContext, loader: Loader) {
    this.#context = context
    this.#loader = loader
  }

  freshVersion(place: Place): string | undefined {
    const now = this.#context.clock.now()
    const entry = this.#context.index.find(place)
    if (entry?.phaseAt(now) !== 'fresh') return undefined
    this.#context.index.use(place.secretId)
    return entry.held?.versionId
  }

  async load(place: Place, fetch: Fetch | undefined): Promise<HeldVersion> {
    const outcome = await (this.#loader.join(place, fetch)?.wait() ?? this.#context.index.find(place)?.trouble)
    if (outcome === undefined) throw new Error('A pause is on without a failure before it.')
    if ('held' in outcome) return outcome.held
    throw errorFor(outcome.failure, place.secretId)
  }

  /** A batch was refused, so its secrets are read one by one: that is said once. */
  batchRefused(failure: Failure, place: Place): void {
    if (this.#saidThatBatchesAreRefused) return
    this.#saidThatBatchesAreRefused = true
    const error = batchRefusedError(failure)
    this.#context.emitter.emit('error', () => ({ ...describe(this.#context.index.entry(place)), error }))
  }
}

function batchRefusedError({ code, cause }: Failure): SecretCacheError {
  const hint =
    code === 'ERR_SECRET_THROTTLED'
      ? 'BatchGetSecretValue allows 100 calls a second for the whole account.'
      : 'Warm-up of five secrets and more uses secretsmanager:BatchGetSecretValue; grant it on * to save calls.'
  return new SecretCacheError({
    code,
    message: `BatchGetSecretValue was refused, so secrets are read one by one: ${cause.message}`,
    cause,
    hint,
  })
}
