import { randomUUID } from 'node:crypto'
import { attemptRepeatedly, LoadFailed } from '../core/attempts.js'
import { pauseAfter } from '../core/backoff.js'
import { hasMethod } from '../core/check-options.js'
import { SecretCacheError } from '../core/errors.js'
import { type Failure, failure, failureFrom } from '../core/failure.js'
import { KeepAlive } from '../core/keep-alive.js'
import type { SecretsManagerClientLike } from '../core/options.js'
import { sdkSource } from '../core/sdk-source.js'
import { untilAborted } from '../core/until-aborted.js'
import type { WritableSource, WriteAccess, WriteOperation } from '../core/write-access.js'

/** Every attempt of one call ends by then. */
const writeTimeoutMs = 10_000
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
export interface Written {
  ARN?: string
  Name?: string
  VersionId?: string
  VersionStages?: string[]
}

/**
 * Calls the service until it answers, as often as fits into the deadline: the token makes a second call the same as the first.
 * `onUncertain` is called if it is not known whether the service has done it.
 */
export async function send(
  { access, secretId, client, operation, input }: Call,
  onUncertain: () => void = () => {},
): Promise<Written> {
  access.checkOpen(secretId)
  const { clock } = access
  const source = writableSource(access, client)
  const deadline = new AbortController()
  const { signal } = deadline
  const cancel = clock.setTimeout(
    () => deadline.abort(new LoadFailed(failure('timeout', `No answer within ${writeTimeoutMs} ms.`))),
    writeTimeoutMs,
  )
  const keepAlive = new KeepAlive()
  keepAlive.hold()
  const withToken = { ...input, ClientRequestToken: randomUUID() }
  let failures = 0
  const attempt = async (): Promise<Written> => {
    try {
      return (await untilAborted(source.write(operation, withToken, { signal }), signal)) as Written
    } catch (thrown) {
      throw thrown instanceof LoadFailed ? thrown : new LoadFailed(failureFrom(thrown))
    }
  }
  const onFailed = (): number => {
    failures += 1
    return pauseAfter(failures, backoff)
  }
  try {
    const deadlineAt = clock.now() + writeTimeoutMs
    return await attemptRepeatedly(attempt, { repeat: true, clock, deadlineAt, signal, onFailed })
  } catch (thrown) {
    const reason = thrown instanceof LoadFailed ? thrown.failure : failureFrom(thrown)
    if (reason.kind === 'passing') onUncertain()
    throw errorOf(reason, secretId, operation)
  } finally {
    keepAlive.release()
    cancel()
  }
}

function errorOf({ code, cause: told }: Failure, secretId: string, operation: WriteOperation): SecretCacheError {
  const cause = /^Validation/.test(told.name) ? withoutQuotes(told) : told
  const hint =
    code === 'ERR_SECRET_ACCESS_DENIED' || code === 'ERR_SECRET_DECRYPTION'
      ? `The role needs secretsmanager:${operation} on the secret${operation === 'RotateSecret' ? '' : ', and kms:GenerateDataKey and kms:Decrypt on a key of yours'}.`
      : undefined
  const what = { CreateSecret: 'created', PutSecretValue: 'written', RotateSecret: 'rotated' }[operation]
  return new SecretCacheError({
    code,
    message: `The secret ${secretId} could not be ${what}: ${cause.message}`,
    secretId,
    cause,
    ...(hint !== undefined && { hint }),
  })
}

function writableSource({ source }: WriteAccess, client: SecretsManagerClientLike | undefined): WritableSource {
  if (client !== undefined) return sdkSource({ client })
  if (hasMethod(source, 'write')) return source as WritableSource
  throw new TypeError('A cache with a source of its own cannot write: pass { client }, a SecretsManagerClient.')
}

/** What refuses a request before the service sees it quotes the fields that it refuses: the value may be one of them. */
function withoutQuotes({ name }: Error): Error {
  return Object.assign(new Error('A field of the request was refused.'), { name })
}
