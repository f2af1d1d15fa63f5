import { SecretCacheError, type SecretCacheErrorCode } from '../core/failures/errors.js'
import type { RotationResult } from '../core/rotations/rotation-result.js'
import { isUntrusted, type Untrusted } from '../core/rotations/untrusted.js'
import type { SecretCache } from '../core/secret-cache.js'
import { failedInPassing } from '../signals/rotation-target.js'
import { batchItemFailures, type RotationEventResponse } from './batch-item-failures.js'
import { hasEndedWithin, timeLeftMs } from './time-left.js'
import { withSecrets } from './with-secrets.js'

const deliveredAgain = 'Lambda delivers the event again; until then the last known good value is served.'

/** A `SecretCache`. */
type RotatedCache = Pick<SecretCache, 'handleRotationEvent' | 'idle'>

/** A handler of rotation events. By the context it knows how much time it has. */
export type RotationEventHandler = (event: unknown, context?: unknown) => Promise<RotationEventResponse>

/**
 * Refreshes what has changed, by the events that Lambda gets from EventBridge, SNS or SQS.
 *
 * An event reaches one execution environment, and so one cache of many: it is of use to a function with one environment, or to one
 * that tells others. What fails for a transient reason is delivered again: the handler rejects, and of a batch of SQS it names the messages
 * that failed, and those that follow one in its group of a FIFO queue (the event source mapping must have `ReportBatchItemFailures`).
 * Events that say nothing are passed over.
 *
 * @example
 * const refresh = createRotationEventHandler(secrets)
 *
 * export const handler = withSecrets(secrets, async (event: { source?: string }) => {
 *   if (event.source === 'aws.secretsmanager') return refresh(event)
 *   return callApi(await secrets.getSecretString('prod/api-key'))
 * })
 */
export function createRotationEventHandler(cache: RotatedCache): RotationEventHandler {
  return withSecrets(cache, async (event: unknown, context?: unknown) => {
    const handle = (payload: unknown): Promise<readonly RotationResult[] | undefined> => inTime(cache, payload, context)
    const messages = messagesOf(event)
    if (messages !== undefined) {
      const results = await Promise.all(messages.map(handle))
      const hasFailed = (index: number): boolean => results[index] === undefined || failedInPassing(results[index])
      return { batchItemFailures: batchItemFailures(messages, hasFailed) }
    }
    const results = await handle(event)
    if (results === undefined) throw tookTooLong()
    if (failedInPassing(results)) throw failureIn(results)
    return { batchItemFailures: [] }
  })
}

/** Undefined if the time of the invocation has not been enough: then it is delivered again. */
async function inTime(cache: RotatedCache, payload: unknown, context: unknown): Promise<readonly RotationResult[] | undefined> {
  const handling = cache.handleRotationEvent(payload)
  return (await hasEndedWithin(timeLeftMs([context]), handling)) ? handling : undefined
}

/** The messages of a queue; undefined if it is something else that was delivered. */
function messagesOf(event: unknown): readonly Untrusted[] | undefined {
  const records = isUntrusted(event) && Array.isArray(event.Records) ? event.Records.filter(isUntrusted) : []
  return records[0]?.eventSource === 'aws:sqs' ? records : undefined
}

function tookTooLong(): SecretCacheError {
  return new SecretCacheError({
    code: 'ERR_SECRET_TIMEOUT',
    message: 'A secret was rotated, and its new version was not there in the time that the function has.',
    hint: `${deliveredAgain} Give the function more time.`,
  })
}

function failureIn(results: readonly RotationResult[]): SecretCacheError {
  const { reason, secretId } = results.find(result => failedInPassing([result])) as RotationResult
  return new SecretCacheError({
    code: reason as SecretCacheErrorCode,
    message: `The secret ${secretId} was rotated and could not be read.`,
    secretId,
    hint: deliveredAgain,
  })
}
