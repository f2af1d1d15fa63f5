import type { SecretCacheError } from '../core/failures/errors.js'
import type { SnsMessageError } from './sns-message-error.js'

/** SNS asked whether the subscription is wanted, and was told so. */
export interface SubscriptionConfirmedEvent {
  readonly type: 'confirmed'
  readonly topicArn: string
  readonly subscriptionArn: string
}

/** The subscription has ended. It is not confirmed again: who ended it may have meant it. */
export interface UnsubscribedEvent {
  readonly type: 'unsubscribed'
  readonly topicArn: string
}

/** A request was not answered by 200. */
export interface MessageRefusedEvent {
  readonly type: 'messageRefused'
  readonly status: number
  /** Undefined for a request whose body was not read. */
  readonly error: SnsMessageError | undefined
}

/** A genuine message could not be acted upon. */
export interface SignalFailedEvent {
  readonly type: 'signalFailed'
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
