import { expect, test, vi } from 'vitest'
import { sweepQueues } from '../../src/sqs/sweep-queues.js'
import { ManualClock } from '../../src/testing/manual-clock.js'
import { FakeQueues, serviceException } from '../support/fake-queues.js'

const topicArn = 'arn:aws:sns:eu-central-1:111122223333:rotations'
const now = Date.UTC(2030, 0, 1)
const urlOf = (name: string) => `https://sqs.eu-central-1.amazonaws.com/111122223333/${name}`
const heartbeat = (ageMs: number) => new Date(now - ageMs).toISOString()
const hourMs = 3_600_000

const setUp = () => {
  const queues = new FakeQueues()
  const add = async (name: string, tags: Record<string, string>) => {
    queues.add(urlOf(name), { tags })
    const Endpoint = `arn:aws:sqs:eu-central-1:111122223333:${name}`
    class SubscribeCommand {
      input = { TopicArn: topicArn, Endpoint }
    }
    await queues.send(new SubscribeCommand())
  }
  const sweep = () => sweepQueues({ topicArn, client: queues, snsClient: queues, clock: new ManualClock(now) })
  return { queues, add, sweep }
}
const crashed = { 'awscurrent:topic': topicArn, 'awscurrent:heartbeat': heartbeat(hourMs) }

test("a crashed instance's queue and subscription are removed", async () => {
  const { queues, add, sweep } = setUp()
  await add('awscurrent-crashed', crashed)
  expect(await sweep()).toEqual({ removed: [urlOf('awscurrent-crashed')], failed: [] })
  expect([queues.queues.size, queues.subscriptions.size]).toEqual([0, 0])
})

test.each([
  ['of a living instance', 'awscurrent-alive', { ...crashed, 'awscurrent:heartbeat': heartbeat(hourMs - 1) }],
  ['of another topic', 'awscurrent-other', { ...crashed, 'awscurrent:topic': `${topicArn}-2` }],
  ['without tags', 'awscurrent-untagged', {}],
  ['without a heartbeat', 'awscurrent-mute', { 'awscurrent:topic': topicArn }],
  ['with a heartbeat that is no time', 'awscurrent-odd', { ...crashed, 'awscurrent:heartbeat': 'yesterday' }],
  ['of another name', 'orders', crashed],
])('a queue %s is left alone', async (_, name, tags) => {
  const { queues, add, sweep } = setUp()
  await add(name, tags)
  expect(await sweep()).toEqual({ removed: [], failed: [] })
  expect([queues.queues.size, queues.subscriptions.size]).toEqual([1, 1])
})

test('a queue that cannot be removed does not keep it from the others', async () => {
  const { queues, add, sweep } = setUp()
  await add('awscurrent-1', crashed)
  await add('awscurrent-2', crashed)
  queues.failNext('DeleteQueue', serviceException('AccessDenied', 'not yours'))
  expect(await sweep()).toMatchObject({
    removed: [urlOf('awscurrent-2')],
    failed: [{ queueUrl: urlOf('awscurrent-1'), error: { code: 'ERR_SECRET_ACCESS_DENIED' } }],
  })
})

test('a sweep that breaks off between subscription and queue leaves the queue to be found by the next', async () => {
  const { queues, add, sweep } = setUp()
  await add('awscurrent-crashed', crashed)
  queues.failNext('DeleteQueue', serviceException('InternalError', 'try again', 'server'))
  await sweep()
  expect([queues.queues.size, queues.subscriptions.size]).toEqual([1, 0])
  expect(await sweep()).toMatchObject({ removed: [urlOf('awscurrent-crashed')] })
})

test('it rejects when the queues cannot be listed', async () => {
  const { queues, sweep } = setUp()
  queues.failNext('ListQueues', serviceException('AccessDenied', 'not yours'))
  await expect(sweep()).rejects.toMatchObject({ code: 'ERR_SECRET_ACCESS_DENIED' })
})

const hanging = (hung: string) => {
  const { queues, add } = setUp()
  const clock = new ManualClock(now)
  const signals: (AbortSignal | undefined)[] = []
  const client = {
    async send(command: { input: Record<string, unknown> }, options: { abortSignal?: AbortSignal } = {}): Promise<unknown> {
      const isHung = command.constructor.name === `${hung}Command` && signals.length === 0
      if (isHung) signals.push(options.abortSignal)
      return isHung ? new Promise(() => {}) : queues.send(command, options)
    },
  }
  const sweep = async () => {
    const swept = sweepQueues({ topicArn, client, snsClient: client, clock })
    const settled = Promise.allSettled([swept])
    await vi.waitFor(() => expect(signals).toHaveLength(1))
    await clock.advance(10_000)
    await settled
    expect([signals[0]?.aborted, clock.pending]).toEqual([true, 0])
    return swept
  }
  return { add, sweep }
}

test.each(['ListQueueTags', 'GetQueueAttributes', 'Unsubscribe', 'DeleteQueue'])(
  'a %s that is never answered is given up after 10 s, and the sweep goes on',
  async call => {
    const { add, sweep } = hanging(call)
    await add('awscurrent-1', crashed)
    await add('awscurrent-2', crashed)
    expect(await sweep()).toMatchObject({
      removed: [urlOf('awscurrent-2')],
      failed: [{ queueUrl: urlOf('awscurrent-1'), error: { code: 'ERR_SECRET_UNAVAILABLE' } }],
    })
  },
)

test('subscriptions that are never listed keep the sweep 10 s in all, and no queue is removed without them', async () => {
  const { add, sweep } = hanging('ListSubscriptionsByTopic')
  await add('awscurrent-1', crashed)
  await add('awscurrent-2', crashed)
  expect(await sweep()).toMatchObject({ removed: [], failed: [{}, {}] })
})

test('it rejects when the queues are not listed within 10 s', async () => {
  await expect(hanging('ListQueues').sweep()).rejects.toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE' })
})

test.each([
  [{ topicArn: 'rotations' }, /^topicArn: /],
  [{ topicArn, olderThanMs: 1 }, /^Unknown option "olderThanMs" of sweepQueues/],
  [{}, /^topicArn: /],
])('the options %j are a mistake', async (options, message) => {
  await expect(sweepQueues(options as never)).rejects.toThrow(
    expect.objectContaining({ name: 'TypeError', message: expect.stringMatching(message) }),
  )
})
