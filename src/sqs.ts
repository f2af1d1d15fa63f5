export type { RevalidationTarget } from './signals/rotation-target.js'
export type { SnsClientLike } from './signals/sns-api.js'
export type { GivenQueueOptions, OwnQueueOptions, QueueListenerOptions } from './signals/sqs/listen-options.js'
export { listenToQueue, type QueueListener } from './signals/sqs/listen-to-queue.js'
export type {
  QueueCreatedEvent,
  QueueFailedEvent,
  QueueListenerEvent,
  ReceiveFailedEvent,
  RevalidatedEvent,
} from './signals/sqs/listener-events.js'
export { type SweepQueuesOptions, type SweepReport, sweepQueues } from './signals/sqs/sweep-queues.js'
export type { SqsClientLike } from './signals/sqs-api.js'
