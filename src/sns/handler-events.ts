import type { SecretCacheError } from '../core/failures/errors.js'
import type { SnsMessageError } from './sns-message-error.js'

/** A subscription was confirmed. */
export interface SubscriptionConfirmedEvent {
  /** The type of the event. */
  readonly type: 'confirmed'
  /** The topic of the subscription. */
  readonly topicArn: string
  /** The ARN of the subscription, with which it can be ended. */
  readonly subscriptionArn: string
}

/** A subscription has ended. The handler does not confirm it again, because it may have been ended on purpose. */
export interface UnsubscribedEvent {
  /** The type of the event. */
  readonly type: 'unsubscribed'
  /** The topic of the subscription. */
  readonly topicArn: string
}

/** A request was not answered with 200. */
export interface MessageRefusedEvent {
  /** The type of the event. */
  readonly type: 'messageRefused'
  /** The HTTP status of the response. */
  readonly status: number
  /** Why the message was rejected; undefined for a request whose body was not read. */
  readonly error: SnsMessageError | undefined
}

/** A verified message could not be processed. */
export interface SignalFailedEvent {
  /** The type of the event. */
  readonly type: 'signalFailed'
  /** What went wrong. */
  readonly error: SecretCacheError
}

/** The events of a handler. They are also published on the diagnostics channels `awscurrent:confirmed` and so on. */
export type SnsHandlerEvent = SubscriptionConfirmedEvent | UnsubscribedEvent | MessageRefusedEvent | SignalFailedEvent

export const snsHandlerEventTypes: readonly SnsHandlerEvent['type'][] = [
  'confirmed',
  'unsubscribed',
  'messageRefused',
  'signalFailed',
]
