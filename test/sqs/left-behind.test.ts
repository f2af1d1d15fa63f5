// The listener loads these with its first call. Loaded before, they take no time of a test.
import '@aws-sdk/client-sns'
import '@aws-sdk/client-sqs'
import { expect, onTestFinished, test, vi } from 'vitest'
import { listenToQueue } from '../../src/sqs/listen-to-queue.js'
import { ManualClock } from '../../src/testing/manual-clock.js'
import { FakeQueues, serviceException } from '../support/fake-queues.js'

const queueUrl = 'https://sqs.eu-central-1.amazonaws.com/111122223333/rotations'

const setUp = async (rest = {}) => {
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

test('a message that a delete leaves behind is told of, with the reason, and the others are not', async () => {
  const { clock, queues, events } = await setUp()
  const entry = { Id: '1', Code: 'InternalError', SenderFault: false, Message: 'try again' }
  queues.answerNext('DeleteMessageBatch', { Successful: [{ Id: '0' }], Failed: [entry] })
  queues.put(queueUrl, 'event', 'another')
  await clock.advance(0)
  expect(events).toMatchObject([
    {
      type: 'queueFailed',
      queueUrl,
      error: { code: 'ERR_SECRET_UNAVAILABLE', message: expect.stringMatching(/1 of 2 messages.*try again/) },
    },
  ])
  expect(queues.polls).toBe(1)
})

test.each([
  [{ Code: 'ReceiptHandleIsInvalid', SenderFault: true }, 'ERR_SECRET_REQUEST'],
  [{ Code: 'AccessDenied', SenderFault: true }, 'ERR_SECRET_ACCESS_DENIED'],
  [{ Code: 'hunter2 and more' }, 'ERR_SECRET_UNAVAILABLE'],
  [{}, 'ERR_SECRET_UNAVAILABLE'],
  [null, 'ERR_SECRET_UNAVAILABLE'],
])('a message that is left behind because of %j is an error by that reason', async (entry, code) => {
  const { clock, queues, events } = await setUp()
  queues.answerNext('DeleteMessageBatch', { Failed: [entry] })
  queues.put(queueUrl, 'event')
  await clock.advance(0)
  expect(events).toMatchObject([{ type: 'queueFailed', error: { code } }])
  expect(JSON.stringify(events)).not.toContain('hunter2')
})
