import type { SecretCacheError } from '../core/failures/errors.js'

/** Receiving messages failed. It is retried after a pause. */
export interface ReceiveFailedEvent {
  /** The type of the event. */
  readonly type: 'receiveFailed'
  /** The queue that was polled. */
  readonly queueUrl: string
  /** What went wrong. */
  readonly error: SecretCacheError
}

/** A message could not be processed or deleted and will be received again, or a queue, subscription or tag could not be created or deleted. */
export interface QueueFailedEvent {
  /** The type of the event. */
  readonly type: 'queueFailed'
  /** The queue that the failure is about. */
  readonly queueUrl: string
  /** What went wrong. */
  readonly error: SecretCacheError
}

/** The instance has created another queue for itself, because the one it had was gone. */
export interface QueueCreatedEvent {
  /** The type of the event. */
  readonly type: 'queueCreated'
  /** The new queue. */
  readonly queueUrl: string
}

/** Messages may have been missed, so the cache was told to read all secrets again. */
export interface RevalidatedEvent {
  /** The type of the event. */
  readonly type: 'revalidated'
  /** The queue whose messages may have been missed. */
  readonly queueUrl: string
  /** Why messages may have been missed. */
  readonly reason: 'started' | 'queue created' | 'subscribed again' | 'nothing received for too long'
}

/** The events of a queue listener. They are also published on the diagnostics channels `awscurrent:receiveFailed` and so on. */
export type QueueListenerEvent = ReceiveFailedEvent | QueueFailedEvent | QueueCreatedEvent | RevalidatedEvent

export const queueListenerEventTypes: readonly QueueListenerEvent['type'][] = [
  'receiveFailed',
  'queueFailed',
  'queueCreated',
  'revalidated',
]
