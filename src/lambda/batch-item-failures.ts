import { isUntrusted, type Untrusted } from '../core/rotations/untrusted.js'

/** What Lambda is answered: the messages of a queue that it shall deliver again. It matters to no other transport. */
export interface RotationEventResponse {
  /**
   * The ids of the messages that failed for a transient reason, as SQS gave them, and of those that follow one in its group of a FIFO
   * queue. Empty for all other transports.
   */
  batchItemFailures: { itemIdentifier: string }[]
}

/**
 * Names the messages of a batch that failed. Of a FIFO queue it names what follows a failed one in its group too, as AWS wants it: the
 * queue keeps its order then, also for the execution environment that the messages are delivered to again.
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

/** The group within which a message has its place. The groups of a standard queue share it out fairly, and keep no order. */
function orderedGroupOf({ attributes, eventSourceARN }: Untrusted): unknown {
  const isStandard = typeof eventSourceARN === 'string' && !eventSourceARN.endsWith('.fifo')
  return isStandard || !isUntrusted(attributes) ? undefined : attributes.MessageGroupId
}
