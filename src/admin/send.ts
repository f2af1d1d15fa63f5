import { randomUUID } from 'node:crypto'
import { type Failure, failure } from '../core/failures/failure.js'
import { attemptRepeatedly, LoadFailed, loadFailed } from '../core/loads/attempts.js'
import { sdkSource } from '../core/loads/sdk-source.js'
import { hasMethod } from '../core/options/check-options.js'
import type { SecretsManagerClientLike } from '../core/options/options.js'
import type { WritableSource, WriteOperation } from '../core/secrets/writable-source.js'
import { awakeLimit } from '../core/time/awake-limit.js'
import { pauseAfter } from '../core/time/backoff.js'
import { KeepAlive } from '../core/time/keep-alive.js'
import { untilAborted } from '../core/time/until-aborted.js'
import { adminError } from './admin-error.js'
import type { WriteAccess } from './write-access.js'

/** A call ends by then, with all its attempts. */
const sendTimeoutMs = 10_000
const backoff = { initialMs: 200, factor: 2, maxMs: 2_000 }

/** A call that changes a secret. */
export interface Call {
  readonly access: WriteAccess
  readonly secretId: string
  /** Of the caller; else the one that the cache reads by. */
  readonly client: SecretsManagerClientLike | undefined
  readonly operation: WriteOperation
  readonly input: object
}

/** What the service answers. */
export interface Answered {
  ARN?: string
  Name?: string
  VersionId?: string
  VersionStages?: string[]
}

/**
 * Calls the service. As for reads, the client that the cache made is given further attempts, and a caller's keeps its own.
 * `onUncertain` is called if the service may have done what it did not answer.
 */
export async function send(call: Call, onUncertain?: () => void): Promise<Answered> {
  const { access, secretId, client, operation } = call
  const { clock } = access
  const source = writableSource(access, client)
  const deadline = new AbortController()
  const { signal } = deadline
  const late = (): void => deadline.abort(new LoadFailed(failure('timeout', `No answer within ${sendTimeoutMs} ms.`)))
  const limit = awakeLimit(clock, sendTimeoutMs, late)
  // One token for all attempts: the service knows a repetition by it.
  const input = { ...call.input, ClientRequestToken: randomUUID() }
  let failures = 0
  let mayBeDone = false
  const attempt = async (): Promise<Answered> => {
    try {
      return (await untilAborted(source.write(operation, input, { signal }), signal)) as Answered
    } catch (thrown) {
      const failed = loadFailed(thrown)
      // However the call ends: that a later attempt was refused says nothing of this one.
      mayBeDone ||= isUncertain(failed.failure)
      throw failed
    }
  }
  const plan = {
    repeat: source.singleAttempt === true,
    clock,
    limit,
    signal,
    onFailed: () => {
      failures += 1
      return pauseAfter(failures, backoff)
    },
  }
  try {
    return await new KeepAlive().during(() => attemptRepeatedly(attempt, plan))
  } catch (thrown) {
    const reason = loadFailed(thrown).failure
    if (mayBeDone) onUncertain?.()
    throw adminError(reason, { secretId, operation, mayBeDone })
  } finally {
    limit.cancel()
  }
}

/** Whether the service may have done what it did not answer. */
function isUncertain({ code, waitingHelps }: Failure): boolean {
  return waitingHelps && code !== 'ERR_SECRET_THROTTLED'
}

function writableSource({ source }: WriteAccess, client: SecretsManagerClientLike | undefined): WritableSource {
  if (client !== undefined) return sdkSource({ client })
  if (hasMethod(source, 'write')) return source as WritableSource
  throw new TypeError('A cache with a source of its own cannot write: pass { client }, a SecretsManagerClient.')
}
