import type { SecretCacheError } from '../core/failures/errors.js'

/** No messages could be received. It is tried again after a pause. */
export interface ReceiveFailedEvent {
  /** Which event it is. */
  readonly type: 'receiveFailed'
  /** The queue that was asked. */
  readonly queueUrl: string
  /** What went wrong. */
  readonly error: SecretCacheError
}

/** A message could not be acted upon or deleted: it comes again. Or a queue, subscription or tag could not be made or removed. */
export interface QueueFailedEvent {
  /** Which event it is. */
  readonly type: 'queueFailed'
  /** The queue that it is about. */
  readonly queueUrl: string
  /** What went wrong. */
  readonly error: SecretCacheError
}

/** The instance has made another queue of its own: the one it had was gone. */
export interface QueueCreatedEvent {
  /** Which event it is. */
  readonly type: 'queueCreated'
  /** The new queue. */
  readonly queueUrl: string
}

/** Messages may have been missed, so the cache was told to read everything again. */
export interface RevalidatedEvent {
  /** Which event it is. */
  readonly type: 'revalidated'
  /** The queue whose messages may have been missed. */
  readonly queueUrl: string
  /** Why messages may have been missed. */
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
