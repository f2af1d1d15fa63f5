export type { RotationTarget } from './signals/rotation-target.js'
export type { FetchCertificate } from './signals/sns/certificates.js'
export { createSnsHandler, type SnsHandler, type SnsHandlerOptions } from './signals/sns/create-sns-handler.js'
export type {
  MessageRefusedEvent,
  SignalFailedEvent,
  SnsHandlerEvent,
  SubscriptionConfirmedEvent,
  UnsubscribedEvent,
} from './signals/sns/handler-events.js'
export type { SnsMessage, SnsNotification, SnsSubscriptionMessage } from './signals/sns/sns-message.js'
export { SnsMessageError } from './signals/sns/sns-message-error.js'
export type { VerifySnsMessageOptions } from './signals/sns/verify-options.js'
export { verifySnsMessage } from './signals/sns/verify-sns-message.js'
export type { SnsClientLike } from './signals/sns-api.js'
