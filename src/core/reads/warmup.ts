import type { Entry } from '../entries/entry.js'
import { askedOf, noteAsked } from '../failures/asked.js'
import { isSecretCacheError, type SecretCacheError } from '../failures/errors.js'
import { errorFor, type Failure, failureFrom, isIdleReset } from '../failures/failure.js'
import { LoadFailed } from '../loads/attempts.js'
import type { Fetch } from '../loads/loader.js'
import { isPartialArnOf, nameInFullArn, parseSecretArn, partialArnOf } from '../secrets/secret-id.js'
import type { SecretSource, SecretValue, SecretValues } from '../secrets/source.js'

/** How the warm-up of one secret went. */
export type WarmupResult =
  | { readonly secretId: string; readonly outcome: 'loaded' | 'cached'; readonly versionId: string }
  | { readonly secretId: string; readonly outcome: 'failed'; readonly error: SecretCacheError }

/** The most ids that one BatchGetSecretValue takes. */
const mostPerBatch = 20

/**
 * From how many secrets on a batch is worth it. Its quota is 100 calls a second for the whole account, a hundredth of GetSecretValue's:
 * a scale-out of functions that warm two secrets each must not throttle itself.
 */
const fewestForBatches = 5

/** What a warm-up needs of the cache. */
export interface WarmupContext {
  readonly source: SecretSource
  /** The entry to warm for an id. Throws for what can be none. */
  readonly entryOf: (secretId: string) => Entry
  readonly isFresh: (entry: Entry) => boolean
  /** Begins the load of an entry, or joins the one that is under way. */
  readonly load: (entry: Entry, secretId: string, fetch?: Fetch) => Promise<{ versionId: string }>
  /** Batches read AWSCURRENT only. */
  readonly mayBatch: boolean
  /** A batch was refused, so its secrets are read one by one. */
  readonly onRefused: (failure: Failure, secretId: string) => void
}

/** Loads many secrets with as few calls as their quotas make wise. One that fails does not fail the others. */
export async function warmup(secretIds: readonly string[], context: WarmupContext): Promise<WarmupResult[]> {
  const ids = [...new Set(secretIds)]
  const results = new Map<string, WarmupResult>()
  const cold = ids.filter(secretId => {
    const known = settled(secretId, context)
    if (known !== undefined) results.set(secretId, known)
    return known === undefined
  })
  // Two ids that look like one secret's are not asked for side by side: the answer to the first shows whether they are.
  const shorterForms = new Set(cold.flatMap(shorterFormsOf))
  const [first, doubtful] = split(cold, secretId => shorterForms.has(secretId))
  for (const wave of [first, doubtful]) {
    const fetchOf =
      first.length >= fewestForBatches && wave === first && context.mayBatch ? batches(wave, context) : () => undefined
    await Promise.all(wave.map(async secretId => results.set(secretId, await warm(secretId, context, fetchOf(secretId)))))
  }
  return secretIds.map(secretId => results.get(secretId) as WarmupResult)
}

/** What needs no load: a fresh value, or an id that can be none. */
function settled(secretId: string, { entryOf, isFresh }: WarmupContext): WarmupResult | undefined {
  try {
    const entry = entryOf(secretId)
    const versionId = entry.held?.versionId
    return versionId !== undefined && isFresh(entry) ? { secretId, outcome: 'cached', versionId } : undefined
  } catch (error) {
    return failed(secretId, error)
  }
}

async function warm(secretId: string, context: WarmupContext, fetch: Fetch | undefined): Promise<WarmupResult> {
  try {
    const entry = context.entryOf(secretId)
    if (context.isFresh(entry)) return { secretId, outcome: 'loaded', versionId: entry.held?.versionId ?? '' }
    const { versionId } = await context.load(entry, secretId, fetch)
    return { secretId, outcome: 'loaded', versionId }
  } catch (error) {
    return failed(secretId, error)
  }
}

function failed(secretId: string, error: unknown): WarmupResult {
  return { secretId, outcome: 'failed', error: isSecretCacheError(error) ? error : errorFor(failureFrom(error), secretId) }
}

/** Puts ids into batches. Each load's first attempt takes its answer from its batch. */
function batches(secretIds: readonly string[], { source, onRefused }: WarmupContext): (secretId: string) => Fetch | undefined {
  const batchOf = new Map<string, (signal: AbortSignal) => Promise<SecretValues>>()
  for (let start = 0; start < secretIds.length; start += mostPerBatch) {
    const batch = secretIds.slice(start, start + mostPerBatch)
    const controller = new AbortController()
    let answer: Promise<SecretValues> | undefined
    let waiting = 0
    const call = async (): Promise<SecretValues> => (await source.getMany?.(batch, controller)) ?? { values: [], errors: [] }
    const ask = (signal: AbortSignal): Promise<SecretValues> => {
      // Each secret has a deadline of its own; the batch ends with the last of them.
      waiting += 1
      const leave = (): void => {
        waiting -= 1
        if (waiting === 0) controller.abort(signal.reason)
      }
      signal.addEventListener('abort', leave, { once: true })
      answer ??= call()
      return answer
    }
    for (const secretId of batch) batchOf.set(secretId, ask)
  }
  return secretId => async (request, options) => {
    // The batch was reset: its secrets are read singly.
    if (options.newConnection) return source.get(request, options)
    const answer = await batchOf
      .get(secretId)?.(options.signal)
      .catch(thrown => {
        if (isIdleReset(thrown)) throw thrown
        const failure = failureFrom(thrown)
        if (failure.code !== 'ERR_SECRET_THROTTLED' && failure.kind !== 'denied') throw new LoadFailed(failure)
        onRefused(failure, secretId)
        return undefined
      })
    return (answer && pick(answer, secretId)) ?? source.get(request, options)
  }
}

function pick({ values, errors }: SecretValues, secretId: string): SecretValue | undefined {
  const error = errors.find(failure => failure?.secretId === secretId)
  if (error !== undefined) {
    const thrown = Object.assign(new Error(error.message), { name: error.code })
    noteAsked(thrown, askedOf(error))
    throw thrown
  }
  return values.find(value => value?.arn === secretId || value?.name === secretId || isPartialArnOf(secretId, String(value?.arn)))
}

/** What else the secret of an ARN may be called: by its name or partial ARN if this is a full ARN, by its name if it is a partial one. */
function shorterFormsOf(secretId: string): string[] {
  const resource = parseSecretArn(secretId)?.resource
  return resource === undefined ? [] : [partialArnOf(secretId), nameInFullArn(resource), resource]
}

function split<T>(items: readonly T[], isSecond: (item: T) => boolean): [T[], T[]] {
  return [items.filter(item => !isSecond(item)), items.filter(isSecond)]
}
