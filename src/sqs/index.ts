export type { RevalidationTarget } from '../signals/rotation-target.js'
export type { SnsClientLike } from '../signals/sns-api.js'
export type { GivenQueueOptions, OwnQueueOptions, QueueListenerOptions } from './listen-options.js'
export { listenToQueue, type QueueListener } from './listen-to-queue.js'
export type {
  QueueCreatedEvent,
  QueueFailedEvent,
  QueueListenerEvent,
  ReceiveFailedEvent,
  RevalidatedEvent,
} from './listener-events.js'
export type { SqsClientLike } from './sqs-api.js'
export { type SweepQueuesOptions, type SweepReport, sweepQueues } from './sweep-queues.js'
