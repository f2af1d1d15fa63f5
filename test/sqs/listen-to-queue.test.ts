import { expect, onTestFinished, test, vi } from 'vitest'
import { regionOf } from '../../src/sqs/listen-options.js'
import { listenToQueue } from '../../src/sqs/listen-to-queue.js'
import { serviceException } from '../support/fake-queues.js'
import { queueUrl, setUp } from './listening.js'

const deferred = () => {
  let resolve = (_value: unknown): void => {}
  const promise = new Promise<unknown>(settle => {
    resolve = settle
  })
  return { promise, resolve }
}

test('a message is handed to the cache as it is, and deleted after it was handled, not before', async () => {
  const { clock, queues, cache } = await setUp()
  const handled = deferred()
  cache.handleRotationEvent.mockReturnValueOnce(handled.promise)
  queues.put(queueUrl, 'event')
  await clock.advance(0)
  expect(cache.handleRotationEvent.mock.calls).toEqual([[{ MessageId: 'id-of-event', Body: 'event' }]])
  expect(queues.deleted).toEqual([])
  handled.resolve([{ outcome: 'scheduled', reason: 'spread' }])
  await clock.advance(0)
  expect(queues.deleted).toEqual(['handle-of-event'])
})

test('it polls as long as SQS lets it, and for as many messages', async () => {
  const { queues } = await setUp()
  expect(queues.inputs).toEqual([{ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 20 }])
})

test.each([
  ['rejecting', () => Promise.reject(new Error('hunter2'))],
  [
    'throwing',
    () => {
      throw new Error('hunter2')
    },
  ],
])('a poisonous message (%s) is left to its queue, and does not stop the others', async (_, poison) => {
  const { clock, queues, cache, events } = await setUp()
  cache.handleRotationEvent.mockImplementationOnce(poison)
  queues.put(queueUrl, 'poison', 'event')
  await clock.advance(0)
  queues.put(queueUrl, 'another')
  await clock.advance(0)
  expect(queues.deleted).toEqual(['handle-of-event', 'handle-of-another'])
  expect(events).toMatchObject([
    { type: 'queueFailed', queueUrl, error: { message: expect.stringMatching(/^handleRotationEvent failed/) } },
  ])
  expect(JSON.stringify(events)).not.toContain('hunter2')
})

test('a message whose refresh failed in passing is not deleted: it comes again', async () => {
  const { clock, queues, cache } = await setUp()
  cache.handleRotationEvent.mockResolvedValueOnce([{ outcome: 'rejected', reason: 'ERR_SECRET_THROTTLED', secretId: 'shop/db' }])
  queues.put(queueUrl, 'event')
  await clock.advance(0)
  expect(queues.deleted).toEqual([])
})

test('of a FIFO queue, what follows a failed message in its group is deleted once it was handled: the cache needs no order', async () => {
  const { clock, queues, cache } = await setUp()
  const failed = [{ outcome: 'rejected', reason: 'ERR_SECRET_THROTTLED', secretId: 'shop/db' }]
  cache.handleRotationEvent.mockResolvedValueOnce(failed)
  queues.put(queueUrl, 'first of a group', 'second of it')
  await clock.advance(0)
  expect(queues.deleted).toEqual(['handle-of-second of it'])
})

test('a message that nobody can read is deleted', async () => {
  const { clock, queues, cache } = await setUp()
  cache.handleRotationEvent.mockResolvedValueOnce([{ outcome: 'rejected', reason: 'not JSON' }])
  queues.put(queueUrl, 'garbage')
  await clock.advance(0)
  expect(queues.deleted).toEqual(['handle-of-garbage'])
})

test('a message that takes long does not hold up the next', async () => {
  const { clock, queues, cache } = await setUp()
  cache.handleRotationEvent.mockReturnValueOnce(new Promise(() => {}))
  queues.put(queueUrl, 'slow')
  await clock.advance(0)
  queues.put(queueUrl, 'event')
  await clock.advance(0)
  expect(queues.deleted).toEqual(['handle-of-event'])
})

test('no more is received while ten receives are being handled', async () => {
  const { clock, queues, cache } = await setUp()
  const first = deferred()
  cache.handleRotationEvent.mockReturnValueOnce(first.promise).mockReturnValue(new Promise(() => {}))
  for (let batch = 0; batch < 10; batch += 1) {
    queues.put(queueUrl, `event ${batch}`)
    await clock.advance(0)
  }
  expect([queues.countOf('ReceiveMessage'), queues.polls]).toEqual([10, 0])
  first.resolve([])
  await clock.advance(0)
  expect([queues.countOf('ReceiveMessage'), queues.polls]).toEqual([11, 1])
})

test('close does not wait for a place among the receives that are being handled', async () => {
  const { clock, queues, cache, listener } = await setUp()
  cache.handleRotationEvent.mockReturnValue(new Promise(() => {}))
  for (let batch = 0; batch < 10; batch += 1) {
    queues.put(queueUrl, `event ${batch}`)
    await clock.advance(0)
  }
  const closed = listener.close()
  await clock.advance(1_000)
  await closed
  expect(queues.countOf('ReceiveMessage')).toBe(10)
})

test('a delete that fails is told, and the loop goes on', async () => {
  const { clock, queues, events } = await setUp()
  queues.failNext('DeleteMessageBatch', serviceException('InternalError', 'try again', 'server'))
  queues.put(queueUrl, 'event')
  await clock.advance(0)
  expect(events).toMatchObject([{ type: 'queueFailed', error: { code: 'ERR_SECRET_UNAVAILABLE' } }])
  expect(queues.polls).toBe(1)
})

test('receives that fail back off up to a minute, and a success resets that', async () => {
  const { clock, queues, events } = await setUp()
  vi.spyOn(Math, 'random').mockReturnValue(0)
  onTestFinished(() => void vi.mocked(Math.random).mockRestore())
  await clock.advance(1_000)
  queues.failNext('ReceiveMessage', ...Array.from({ length: 20 }, () => serviceException('InternalError', 'try again', 'server')))
  queues.endPolls()
  await clock.advance(0)
  const countAfter = async (ms: number) => {
    const before = queues.countOf('ReceiveMessage')
    await clock.advance(ms)
    return queues.countOf('ReceiveMessage') - before
  }
  expect([await countAfter(999), await countAfter(1)]).toEqual([0, 1])
  expect([await countAfter(1_999), await countAfter(1)]).toEqual([0, 1])
  await clock.advance(600_000)
  expect([await countAfter(60_000), await countAfter(60_000)]).toEqual([1, 1])
  expect(events.every(({ type }) => type === 'receiveFailed')).toBe(true)

  queues.failNext('ReceiveMessage')
  await clock.advance(61_000)
  queues.failNext('ReceiveMessage', serviceException('InternalError', 'try again', 'server'))
  queues.endPolls()
  await clock.advance(0)
  expect([await countAfter(999), await countAfter(1)]).toEqual([0, 1])
})

test('a receive that is never answered is given up after 30 s', async () => {
  const { clock, queues, events } = await setUp()
  await clock.advance(30_000)
  expect(events).toMatchObject([{ type: 'receiveFailed', error: { cause: { name: 'TimeoutError' } } }])
  await clock.advance(1_000)
  expect(queues.polls).toBe(1)
})

test('everything is read again when it begins to listen', async () => {
  const { cache } = await setUp()
  expect(cache.revalidate).toHaveBeenCalledTimes(1)
})

test('everything is read again after a gap as long as the retention, and only then', async () => {
  const { clock, queues, cache, events } = await setUp({ retentionMs: 25_000 })
  await clock.advance(20_000)
  queues.endPolls()
  await clock.advance(24_999)
  queues.endPolls()
  await clock.advance(0)
  expect(cache.revalidate).toHaveBeenCalledTimes(1)
  await clock.advance(25_000)
  queues.endPolls()
  await clock.advance(0)
  expect(events).toEqual([{ type: 'revalidated', queueUrl, reason: 'nothing received for too long' }])
  expect(cache.revalidate).toHaveBeenCalledTimes(2)
})

test('a cache that cannot read again is told of, and is told of the next gap all the same', async () => {
  const { clock, queues, cache, events } = await setUp()
  cache.revalidate.mockImplementationOnce(() => {
    throw new Error('hunter2')
  })
  for (let gap = 0; gap < 2; gap += 1) {
    clock.set(clock.now() + 3_600_000)
    queues.endPolls()
    await clock.advance(1_000)
  }
  expect(events).toMatchObject([
    { type: 'queueFailed', queueUrl, error: { message: expect.stringMatching(/^The call failed/) } },
    { type: 'revalidated' },
  ])
  expect(JSON.stringify(events)).not.toContain('hunter2')
})

test.each([
  ['https://sqs.eu-west-3.amazonaws.com/111122223333/q', 'eu-west-3'],
  ['https://sqs.us-gov-west-1.amazonaws.com/111122223333/q', 'us-gov-west-1'],
  ['https://my.sqs.eu-west-3.example/q', undefined],
  ['http://localhost:4566/000000000000/q', undefined],
])('the queue %s is in the Region %s', (url, region) => {
  expect(regionOf(url)).toBe(region)
})

test('a process that was frozen reads everything again with its first receive', async () => {
  const { clock, queues, cache } = await setUp()
  clock.set(clock.now() + 3_600_000)
  queues.endPolls()
  await clock.advance(0)
  expect(cache.revalidate).toHaveBeenCalledTimes(2)
})

test('close ends a long poll at once, and leaves no timer', async () => {
  const { clock, queues, listener } = await setUp()
  expect(queues.polls).toBe(1)
  await listener.close()
  await listener.close()
  expect([queues.polls, clock.pending]).toEqual([0, 0])
})

test('close ends a pause after a failure at once', async () => {
  const { clock, queues, listener } = await setUp()
  queues.failNext('ReceiveMessage', serviceException('InternalError'))
  queues.endPolls()
  await clock.advance(0)
  await listener.close()
  expect(clock.pending).toBe(0)
})

test('what was handled while it closed is still deleted', async () => {
  const { clock, queues, cache, listener } = await setUp()
  const handled = deferred()
  cache.handleRotationEvent.mockReturnValueOnce(handled.promise)
  queues.put(queueUrl, 'event')
  await clock.advance(0)
  const closed = listener.close()
  handled.resolve([])
  await closed
  expect(queues.deleted).toEqual(['handle-of-event'])
})

test('what takes too long to be handled does not keep it from closing', async () => {
  const { clock, queues, cache, listener } = await setUp()
  cache.handleRotationEvent.mockReturnValueOnce(new Promise(() => {}))
  queues.put(queueUrl, 'event')
  await clock.advance(0)
  const closed = listener.close()
  await clock.advance(1_000)
  await closed
  expect(queues.deleted).toEqual([])
})

test('a queue of somebody else that is gone is waited for, and nothing is made in its place', async () => {
  const { clock, queues, events } = await setUp()
  queues.queues.delete(queueUrl)
  queues.endPolls()
  await clock.advance(120_000)
  expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['receiveFailed']))
  expect(queues.countOf('CreateQueue')).toBe(0)
})

test.each([
  [{}, /either queueUrl or topicArn/],
  [{ queueUrl, topicArn: 'arn:aws:sns:eu-central-1:111122223333:rotations' }, /either queueUrl or topicArn/],
  [{ queueUrl: 'rotations' }, /^queueUrl must be the URL of a queue/],
  [{ queueUrl: new URL(queueUrl) }, /^queueUrl must be the URL of a queue/],
  [{ topicArn: 'rotations' }, /^topicArn: /],
  [{ queueUrl, client: 'sqs' }, /^client must/],
  [{ queueUrl, retentionMs: 0 }, /^retentionMs must/],
  [{ queueUrl, url: queueUrl }, /Unknown option "url" of listenToQueue/],
])('the options %j are a mistake that is named', async (options, message) => {
  const cache = { handleRotationEvent: async () => [], revalidate: () => {} }
  await expect(listenToQueue(cache, options as never)).rejects.toThrow(
    expect.objectContaining({ name: 'TypeError', message: expect.stringMatching(message) }),
  )
})

test('something that cannot hear about rotations is refused as a cache', async () => {
  await expect(listenToQueue({ handleRotationEvent: async () => [] } as never, { queueUrl })).rejects.toThrow(/revalidate/)
})
