import { failure } from '../core/failures/failure.js'
import { type AttemptPlan, attemptRepeatedly, LoadFailed, loadFailed } from '../core/loads/attempts.js'
import { sdkSource } from '../core/loads/sdk-source.js'
import { hasMethod } from '../core/options/check-options.js'
import type { SecretsManagerClientLike } from '../core/options/options.js'
import type { WritableSource, WriteOperation } from '../core/secrets/writable-source.js'
import { awakeLimit } from '../core/time/awake-limit.js'
import { pauseAfter } from '../core/time/backoff.js'
import { KeepAlive } from '../core/time/keep-alive.js'
import { onAbort } from '../core/time/on-abort.js'
import { untilAborted } from '../core/time/until-aborted.js'
import { adminError } from './admin-error.js'
import { Attempts } from './attempts.js'
import type { WriteAccess } from './write-access.js'

/** The deadline of a call, including all its attempts. */
const sendTimeoutMs = 10_000
const backoff = { initialMs: 200, factor: 2, maxMs: 2_000 }

/** A call that changes a secret. */
export interface Call {
  readonly access: WriteAccess
  readonly secretId: string
  /** The client of the caller; if undefined, the one by which the cache reads. */
  readonly client: SecretsManagerClientLike | undefined
  /** The signal of the caller, who may give up the call. */
  readonly signal: AbortSignal | undefined
  readonly operation: WriteOperation
  /** All attempts have the same token, by which the service recognises a repetition. */
  readonly input: { readonly ClientRequestToken: string }
}

/** The response of the service. */
interface Answered {
  ARN?: string
  Name?: string
  VersionId?: string
  VersionStages?: string[]
}

/** The result of a call. */
export interface Sent {
  readonly answer: Answered
  /** Whether an earlier attempt may have been carried out, so that others may have changed the secret since. */
  readonly isRepetition: boolean
}

/**
 * Calls the service. As for reads, calls of the client that the cache created are retried here, and a caller's client keeps its own
 * retries. `onUncertain` runs if a failed call may have been carried out. An aborted call rejects with the reason of its signal.
 */
export async function send(call: Call, onUncertain?: () => void): Promise<Sent> {
  const { access, secretId, client, operation, input } = call
  const source = writableSource(access, client)
  call.signal?.throwIfAborted()
  const { signal, limit, end } = deadlineOf(call)
  const attempts = new Attempts()
  const attempt = async (): Promise<Answered> => {
    try {
      return (await untilAborted(
        source.write(sdk => attempts.watched(commandOf(sdk, operation, input)), { signal }),
        signal,
      )) as Answered
    } catch (thrown) {
      const failed = loadFailed(thrown)
      attempts.fail(thrown, failed.failure, signal.aborted)
      throw failed
    }
  }
  try {
    const answer = await new KeepAlive().during(() => attemptRepeatedly(attempt, planOf(call.access, source, { signal, limit })))
    return { answer, isRepetition: attempts.isRepetition(answer) }
  } catch (thrown) {
    const { fate } = attempts
    if (fate === 'may be done') onUncertain?.()
    call.signal?.throwIfAborted()
    throw adminError(loadFailed(thrown).failure, { secretId, operation, fate })
  } finally {
    end()
  }
}

/** Creates a command of the SDK. */
export function commandOf(sdk: object, operation: WriteOperation | 'DescribeSecret', input: object): object {
  const Command = (sdk as Record<string, new (input: object) => object>)[`${operation}Command`]!
  return new Command(input)
}

function planOf(
  { clock }: WriteAccess,
  source: WritableSource,
  { signal, limit }: Pick<AttemptPlan, 'signal' | 'limit'>,
): AttemptPlan {
  let failures = 0
  return {
    repeat: source.singleAttempt === true,
    clock,
    limit,
    signal,
    onFailed: () => {
      failures += 1
      return pauseAfter(failures, backoff)
    },
  }
}

/** Ends a call that gets no response, or that its caller gives up. */
function deadlineOf({ access, signal }: Call): Pick<AttemptPlan, 'signal' | 'limit'> & { end(): void } {
  const deadline = new AbortController()
  const reason = new LoadFailed(failure('timeout', `No response within ${sendTimeoutMs} ms.`))
  const limit = awakeLimit(access.clock, sendTimeoutMs, () => deadline.abort(reason))
  const leave = signal && onAbort(signal, () => deadline.abort(signal.reason))
  return {
    signal: deadline.signal,
    limit,
    end: () => {
      limit.cancel()
      leave?.()
    },
  }
}

/** The source that sends a call. */
export function writableSource({ source }: WriteAccess, client: SecretsManagerClientLike | undefined): WritableSource {
  if (client !== undefined) return sdkSource({ client })
  if (hasMethod(source, 'write')) return source as WritableSource
  throw new TypeError('A cache with a custom source cannot write: pass { client }, a SecretsManagerClient.')
}
