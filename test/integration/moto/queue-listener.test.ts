import { randomUUID } from 'node:crypto'
import { CreateTopicCommand, ListSubscriptionsByTopicCommand, PublishCommand } from '@aws-sdk/client-sns'
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs'
import { expect, onTestFinished, test, vi } from 'vitest'
import { parseRotationEvents } from '../../../src/core/rotations/parse-rotation-events.js'
import { listenToQueue, sweepQueues } from '../../../src/sqs/index.js'
import { SqsApi } from '../../../src/sqs/sqs-api.js'
import { ManualClock } from '../../../src/testing/manual-clock.js'
import { arn, nativeEvent } from '../../support/rotation-events.js'
import { snsClient, sqsClient } from './signal-clients.js'

const clients = { client: sqsClient, snsClient }

const newTopic = async () => (await snsClient.send(new CreateTopicCommand({ Name: `rotations-${randomUUID()}` }))).TopicArn!
const newCache = () => ({ handleRotationEvent: vi.fn(async (_payload: unknown) => []), revalidate: vi.fn() })
const subscriptionsOf = async (TopicArn: string) =>
  (await snsClient.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions
const queueUrls = async () => (await sqsClient.send(new ListQueuesCommand({ QueueNamePrefix: 'awscurrent-' }))).QueueUrls ?? []
const messagesIn = async (QueueUrl: string) => {
  const AttributeNames = ['ApproximateNumberOfMessages' as const, 'ApproximateNumberOfMessagesNotVisible' as const]
  const { Attributes = {} } = await sqsClient.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))
  return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible)
}
const listen = async (topicArn: string, cache = newCache()) => {
  const listener = await listenToQueue(cache, { topicArn, ...clients })
  onTestFinished(() => listener.close())
  return { cache, listener }
}

test('what is published to the topic reaches every instance, and is deleted from its queue', async () => {
  const topicArn = await newTopic()
  const instances = [await listen(topicArn), await listen(topicArn), await listen(topicArn)]
  await snsClient.send(new PublishCommand({ TopicArn: topicArn, Message: JSON.stringify(nativeEvent()) }))
  for (const { cache, listener } of instances) {
    await vi.waitFor(() => expect(cache.handleRotationEvent).toHaveBeenCalledTimes(1), 10_000)
    const [[payload] = []] = cache.handleRotationEvent.mock.calls
    expect(parseRotationEvents(payload, { versionStage: 'AWSCURRENT' })).toMatchObject([{ kind: 'changed', secretId: arn }])
    await vi.waitFor(async () => expect(await messagesIn(listener.queueUrl)).toBe(0), 10_000)
  }
})

test('the queue has its policy and tags, and is gone with its subscription after close', async () => {
  const topicArn = await newTopic()
  const { listener } = await listen(topicArn)
  const { Attributes = {} } = await sqsClient.send(
    new GetQueueAttributesCommand({ QueueUrl: listener.queueUrl, AttributeNames: ['All'] }),
  )
  const { Tags } = await sqsClient.send(new ListQueueTagsCommand({ QueueUrl: listener.queueUrl }))
  expect(Attributes).toMatchObject({ MessageRetentionPeriod: '300', VisibilityTimeout: '60' })
  expect(JSON.parse(Attributes.Policy ?? '')).toMatchObject({ Statement: [{ Resource: Attributes.QueueArn }] })
  expect(Tags).toMatchObject({ 'awscurrent:topic': topicArn })
  expect(await subscriptionsOf(topicArn)).toMatchObject([{ Endpoint: Attributes.QueueArn }])
  await listener.close()
  expect(await queueUrls()).not.toContain(listener.queueUrl)
  expect(await subscriptionsOf(topicArn)).toEqual([])
})

// A poll of moto takes 20 s to end by itself.
test('close ends a long poll of the real client', { timeout: 10_000 }, async () => {
  const { listener } = await listen(await newTopic())
  await listener.close()
})

test('a queue that is there is listened to, and stays', async () => {
  const { QueueUrl = '' } = await sqsClient.send(new CreateQueueCommand({ QueueName: `rotations-${randomUUID()}` }))
  const cache = newCache()
  const listener = await listenToQueue(cache, { queueUrl: QueueUrl, client: sqsClient })
  await sqsClient.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(nativeEvent()) }))
  await vi.waitFor(() => expect(cache.handleRotationEvent).toHaveBeenCalledTimes(1), 10_000)
  await vi.waitFor(async () => expect(await messagesIn(QueueUrl)).toBe(0), 10_000)
  await listener.close()
  await sqsClient.send(new DeleteQueueCommand({ QueueUrl }))
})

test('a queue that is gone is known by the name of the error', async () => {
  const { QueueUrl = '' } = await sqsClient.send(new CreateQueueCommand({ QueueName: `rotations-${randomUUID()}` }))
  await sqsClient.send(new DeleteQueueCommand({ QueueUrl }))
  const received = new SqsApi(sqsClient, undefined).receive(QueueUrl, new AbortController().signal)
  await expect(received).rejects.toMatchObject({ code: 'ERR_SECRET_REQUEST', cause: { name: 'QueueDoesNotExist' } })
})

test("the sweep removes a crashed instance's queue and subscription, and no one else's", async () => {
  const [topicArn, otherTopicArn] = [await newTopic(), await newTopic()]
  const anHourAgo = new ManualClock(Date.now() - 3_600_000)
  const crashed = await listenToQueue(newCache(), { topicArn, ...clients, clock: anHourAgo })
  const otherCrashed = await listenToQueue(newCache(), { topicArn: otherTopicArn, ...clients, clock: anHourAgo })
  const { listener: alive } = await listen(topicArn)
  expect(await sweepQueues({ topicArn, ...clients })).toEqual({ removed: [crashed.queueUrl], failed: [] })
  const urls = await queueUrls()
  expect(urls).toContain(alive.queueUrl)
  expect(urls).toContain(otherCrashed.queueUrl)
  expect(urls).not.toContain(crashed.queueUrl)
  expect(await subscriptionsOf(topicArn)).toHaveLength(1)
  await Promise.all([crashed.close(), otherCrashed.close()])
})
