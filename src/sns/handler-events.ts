import type { SecretCacheError } from '../core/failures/errors.js'
import type { SnsMessageError } from './sns-message-error.js'

/** SNS asked whether the subscription is wanted, and was told so. */
export interface SubscriptionConfirmedEvent {
  /** Which event it is. */
  readonly type: 'confirmed'
  /** The topic that is subscribed to. */
  readonly topicArn: string
  /** The subscription, by which it can be ended. */
  readonly subscriptionArn: string
}

/** The subscription has ended. It is not confirmed again: who ended it may have meant it. */
export interface UnsubscribedEvent {
  /** Which event it is. */
  readonly type: 'unsubscribed'
  /** The topic that was subscribed to. */
  readonly topicArn: string
}

/** A request was not answered by 200. */
export interface MessageRefusedEvent {
  /** Which event it is. */
  readonly type: 'messageRefused'
  /** The HTTP status that the request was answered with. */
  readonly status: number
  /** Undefined for a request whose body was not read. */
  readonly error: SnsMessageError | undefined
}

/** A genuine message could not be acted upon. */
export interface SignalFailedEvent {
  /** Which event it is. */
  readonly type: 'signalFailed'
  /** What went wrong. */
  readonly error: SecretCacheError
}

/** What a handler tells its listeners, and the channels `awscurrent:confirmed` and so on. */
export type SnsHandlerEvent = SubscriptionConfirmedEvent | UnsubscribedEvent | MessageRefusedEvent | SignalFailedEvent

export const snsHandlerEventTypes: readonly SnsHandlerEvent['type'][] = [
  'confirmed',
  'unsubscribed',
  'messageRefused',
  'signalFailed',
]
