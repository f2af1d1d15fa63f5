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

/** The most ids that one BatchGetSecretValue takes. */
export const mostPerBatch = 20
/** Also how many may go out in one moment. */
export const mostBatchesAtOnce = 4

/**
 * With the four at once, at most fifty in any second: half of what BatchGetSecretValue allows the whole account. The other half is for
 * the other instances.
 */
const batchEveryMs = 22

/** Of a throttled batch. The pauses are short, because the deadlines of its loads run. */
const mostAttempts = 3
const pauses = { initialMs: 200, factor: 2, maxMs: 400 }

/** What the batches of one warm-up work with. */
export interface BatchContext {
  readonly source: SecretSource
  readonly clock: CompleteClock
  /** Bounds the single reads that take a batch's place. */
  readonly singleReads: SideBySide
  readonly onRefused: (failure: Failure, secretId: string) => void
}

/** Reads secrets by BatchGetSecretValue at a bounded rate, and one by one where that is refused. */
export class Batches {
  readonly #context: BatchContext
  readonly #bucket: TokenBucket
  #givenUp = false

  constructor(context: BatchContext) {
    this.#context = context
    this.#bucket = new TokenBucket(mostBatchesAtOnce, batchEveryMs, context.clock.now())
  }

  /** Whether throttling has lasted: no further batch is worth a try. */
  get givenUp(): boolean {
    return this.#givenUp
  }

  /** Resolves when the next call may go out; undefined if that is now, so that reads in the same turn still join its loads. */
  turn(signal: AbortSignal): Promise<void> | undefined {
    const { clock } = this.#context
    const waitMs = this.#bucket.take(clock.now())
    return waitMs > 0 ? sleep(clock, waitMs, signal) : undefined
  }

  /** The first attempt of each load of one batch: the first of them makes the call, and all take their answers from it. */
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
        // Each secret has a deadline of its own; the batch ends with the last of them.
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

  /** Undefined if it was answered with nothing, or refused in a way that need not befall each secret alone. */
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
        // Each of its secrets is then read singly, on a new connection.
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

  /** Throws what each single read would meet as well: the service is unavailable, or there is no client. */
  #refuse(failure: Failure, secretId: string): void {
    if (failure.kind === 'transient' && !isThrottled(failure)) throw new LoadFailed(failure)
    this.#givenUp ||= isThrottled(failure)
    this.#context.onRefused(failure, secretId)
  }
}

/** Whether the quota of the account is used up. */
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
