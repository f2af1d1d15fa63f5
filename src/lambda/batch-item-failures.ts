import { isUntrusted, type Untrusted } from '../core/rotations/untrusted.js'

/** The response of a rotation event handler to Lambda: which messages of a queue to deliver again. Other transports ignore it. */
export interface RotationEventResponse {
  /**
   * The SQS message ids of the messages that failed for a transient reason and, in a FIFO queue, of those that follow one in its group.
   * Empty for all other transports.
   */
  batchItemFailures: { itemIdentifier: string }[]
}

/**
 * Names the failed messages of a batch. For a FIFO queue, it also names the messages that follow a failed one in its group, as AWS requires:
 * the queue then keeps the order, also for the execution environment that gets the messages again.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function batchItemFailures(
  messages: readonly Untrusted[],
  hasFailed: (index: number) => boolean,
): RotationEventResponse['batchItemFailures'] {
  const blocked = new Set<unknown>()
  const named = messages.filter((message, index) => {
    const group = orderedGroupOf(message)
    const isNamed = hasFailed(index) || (group !== undefined && blocked.has(group))
    if (isNamed && group !== undefined) blocked.add(group)
    return isNamed
  })
  return named.map(({ messageId }) => ({ itemIdentifier: String(messageId) }))
}

/** The group in which the order of a message counts. The groups of a standard queue are for fair sharing and keep no order. */
function orderedGroupOf({ attributes, eventSourceARN }: Untrusted): unknown {
  const isStandard = typeof eventSourceARN === 'string' && !eventSourceARN.endsWith('.fifo')
  return isStandard || !isUntrusted(attributes) ? undefined : attributes.MessageGroupId
}
