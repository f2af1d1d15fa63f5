import type { SecretCacheError } from '../core/failures/errors.js'

/** No messages could be received. It is tried again after a pause. */
export interface ReceiveFailedEvent {
  readonly type: 'receiveFailed'
  readonly queueUrl: string
  readonly error: SecretCacheError
}

/** A message could not be acted upon or deleted: it comes again. Or a queue, subscription or tag could not be made or removed. */
export interface QueueFailedEvent {
  readonly type: 'queueFailed'
  readonly queueUrl: string
  readonly error: SecretCacheError
}

/** The instance has made another queue of its own: the one it had was gone. */
export interface QueueCreatedEvent {
  readonly type: 'queueCreated'
  readonly queueUrl: string
}

/** Messages may have been missed, so the cache was told to read everything again. */
export interface RevalidatedEvent {
  readonly type: 'revalidated'
  readonly queueUrl: string
  readonly reason: 'started' | 'queue created' | 'subscribed again' | 'nothing received for too long'
}

/** What a listener tells, and the channels `awscurrent:receiveFailed` and so on. */
export type QueueListenerEvent = ReceiveFailedEvent | QueueFailedEvent | QueueCreatedEvent | RevalidatedEvent

export const queueListenerEventTypes: readonly QueueListenerEvent['type'][] = [
  'receiveFailed',
  'queueFailed',
  'queueCreated',
  'revalidated',
]
