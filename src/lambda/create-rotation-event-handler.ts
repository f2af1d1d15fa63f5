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

/** A Lambda handler of rotation events. Pass it the context, from which it reads how much time is left. */
export type RotationEventHandler = (event: unknown, context?: unknown) => Promise<RotationEventResponse>

/**
 * Creates a Lambda handler that refreshes the secrets named in rotation events of EventBridge, SNS or SQS.
 *
 * An event reaches only one execution environment, and so one cache of many: use it in a function with one environment, or in one that
 * notifies others. Events that fail for a transient reason are delivered again: the handler rejects, or for an SQS batch names the failed
 * messages and, in a FIFO queue, those that follow one in its group. The event source mapping must have `ReportBatchItemFailures`. Events
 * that need no refresh are ignored.
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

/** Resolves with undefined if the invocation ran out of time, so that the event is delivered again. */
async function inTime(cache: RotatedCache, payload: unknown, context: unknown): Promise<readonly RotationResult[] | undefined> {
  const handling = cache.handleRotationEvent(payload)
  return (await hasEndedWithin(timeLeftMs([context]), handling)) ? handling : undefined
}

/** The messages of a queue; undefined for an event of any other transport. */
function messagesOf(event: unknown): readonly Untrusted[] | undefined {
  const records = isUntrusted(event) && Array.isArray(event.Records) ? event.Records.filter(isUntrusted) : []
  return records[0]?.eventSource === 'aws:sqs' ? records : undefined
}

function tookTooLong(): SecretCacheError {
  return new SecretCacheError({
    code: 'ERR_SECRET_TIMEOUT',
    message: 'A secret was rotated, and its new version could not be read within the time that the function has.',
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
