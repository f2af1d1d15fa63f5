import { expect, test } from 'vitest'
import type { ManualClock } from '../../src/testing/manual-clock.js'
import { type FakeQueues, serviceException } from '../support/fake-queues.js'
import { queueUrl, setUp } from './listening.js'

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

/** How many receives begin within `ms` milliseconds. */
const receivesIn = async ({ clock, queues }: { clock: ManualClock; queues: FakeQueues }, ms: number) => {
  const before = queues.countOf('ReceiveMessage')
  await clock.advance(ms)
  return queues.countOf('ReceiveMessage') - before
}
const repeat = <T>(times: number, value: T): T[] => Array.from({ length: times }, () => value)

test('receives that come back at once with nothing are paced to one a second', async () => {
  const set = await setUp()
  set.queues.answerNext('ReceiveMessage', ...repeat(1_000, {}))
  set.queues.endPolls()
  expect(await receivesIn(set, 999)).toBe(0)
  expect(await receivesIn(set, 1)).toBe(1)
  expect(await receivesIn(set, 10_000)).toBe(10)
})

test('a receive that comes back with nothing after a second is followed by the next at once', async () => {
  const set = await setUp()
  await set.clock.advance(1_000)
  set.queues.endPolls()
  expect(await receivesIn(set, 0)).toBe(1)
})

test('a message that cannot be deleted and comes again at once is received once a second', async () => {
  const set = await setUp()
  const received = { Messages: [{ MessageId: '1', Body: 'event', ReceiptHandle: 'handle' }] }
  set.queues.answerNext('ReceiveMessage', ...repeat(1_000, received))
  set.queues.failNext('DeleteMessageBatch', ...repeat(1_000, serviceException('AccessDenied', 'not yours')))
  set.queues.put(queueUrl, 'another')
  await set.clock.advance(0)
  expect(await receivesIn(set, 10_000)).toBe(10)
})

test('a message whose handling fails and that comes again at once is received once a second', async () => {
  const set = await setUp()
  set.cache.handleRotationEvent.mockRejectedValue(new Error('poisonous'))
  const received = { Messages: [{ MessageId: '1', Body: 'event', ReceiptHandle: 'handle' }] }
  set.queues.answerNext('ReceiveMessage', ...repeat(1_000, received))
  await set.clock.advance(1_000)
  set.queues.endPolls()
  await set.clock.advance(0)
  expect(await receivesIn(set, 10_000)).toBe(10)
})

test('messages that are handled are received without a pause, also those that come again', async () => {
  const set = await setUp()
  set.queues.failNext('DeleteMessageBatch', serviceException('InternalError', 'try again', 'server'))
  for (const body of ['event', 'event', 'event', 'another']) {
    set.queues.put(queueUrl, body)
    expect(await receivesIn(set, 0)).toBe(1)
  }
  expect(set.queues.deleted).toEqual([...repeat(3, 'handle-of-event'), 'handle-of-another'])
})

test('close ends the pause between receives at once', async () => {
  const { clock, queues, listener } = await setUp()
  queues.endPolls()
  await clock.advance(0)
  expect(queues.polls).toBe(0)
  await listener.close()
  expect([queues.polls, clock.pending]).toEqual([0, 0])
})
