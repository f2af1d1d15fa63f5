import { SNSClient } from '@aws-sdk/client-sns'
import { SQSClient } from '@aws-sdk/client-sqs'
import { mockClient } from 'aws-sdk-client-mock'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { SnsApi } from '../../src/signals/sns-api.js'
import { SqsApi } from '../../src/sqs/sqs-api.js'

const topicArn = 'arn:aws:sns:eu-central-1:111122223333:rotations'
const queueUrl = 'https://sqs.eu-central-1.amazonaws.com/111122223333/rotations'
const { signal } = new AbortController()
const call = <T>(run: (signal: AbortSignal) => Promise<T>) => run(signal)

/** A client that answers with these, one after the other, and rejects when there are none left. */
function answering(...answers: unknown[]) {
  const send = vi.fn(async (_command: { input: object }, _options?: object): Promise<unknown> => {
    if (answers.length === 0) throw Object.assign(new Error('no more'), { name: 'InternalError', $fault: 'server' })
    return answers.shift()
  })
  return { send, inputs: () => send.mock.calls.map(([command]) => command.input) }
}

describe('a call that fails says which it was', () => {
  it.each<[string, (client: ReturnType<typeof answering>) => Promise<unknown>]>([
    [`ConfirmSubscription of ${topicArn}`, client => new SnsApi(client).confirm(topicArn, 'token', signal)],
    [
      `Subscribe to ${topicArn}`,
      client => new SnsApi(client).subscribe({ topicArn, protocol: 'https', endpoint: 'https://shop.example' }),
    ],
    [`Unsubscribe of ${topicArn}:1`, client => new SnsApi(client).unsubscribe(`${topicArn}:1`)],
    [`ListSubscriptionsByTopic of ${topicArn}`, client => new SnsApi(client).subscriptions(topicArn, call)],
    [`ReceiveMessage from ${queueUrl}`, client => new SqsApi(client, undefined).receive(queueUrl, signal)],
    [`DeleteMessageBatch of ${queueUrl}`, client => new SqsApi(client, undefined).deleteMessages(queueUrl, [], signal)],
    ['CreateQueue q', client => new SqsApi(client, undefined).create({ name: 'q', attributes: {}, tags: {} }, signal)],
    [`GetQueueAttributes of ${queueUrl}`, client => new SqsApi(client, undefined).arnOf(queueUrl, signal)],
    [`SetQueueAttributes of ${queueUrl}`, client => new SqsApi(client, undefined).setPolicy(queueUrl, {}, signal)],
    [`TagQueue ${queueUrl}`, client => new SqsApi(client, undefined).tag(queueUrl, {}, signal)],
    [`ListQueueTags of ${queueUrl}`, client => new SqsApi(client, undefined).tagsOf(queueUrl, signal)],
    ['ListQueues awscurrent-', client => new SqsApi(client, undefined).list('awscurrent-', call)],
    [`DeleteQueue ${queueUrl}`, client => new SqsApi(client, undefined).deleteQueue(queueUrl, signal)],
  ])('%s', async (what, make) => {
    await expect(make(answering())).rejects.toThrow(`${what} failed: no more`)
  })
})

describe('a list', () => {
  it('of subscriptions is read to its last page; one that waits for its confirmation is none yet', async () => {
    const client = answering(
      {
        Subscriptions: [{ SubscriptionArn: `${topicArn}:1`, Endpoint: 'first' }, { SubscriptionArn: 'PendingConfirmation' }, {}],
        NextToken: 'more',
      },
      { NextToken: 'still more' },
      { Subscriptions: [{ SubscriptionArn: `${topicArn}:2` }] },
    )
    expect(await new SnsApi(client).subscriptions(topicArn, call)).toEqual([
      { arn: `${topicArn}:1`, endpoint: 'first' },
      { arn: `${topicArn}:2`, endpoint: '' },
    ])
    expect(client.inputs()).toEqual([
      { TopicArn: topicArn },
      { TopicArn: topicArn, NextToken: 'more' },
      { TopicArn: topicArn, NextToken: 'still more' },
    ])
  })

  it('of queues is read to its last page', async () => {
    const client = answering({ QueueUrls: ['first'], NextToken: 'more' }, { NextToken: 'still more' }, { QueueUrls: ['last'] })
    expect(await new SqsApi(client, undefined).list('awscurrent-', call)).toEqual(['first', 'last'])
    expect(client.inputs()).toEqual(
      [{}, { NextToken: 'more' }, { NextToken: 'still more' }].map(page => ({
        QueueNamePrefix: 'awscurrent-',
        MaxResults: 1_000,
        ...page,
      })),
    )
  })
})

it('an answer that lacks what was asked for is taken as an empty one', async () => {
  const nothing = answering(undefined, {}, { SubscriptionArn: 7 })
  const sns = new SnsApi(nothing)
  const confirmed = [1, 2, 3].map(() => sns.confirm(topicArn, 'token', signal))
  expect(await Promise.all(confirmed)).toEqual(['', '', ''])
  const sqs = new SqsApi(answering(undefined, {}, { Attributes: {} }, {}, undefined), undefined)
  expect(await sqs.receive(queueUrl, signal)).toEqual([])
  expect([await sqs.arnOf(queueUrl, signal), await sqs.arnOf(queueUrl, signal)]).toEqual(['', ''])
  expect(await sqs.create({ name: 'q', attributes: {}, tags: {} }, signal)).toBe('')
  expect(await sqs.tagsOf(queueUrl, signal)).toEqual({})
})

it('confirms a subscription so that nobody ends it who only knows the URL in a message', async () => {
  const client = answering({ SubscriptionArn: `${topicArn}:1` })
  expect(await new SnsApi(client).confirm(topicArn, 'token', signal)).toBe(`${topicArn}:1`)
  expect(client.inputs()).toEqual([{ TopicArn: topicArn, Token: 'token', AuthenticateOnUnsubscribe: 'true' }])
})

it('asks for the ARN of a subscription, also of one that was there already', async () => {
  const client = answering({ SubscriptionArn: `${topicArn}:1` })
  const subscription = { topicArn, protocol: 'https', endpoint: 'https://shop.example' } as const
  expect(await new SnsApi(client).subscribe(subscription)).toBe(`${topicArn}:1`)
  expect(client.inputs()).toEqual([
    { TopicArn: topicArn, Protocol: 'https', Endpoint: 'https://shop.example', ReturnSubscriptionArn: true },
  ])
})

it('asks for the ARN of a queue, and for nothing else of it', async () => {
  const client = answering({ Attributes: { QueueArn: 'arn' } })
  expect(await new SqsApi(client, undefined).arnOf(queueUrl, signal)).toBe('arn')
  expect(client.inputs()).toEqual([{ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] }])
})

it('hands the signal of its caller on', async () => {
  const client = answering({}, {}, {}, {})
  await new SnsApi(client).unsubscribe(`${topicArn}:1`, signal)
  await new SqsApi(client, undefined).deleteQueue(queueUrl, signal)
  await new SnsApi(client).subscriptions(topicArn, call)
  await new SqsApi(client, undefined).list('awscurrent-', call)
  expect(client.send.mock.calls.map(([, options]) => options)).toEqual(Array.from({ length: 4 }, () => ({ abortSignal: signal })))
})

describe('a client of its own', () => {
  it('of SNS is made once for each Region of an ARN, tells whose it is, and is closed', async () => {
    const mock = mockClient(SNSClient).resolves({})
    const destroy = vi.spyOn(SNSClient.prototype, 'destroy')
    onTestFinished(() => {
      mock.restore()
      destroy.mockRestore()
    })
    const api = new SnsApi(undefined)
    const arns = [`${topicArn}:1`, `${topicArn}:2`, `${topicArn.replace('eu-central-1', 'us-east-1')}:3`]
    for (const arn of arns) await api.unsubscribe(arn)
    const clients = mock.calls().map(({ thisValue }) => thisValue as SNSClient)
    expect(await Promise.all(clients.map(({ config }) => config.region()))).toEqual(['eu-central-1', 'eu-central-1', 'us-east-1'])
    expect([clients[0] === clients[1], clients[0]?.config.customUserAgent]).toEqual([true, [['awscurrent']]])
    api.close()
    api.close()
    expect(destroy.mock.instances).toEqual([clients[0], clients[2]])
  })

  it('of SQS is made once, in the Region that was asked for or that of the environment, and is closed', async () => {
    vi.stubEnv('AWS_REGION', 'eu-west-3')
    const mock = mockClient(SQSClient).resolves({})
    const destroy = vi.spyOn(SQSClient.prototype, 'destroy')
    onTestFinished(() => {
      vi.unstubAllEnvs()
      mock.restore()
      destroy.mockRestore()
    })
    for (const [region, expected] of [
      ['eu-central-1', 'eu-central-1'],
      [undefined, 'eu-west-3'],
    ]) {
      const api = new SqsApi(undefined, region)
      api.close()
      await api.deleteQueue(queueUrl, signal)
      await api.deleteQueue(queueUrl, signal)
      const [client, again] = mock.calls().map(({ thisValue }) => thisValue as SQSClient)
      expect(again).toBe(client)
      expect(await client?.config.region()).toBe(expected)
      expect(client?.config.customUserAgent).toEqual([['awscurrent']])
      expect(destroy).not.toHaveBeenCalled()
      api.close()
      expect(destroy.mock.instances).toEqual([client])
      mock.resetHistory()
      destroy.mockClear()
    }
  })

  it('is not what a caller hands in: that is the caller’s to close', async () => {
    const client = Object.assign(answering({}, {}), { destroy: vi.fn() })
    const [sns, sqs] = [new SnsApi(client), new SqsApi(client, undefined)]
    await sns.unsubscribe(`${topicArn}:1`)
    await sqs.deleteQueue(queueUrl, signal)
    sns.close()
    sqs.close()
    expect(client.destroy).not.toHaveBeenCalled()
  })
})
