export type { RotationTarget } from '../signals/rotation-target.js'
export type { SnsClientLike } from '../signals/sns-api.js'
export type { FetchCertificate } from './certificates.js'
export { createSnsHandler, type SnsHandler, type SnsHandlerOptions } from './create-sns-handler.js'
export type {
  MessageRefusedEvent,
  SignalFailedEvent,
  SnsHandlerEvent,
  SubscriptionConfirmedEvent,
  UnsubscribedEvent,
} from './handler-events.js'
export type { SnsMessage, SnsNotification, SnsSubscriptionMessage } from './sns-message.js'
export { SnsMessageError } from './sns-message-error.js'
export type { VerifySnsMessageOptions } from './verify-options.js'
export { verifySnsMessage } from './verify-sns-message.js'
