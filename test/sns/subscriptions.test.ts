import { expect, test, vi } from 'vitest'
import { createSnsHandler } from '../../src/sns/create-sns-handler.js'
import { ManualClock } from '../../src/testing/manual-clock.js'
import { type Fields, topicArn } from '../support/signed-messages.js'

const subscriptionArn = `${topicArn}:0f7a1c9e-1111-4222-8333-444455556666`

const setUp = (topicArns = [topicArn]) => {
  const clock = new ManualClock()
  const cache = { handleRotationEvent: async () => [] }
  const client = { send: vi.fn(async (_command: { input: object }) => ({ SubscriptionArn: subscriptionArn }) as object) }
  return { clock, client, handler: createSnsHandler(cache, { topicArns, clock, client }) }
}

test('a URL is subscribed to each topic by its scheme, and unsubscribed once', async () => {
  const { client, handler } = setUp()
  const endpoint = 'https://shop.example/sns'
  await expect(handler.subscribe({ endpoint })).resolves.toEqual([subscriptionArn])
  await handler.unsubscribe()
  await handler.unsubscribe()
  expect(client.send.mock.calls.map(([command]) => [command.constructor.name, command.input])).toEqual([
    ['SubscribeCommand', { TopicArn: topicArn, Protocol: 'https', Endpoint: endpoint, ReturnSubscriptionArn: true }],
    ['UnsubscribeCommand', { SubscriptionArn: subscriptionArn }],
  ])
})

test('a subscription that cannot be ended does not keep others from being ended, and is tried again by the next call', async () => {
  const { client, handler } = setUp(['orders', 'rotations', 'logs'].map(name => topicArn.replace('rotations', name)))
  const arns = ['arn:1', 'arn:2', 'arn:3']
  for (const arn of arns) client.send.mockResolvedValueOnce({ SubscriptionArn: arn })
  await handler.subscribe({ endpoint: 'https://shop.example/sns' })
  const ended = () => client.send.mock.calls.splice(0).map(([{ input }]) => (input as Fields).SubscriptionArn)
  client.send.mock.calls.splice(0)

  const fail = (name: string) => client.send.mockRejectedValueOnce(Object.assign(new Error(name), { name, $fault: 'client' }))
  fail('AuthorizationErrorException')
  fail('ThrottledException')
  await expect(handler.unsubscribe()).rejects.toMatchObject({ code: 'ERR_SECRET_ACCESS_DENIED' })
  expect(ended()).toEqual(arns)
  await handler.unsubscribe()
  expect(ended()).toEqual(['arn:1', 'arn:2'])
})

test.each([
  ['subscribe', 0],
  ['unsubscribe', 1],
] as const)('%s is given up after 10 s without an answer', async (method, calls) => {
  const { client, clock, handler } = setUp()
  const subscription = { endpoint: 'https://shop.example/sns' }
  if (method === 'unsubscribe') await handler.subscribe(subscription)
  client.send.mockReturnValueOnce(new Promise(() => {}))
  const given = expect(handler[method](subscription)).rejects.toMatchObject({
    code: 'ERR_SECRET_UNAVAILABLE',
    message: expect.stringMatching(/^(Subscribe to|Unsubscribe of) arn:/),
    cause: { name: 'TimeoutError' },
  })
  await vi.waitFor(() => expect(client.send).toHaveBeenCalledTimes(calls + 1))
  await clock.advance(10_000)
  await given
})

test('a URL of a development machine is subscribed by http', async () => {
  const { client, handler } = setUp()
  await handler.subscribe({ endpoint: 'http://shop.example/sns' })
  expect(client.send.mock.calls.map(([command]) => command.input)).toMatchObject([{ Protocol: 'http' }])
})

test.each(['shop.example/sns', 'ftp://shop.example', '', undefined, new URL('https://shop.example')])(
  '%s is no URL that can be subscribed',
  async endpoint => {
    await expect(setUp().handler.subscribe({ endpoint: endpoint as string })).rejects.toThrow(
      new TypeError('endpoint must be an http or https URL.'),
    )
  },
)
