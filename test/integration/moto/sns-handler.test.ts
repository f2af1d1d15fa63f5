import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CreateTopicCommand, ListSubscriptionsByTopicCommand, PublishCommand } from '@aws-sdk/client-sns'
import { expect, onTestFinished, test, vi } from 'vitest'
import { parseRotationEvents } from '../../../src/core/rotations/parse-rotation-events.js'
import { createSnsHandler } from '../../../src/sns/index.js'
import { arn, nativeEvent } from '../../support/rotation-events.js'
import { certificate, certificateUrl, signed, subscriptionMessage } from '../../support/signed-messages.js'
import { fetchMotoCertificate, snsClient } from './signal-clients.js'

const newTopic = async () => (await snsClient.send(new CreateTopicCommand({ Name: `rotations-${randomUUID()}` }))).TopicArn!
const subscriptionsOf = async (TopicArn: string) =>
  (await snsClient.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions

test('a notification that moto has signed is verified with its certificate and handed to the cache', async () => {
  const topicArn = await newTopic()
  const cache = { handleRotationEvent: vi.fn(async (_payload: unknown) => []) }
  const handler = createSnsHandler(cache, { topicArns: [topicArn], client: snsClient, fetchCertificate: fetchMotoCertificate })
  const refused = vi.fn()
  handler.on('messageRefused', refused)
  const server = createServer(handler).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')

  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sns`
  const [subscriptionArn] = await handler.subscribe({ endpoint })
  expect(await subscriptionsOf(topicArn)).toMatchObject([
    { SubscriptionArn: subscriptionArn, Endpoint: endpoint, Protocol: 'http' },
  ])

  await snsClient.send(new PublishCommand({ TopicArn: topicArn, Message: JSON.stringify(nativeEvent()) }))
  expect(refused.mock.calls).toEqual([])
  expect(cache.handleRotationEvent).toHaveBeenCalledTimes(1)
  const [[payload] = []] = cache.handleRotationEvent.mock.calls
  expect(parseRotationEvents(payload, { versionStage: 'AWSCURRENT' })).toMatchObject([{ kind: 'changed', secretId: arn }])

  await handler.unsubscribe()
  expect(await subscriptionsOf(topicArn)).toEqual([])
})

// moto asks for no confirmation, so the question is our own: signed by the authority of the tests, answered to moto.
test('a subscription is confirmed by the real client', async () => {
  const TopicArn = await newTopic()
  const rest = { SigningCertURL: certificateUrl.replace('eu-central-1', 'eu-west-1') }
  const question = signed(subscriptionMessage('SubscriptionConfirmation', { TopicArn }), { rest })
  const clock = { now: () => Date.parse(question.Timestamp!) }
  const cache = { handleRotationEvent: async () => [] }
  const handler = createSnsHandler(cache, {
    topicArns: [TopicArn],
    client: snsClient,
    clock,
    fetchCertificate: async () => certificate,
  })
  const confirmed = vi.fn()
  handler.on('confirmed', confirmed)
  const answer = await handler.fetch(new Request('http://localhost/sns', { method: 'POST', body: JSON.stringify(question) }))
  expect(answer.status).toBe(200)
  expect(confirmed.mock.calls).toMatchObject([[{ topicArn: TopicArn, subscriptionArn: expect.stringContaining(TopicArn) }]])
})
