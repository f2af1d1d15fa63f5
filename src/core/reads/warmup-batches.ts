import { askedOf, noteAsked } from '../failures/asked.js'
import { type Failure, failureFrom, isIdleReset } from '../failures/failure.js'
import { LoadFailed } from '../loads/attempts.js'
import type { Fetch } from '../loads/load-run.js'
import { isMeant } from '../secrets/secret-id.js'
import type { SecretSource, SecretValue, SecretValues, SourceOptions } from '../secrets/source.js'
import { pauseAfter } from '../time/backoff.js'
import { type CompleteClock, sleep } from '../time/clock.js'
import { onAbort } from '../time/on-abort.js'
import { TokenBucket } from '../time/token-bucket.js'
import type { SideBySide } from './side-by-side.js'

/** The most ids that BatchGetSecretValue accepts. */
export const mostPerBatch = 20
/** Also the size of the token bucket: how many may start at the same moment. */
export const mostBatchesAtOnce = 4

/**
 * Together with the four at once, this allows at most fifty calls in any second: half the quota that BatchGetSecretValue has for the whole
 * account. The other half is for the other instances.
 */
const batchEveryMs = 22

/** Attempts for a throttled batch. The pauses are short, because the deadlines of its loads are already running. */
const mostAttempts = 3
const pauses = { initialMs: 200, factor: 2, maxMs: 400 }

/** What the batches of one warm-up need. */
export interface BatchContext {
  readonly source: SecretSource
  readonly clock: CompleteClock
  /** Limits the single reads that replace a failed batch. */
  readonly singleReads: SideBySide
  readonly onRefused: (failure: Failure, secretId: string) => void
}

/** Reads secrets with BatchGetSecretValue at a limited rate, and one by one where that is denied or throttled. */
export class Batches {
  readonly #context: BatchContext
  readonly #bucket: TokenBucket
  #givenUp = false

  constructor(context: BatchContext) {
    this.#context = context
    this.#bucket = new TokenBucket(mostBatchesAtOnce, batchEveryMs, context.clock.now())
  }

  /** Whether throttling has lasted, so that no further batch is worth an attempt. */
  get givenUp(): boolean {
    return this.#givenUp
  }

  /** Resolves when the next call may be sent; undefined if that is now, so that reads in the same turn still join its loads. */
  turn(signal: AbortSignal): Promise<void> | undefined {
    const { clock } = this.#context
    const waitMs = this.#bucket.take(clock.now())
    return waitMs > 0 ? sleep(clock, waitMs, signal) : undefined
  }

  /** Returns the first attempt for each load of one batch: the first of them makes the call, and all share its response. */
  fetchOf(secretIds: readonly string[]): (secretId: string) => Fetch {
    const { source, singleReads } = this.#context
    const controller = new AbortController()
    let answer: Promise<SecretValues | undefined> | undefined
    const waiting = new Set<() => SourceOptions>()
    const callAgain = (): SourceOptions => {
      const [first] = [...waiting].map(sendAgain => sendAgain())
      return { signal: controller.signal, timeLeftMs: first?.timeLeftMs }
    }
    return secretId =>
      async (request, { signal, timeLeftMs }, sendAgain) => {
        waiting.add(sendAgain)
        // Each secret has its own deadline; the batch ends with the last of them.
        onAbort(signal, () => {
          waiting.delete(sendAgain)
          if (waiting.size === 0) controller.abort(signal.reason)
        })
        answer ??= this.#call(secretIds, { signal: controller.signal, timeLeftMs }, callAgain)
        const values = await answer
        const value = values && pick(values, secretId)
        if (value !== undefined) return value
        return singleReads.run(async () => {
          signal.throwIfAborted()
          return source.get(request, sendAgain())
        })
      }
  }

  /** Resolves with undefined if there was no response, or a failure that single reads may not have. */
  async #call(
    secretIds: readonly string[],
    first: SourceOptions,
    callAgain: () => SourceOptions,
  ): Promise<SecretValues | undefined> {
    const { clock, source } = this.#context
    let options = first
    for (let attempts = 1; ; attempts += 1) {
      try {
        return await source.getMany?.([...secretIds], options)
      } catch (thrown) {
        // Each secret is then read on its own, on a new connection.
        if (isIdleReset(thrown)) throw thrown
        const failure = failureFrom(thrown)
        if (!isThrottled(failure) || attempts === mostAttempts || this.#givenUp) {
          this.#refuse(failure, secretIds[0] as string)
          return undefined
        }
        await sleep(clock, pauseAfter(attempts, pauses), options.signal)
        await this.turn(options.signal)
        options = callAgain()
      }
    }
  }

  /** Throws a failure that every single read would have as well: the service is unavailable, or there is no client. */
  #refuse(failure: Failure, secretId: string): void {
    if (failure.kind === 'transient' && !isThrottled(failure)) throw new LoadFailed(failure)
    this.#givenUp ||= isThrottled(failure)
    this.#context.onRefused(failure, secretId)
  }
}

/** Whether the quota of the account is exhausted. */
export function isThrottled({ code }: Failure): boolean {
  return code === 'ERR_SECRET_THROTTLED'
}

function pick({ values, errors }: SecretValues, secretId: string): SecretValue | undefined {
  const error = errors.find(failure => failure?.secretId === secretId)
  if (error !== undefined) {
    const thrown = Object.assign(new Error(error.message), { name: error.code })
    noteAsked(thrown, askedOf(error))
    throw thrown
  }
  return values.find(value => value && isMeant(secretId, { ...value, arn: String(value.arn) }))
}
