// The listener loads these with its first call. Loaded before, they take no time of a test.
import '@aws-sdk/client-sns'
import '@aws-sdk/client-sqs'
import { expect, onTestFinished, test, vi } from 'vitest'
import { listenToQueue } from '../../src/sqs/listen-to-queue.js'
import { ManualClock } from '../../src/testing/manual-clock.js'
import { FakeQueues, serviceException } from '../support/fake-queues.js'

const topicArn = 'arn:aws:sns:eu-central-1:111122223333:rotations'

const begin = () => {
  const clock = new ManualClock()
  const queues = new FakeQueues()
  const cache = { handleRotationEvent: vi.fn(async () => []), revalidate: vi.fn() }
  const listen = () => listenToQueue(cache, { topicArn, client: queues, snsClient: queues, clock })
  return { clock, queues, cache, listen }
}
const setUp = async () => {
  const begun = begin()
  const listener = await begun.listen()
  const events: { type: string }[] = []
  for (const type of ['receiveFailed', 'queueFailed', 'queueCreated', 'revalidated'] as const)
    listener.on(type, event => events.push(event))
  onTestFinished(() => listener.close())
  await begun.clock.advance(0)
  return { ...begun, listener, events }
}
const tenMinutesMs = 600_000

test('an instance makes a queue that only the topic may send to, tags it and subscribes it', async () => {
  const { queues, listener, clock } = await setUp()
  const [[url, queue] = []] = queues.queues
  expect(listener.queueUrl).toBe(url)
  expect(url).toMatch(/\/awscurrent-[0-9a-f-]{36}$/)
  expect(queue?.tags).toEqual({ 'awscurrent:topic': topicArn, 'awscurrent:heartbeat': new Date(clock.now()).toISOString() })
  const { Policy = '', ...attributes } = queue?.attributes ?? {}
  expect(attributes).toEqual({ MessageRetentionPeriod: '300', VisibilityTimeout: '60' })
  const queueArn = `arn:aws:sqs:eu-central-1:111122223333:${url?.split('/').at(-1)}`
  expect(JSON.parse(Policy)).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: queueArn,
        Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
      },
    ],
  })
  expect([...queues.subscriptions.values()]).toEqual([queueArn])
})

test('everything is read again after it has subscribed, not before', async () => {
  const { queues, cache, listen } = begin()
  cache.revalidate.mockImplementation(() => expect(queues.subscriptions.size).toBe(1))
  const listener = await listen()
  expect(cache.revalidate).toHaveBeenCalledTimes(1)
  await listener.close()
})

test('two instances have two queues', async () => {
  const { queues, listen } = await setUp()
  const other = await listen()
  expect([queues.queues.size, queues.subscriptions.size]).toEqual([2, 2])
  await other.close()
})

test('queue and subscription are gone after close', async () => {
  const { queues, listener, clock } = await setUp()
  await listener.close()
  expect([queues.queues.size, queues.subscriptions.size, clock.pending]).toEqual([0, 0, 0])
})

test.each(['Unsubscribe', 'DeleteQueue'])(
  'when %s fails at close, the other is done all the same, and it is told',
  async call => {
    const { queues, listener, events } = await setUp()
    queues.failNext(call, serviceException('InternalError', 'try again', 'server'))
    await listener.close()
    expect([queues.queues.size, queues.subscriptions.size]).toEqual(call === 'Unsubscribe' ? [0, 1] : [1, 0])
    expect(events).toMatchObject([{ type: 'queueFailed', error: { code: 'ERR_SECRET_UNAVAILABLE' } }])
  },
)

test.each(['GetQueueAttributes', 'SetQueueAttributes', 'Subscribe'])(
  'when %s fails at the beginning, nothing is left behind',
  async call => {
    const { queues, listen, cache, clock } = begin()
    queues.failNext(call, serviceException('AuthorizationError', 'User is not authorized to perform that'))
    await expect(listen()).rejects.toMatchObject({ code: 'ERR_SECRET_ACCESS_DENIED', message: expect.stringContaining(call) })
    expect([queues.queues.size, queues.subscriptions.size, clock.pending]).toEqual([0, 0, 0])
    expect(cache.revalidate).not.toHaveBeenCalled()
  },
)

test('a queue that is gone is made again, subscribed, and everything is read again', async () => {
  const { clock, queues, listener, cache, events } = await setUp()
  const first = listener.queueUrl
  queues.queues.delete(first)
  queues.endPolls()
  await clock.advance(5_000)
  expect(listener.queueUrl).not.toBe(first)
  expect([...queues.queues.keys()]).toEqual([listener.queueUrl])
  expect(queues.subscriptions.size).toBe(1)
  expect(events.filter(({ type }) => type !== 'receiveFailed')).toEqual([
    { type: 'queueCreated', queueUrl: listener.queueUrl },
    { type: 'revalidated', queueUrl: listener.queueUrl, reason: 'queue created' },
  ])
  expect(cache.revalidate).toHaveBeenCalledTimes(2)
  queues.put(listener.queueUrl, 'event')
  await clock.advance(0)
  expect(queues.deleted).toEqual(['handle-of-event'])
})

test('a queue that seems to be missing once is not made again: one that was just made may', async () => {
  const { clock, queues } = await setUp()
  queues.failNext('ReceiveMessage', serviceException('QueueDoesNotExist'))
  queues.endPolls()
  await clock.advance(5_000)
  expect([queues.countOf('CreateQueue'), queues.polls]).toEqual([1, 1])
})

test('a queue that cannot be made again is tried again', async () => {
  const { clock, queues, listener } = await setUp()
  queues.failNext('CreateQueue', serviceException('InternalError', 'try again', 'server'))
  queues.queues.delete(listener.queueUrl)
  queues.endPolls()
  await clock.advance(60_000)
  expect([queues.queues.size, queues.countOf('CreateQueue'), queues.polls]).toEqual([1, 3, 1])
})

test('the heartbeat in its tags is renewed every ten minutes', async () => {
  const { clock, queues, listener } = await setUp()
  const start = clock.now()
  const heartbeat = () => Date.parse(queues.queues.get(listener.queueUrl)?.tags['awscurrent:heartbeat'] ?? '')
  await clock.advance(tenMinutesMs - 1)
  expect(heartbeat()).toBe(start)
  await clock.advance(1)
  expect(heartbeat()).toBe(start + tenMinutesMs)
  await clock.advance(tenMinutesMs)
  expect(heartbeat()).toBe(start + 2 * tenMinutesMs)
})

test('a subscription that was lost is made again at the next heartbeat, and everything is read again', async () => {
  const { clock, queues, events } = await setUp()
  queues.subscriptions.clear()
  await clock.advance(tenMinutesMs)
  expect(queues.subscriptions.size).toBe(1)
  expect(events.filter(({ type }) => type === 'revalidated')).toMatchObject([{ reason: 'subscribed again' }])
})

test('a heartbeat that finds its subscription has nothing read again', async () => {
  const { clock, cache } = await setUp()
  await clock.advance(tenMinutesMs)
  expect(cache.revalidate).toHaveBeenCalledTimes(1)
})

test('a heartbeat that fails is told, and the next one comes', async () => {
  const { clock, queues, events } = await setUp()
  queues.failNext('TagQueue', serviceException('InternalError', 'try again', 'server'))
  await clock.advance(tenMinutesMs)
  expect(events.filter(({ type }) => type === 'queueFailed')).toHaveLength(1)
  await clock.advance(tenMinutesMs)
  expect(queues.countOf('TagQueue')).toBe(2)
})

test('a heartbeat that is under way at close subscribes nothing afterwards', async () => {
  const { clock, queues, listener } = await setUp()
  const beaten = clock.advance(tenMinutesMs)
  const closed = listener.close()
  await Promise.all([beaten, closed])
  expect([queues.queues.size, queues.subscriptions.size, clock.pending]).toEqual([0, 0, 0])
})
