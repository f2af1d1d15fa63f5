// The listener loads these with its first call. Loaded before, they take no time of a test.
import '@aws-sdk/client-sns'
import '@aws-sdk/client-sqs'
import { type Mock, onTestFinished, vi } from 'vitest'
import type { QueueListener } from '../../src/sqs/index.js'
import { listenToQueue } from '../../src/sqs/listen-to-queue.js'
import { ManualClock } from '../../src/testing/manual-clock.js'
import { FakeQueues } from '../support/fake-queues.js'

export const queueUrl = 'https://sqs.eu-central-1.amazonaws.com/111122223333/rotations'

interface Scene {
  clock: ManualClock
  queues: FakeQueues
  cache: { handleRotationEvent: Mock<(payload: unknown) => Promise<unknown>>; revalidate: Mock<() => void> }
  listener: QueueListener
  events: { type: string }[]
}

/** A listener to a queue of a service that is played, over a cache that takes every event. */
export const setUp = async (rest: object = {}): Promise<Scene> => {
  const clock = new ManualClock()
  const queues = new FakeQueues()
  queues.add(queueUrl)
  const cache = {
    handleRotationEvent: vi.fn(
      async (_payload: unknown): Promise<unknown> => [{ outcome: 'refreshed', reason: 'PutSecretValue' }],
    ),
    revalidate: vi.fn(),
  }
  const listener = await listenToQueue(cache, { queueUrl, client: queues, clock, ...rest })
  const events: { type: string }[] = []
  for (const type of ['receiveFailed', 'queueFailed', 'queueCreated', 'revalidated'] as const)
    listener.on(type, event => events.push(event))
  onTestFinished(async () => {
    const closed = listener.close()
    await clock.advance(1_000)
    await closed
  })
  await clock.advance(0)
  return { clock, queues, cache, listener, events }
}
