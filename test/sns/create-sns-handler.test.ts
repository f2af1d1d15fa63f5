import { expect, test, vi } from 'vitest'
import { createSnsHandler } from '../../src/sns/create-sns-handler.js'
import { ManualClock } from '../../src/testing/manual-clock.js'
import { nativeEvent } from '../support/rotation-events.js'
import {
  certificate,
  type Fields,
  notification,
  publishedAt,
  signed,
  subscriptionMessage,
  topicArn,
} from '../support/signed-messages.js'

const subscriptionArn = `${topicArn}:0f7a1c9e-1111-4222-8333-444455556666`

const setUp = (rest = {}) => {
  const clock = new ManualClock(publishedAt)
  const cache = {
    handleRotationEvent: vi.fn(
      async (_payload: unknown): Promise<unknown> => [{ outcome: 'refreshed', reason: 'PutSecretValue' }],
    ),
  }
  const client = { send: vi.fn(async (_command: { input: object }) => ({ SubscriptionArn: subscriptionArn }) as object) }
  const fetchCertificate = vi.fn(async () => certificate)
  const handler = createSnsHandler(cache, { topicArns: [topicArn], clock, client, fetchCertificate, ...rest })
  const events: { type: string }[] = []
  for (const type of ['confirmed', 'unsubscribed', 'messageRefused', 'signalFailed'] as const)
    handler.on(type, event => events.push(event))
  const send = (message: unknown, headers: Fields = {}) => {
    const body = typeof message === 'string' ? message : JSON.stringify(message)
    return handler.fetch(
      new Request('http://localhost/sns', { method: 'POST', body, headers: { 'content-type': 'text/plain', ...headers } }),
    )
  }
  const status = async (message: unknown, headers?: Fields) => (await send(message, headers)).status
  return { clock, cache, client, fetchCertificate, handler, events, send, status }
}
const fields = notification(JSON.stringify(nativeEvent()))
const message = signed(fields)

test('a genuine notification is handed to the cache and answered by 200', async () => {
  const { cache, status, events } = setUp()
  expect(await status(message)).toBe(200)
  expect(cache.handleRotationEvent.mock.calls).toEqual([[fields]])
  expect(events).toEqual([])
})

test('the answer does not wait for the refresh', async () => {
  const { cache, status } = setUp()
  cache.handleRotationEvent.mockReturnValue(new Promise(() => {}))
  expect(await status(message)).toBe(200)
})

test('a notification that is delivered twice is handed on once, and the answer says so', async () => {
  const { cache, send } = setUp()
  const answers = [await send(message), await send(message)]
  expect(answers.map(answer => answer.status)).toEqual([200, 200])
  expect(await Promise.all(answers.map(answer => answer.text()))).toEqual(['accepted\n', 'delivered before\n'])
  expect(answers[0]?.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  expect(cache.handleRotationEvent).toHaveBeenCalledTimes(1)
})

test.each([
  ['rejected in passing', () => Promise.resolve([{ outcome: 'rejected', reason: 'ERR_SECRET_THROTTLED' }])],
  ['rejecting', () => Promise.reject(new Error('hunter2'))],
  [
    'throwing',
    () => {
      throw new Error('hunter2')
    },
  ],
])('one whose refresh failed (%s) is handed on again when it is delivered again', async (how, handle) => {
  const { cache, status, events } = setUp()
  cache.handleRotationEvent.mockImplementationOnce(handle)
  expect(await status(message)).toBe(200)
  expect(await status(message)).toBe(200)
  expect(cache.handleRotationEvent).toHaveBeenCalledTimes(2)
  expect(JSON.stringify(events)).not.toContain('hunter2')
  const failed = { type: 'signalFailed', error: { message: expect.stringContaining('handleRotationEvent failed') } }
  expect(events).toMatchObject(how === 'rejected in passing' ? [] : [failed])
})

test.each([[undefined], [[null]], [[undefined, 7]]])('a cache that resolves with %j harms nothing', async results => {
  const { cache, status } = setUp()
  cache.handleRotationEvent.mockResolvedValue(results)
  expect(await status(message)).toBe(200)
})

test('what is no event is not handed on again', async () => {
  const { cache, status } = setUp()
  cache.handleRotationEvent.mockResolvedValue([{ outcome: 'rejected', reason: 'not JSON' }])
  await status(message)
  await status(message)
  expect(cache.handleRotationEvent).toHaveBeenCalledTimes(1)
})

test.each<[string, unknown, Fields]>([
  ['another topic', signed(notification('', { TopicArn: `${topicArn}-2` })), {}],
  ['a wrong signature', { ...message, Signature: 'AAAA' }, {}],
  ['another type in its header', message, { 'x-amz-sns-message-type': 'SubscriptionConfirmation' }],
  ['raw delivery', JSON.stringify(nativeEvent()), { 'x-amz-sns-rawdelivery': 'true' }],
  ['raw delivery that only a header tells', message, { 'x-amz-sns-rawdelivery': 'true' }],
  ['too old', signed(notification('', { Timestamp: new Date(publishedAt - 4_500_001).toISOString() })), {}],
  ['of the future', signed(notification('', { Timestamp: new Date(publishedAt + 4_500_001).toISOString() })), {}],
  ['garbage', 'AWSCURRENT moved', {}],
  ['nothing', '', {}],
])('a message with %s is answered by 403 and a reason, and nothing happens', async (_, body, headers) => {
  const { cache, client, send, events } = setUp()
  const answer = await send(body, headers)
  expect(answer.status).toBe(403)
  expect(await answer.text()).toMatch(/^ERR_SNS_\w+: .+\n$/)
  expect(events).toMatchObject([{ type: 'messageRefused', status: 403 }])
  expect(cache.handleRotationEvent).not.toHaveBeenCalled()
  expect(client.send).not.toHaveBeenCalled()
})

test('a message of 75 minutes ago is taken: SNS sends again for an hour', async () => {
  const { status } = setUp()
  expect(await status(signed(notification('', { Timestamp: new Date(publishedAt - 4_500_000).toISOString() })))).toBe(200)
})

test('a certificate that cannot be had is answered by 503, and the next delivery is taken', async () => {
  const { fetchCertificate, status } = setUp()
  fetchCertificate.mockRejectedValueOnce(new Error('connection reset'))
  expect(await status(message)).toBe(503)
  expect(await status(message)).toBe(200)
})

test('a page in the place of a certificate is answered by 503, and the next delivery is taken', async () => {
  const { fetchCertificate, status } = setUp()
  fetchCertificate.mockResolvedValueOnce('<html>Maintenance</html>')
  expect(await status(message)).toBe(503)
  expect(await status(message)).toBe(200)
})

test.each(['GET', 'PUT', 'DELETE', 'HEAD'])('%s is answered by 405', async method => {
  const { handler } = setUp()
  const answer = await handler.fetch(new Request('http://localhost/sns', { method }))
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
  expect(await answer.text()).toBe('SNS sends its messages by POST.\n')
})

test('a body over the limit is answered by 413, told by its header or not', async () => {
  const { handler, status, fetchCertificate } = setUp()
  const long = 'x'.repeat(330_000)
  expect(await status(long, { 'content-length': '330000' })).toBe(413)
  const body = new ReadableStream({ pull: controller => controller.enqueue(new Uint8Array(10_000)) })
  const endless = new Request('http://localhost/sns', { method: 'POST', body, duplex: 'half' } as RequestInit)
  const answer = await handler.fetch(endless)
  expect([answer.status, await answer.text()]).toEqual([413, 'The body is too long for a rotation event.\n'])
  expect(fetchCertificate).not.toHaveBeenCalled()
})

test('a body at the limit is read', async () => {
  const { send } = setUp()
  const long = 'x'.repeat(320 * 1024)
  expect((await send(long, { 'content-length': String(long.length) })).status).toBe(403)
})

test('a request without a body is answered by 403', async () => {
  const { handler } = setUp()
  expect((await handler.fetch(new Request('http://localhost/sns', { method: 'POST' }))).status).toBe(403)
})

test('a body that breaks off is answered by 503, so that SNS sends it again, as is a request that cannot be read at all', async () => {
  const { handler } = setUp()
  const fail = () => {
    throw new Error('hunter2')
  }
  const body = new ReadableStream({ pull: fail })
  const broken = await handler.fetch(new Request('http://localhost/sns', { method: 'POST', body, duplex: 'half' } as RequestInit))
  expect([broken.status, await broken.text()]).toEqual([503, 'The connection ended before the body did.\n'])
  const unreadable = await handler.fetch({ method: 'POST', headers: { get: fail } } as never)
  expect([unreadable.status, await unreadable.text()]).toEqual([503, 'The request cannot be read.\n'])
})

test.each([
  ['was read before', (request: Request) => request.text()],
  ['is read by another', async (request: Request) => void request.body?.getReader()],
])('a body that %s is answered by 503, with the reason', async (_, read) => {
  const { handler } = setUp()
  const request = new Request('http://localhost/sns', { method: 'POST', body: JSON.stringify(message) })
  await read(request)
  const answer = await handler.fetch(request)
  expect([answer.status, await answer.text()]).toEqual([503, 'The body was already read before it reached this handler.\n'])
})

const confirmation = signed(subscriptionMessage('SubscriptionConfirmation'))

test('a subscription to our topic is confirmed through the API, and no URL is visited', async () => {
  const { client, status, events, cache } = setUp()
  const visited = vi.spyOn(globalThis, 'fetch')
  expect(await status(confirmation, { 'x-amz-sns-message-type': 'SubscriptionConfirmation' })).toBe(200)
  expect(client.send.mock.calls.map(([command]) => [command.constructor.name, command.input])).toEqual([
    ['ConfirmSubscriptionCommand', { TopicArn: topicArn, Token: confirmation.Token, AuthenticateOnUnsubscribe: 'true' }],
  ])
  expect(events).toEqual([{ type: 'confirmed', topicArn, subscriptionArn }])
  expect(visited).not.toHaveBeenCalled()
  expect(cache.handleRotationEvent).not.toHaveBeenCalled()
  visited.mockRestore()
})

test('a token is confirmed once, however often and with however many ids it is sent', async () => {
  const { client, send, status, events } = setUp()
  const again = signed({ ...subscriptionMessage('SubscriptionConfirmation'), Token: confirmation.Token! })
  expect(await Promise.all([confirmation, confirmation, again].map(each => status(each)))).toEqual([200, 200, 200])
  expect(await (await send(confirmation)).text()).toBe('confirmed before\n')
  expect(client.send).toHaveBeenCalledTimes(1)
  expect(events).toHaveLength(1)
})

test('a confirmation that failed is answered by 503 and tried again when SNS sends again', async () => {
  const { client, send, status, events } = setUp()
  const denied = Object.assign(new Error('not authorized to perform: SNS:ConfirmSubscription'), {
    name: 'AuthorizationErrorException',
    $fault: 'client',
  })
  client.send.mockRejectedValueOnce(denied)
  const answer = await send(confirmation)
  expect([answer.status, await answer.text()]).toEqual([503, 'The subscription could not be confirmed.\n'])
  expect(events).toMatchObject([
    {
      type: 'signalFailed',
      error: {
        code: 'ERR_SECRET_ACCESS_DENIED',
        message: expect.stringContaining(`ConfirmSubscription of ${topicArn} failed`),
        cause: { name: 'AuthorizationErrorException' },
      },
    },
  ])
  expect(await (await send(confirmation)).text()).toBe('confirmed\n')
  expect(await status(confirmation)).toBe(200)
})

test('a confirmation that takes longer than SNS waits is answered by 503', async () => {
  const { client, status, clock, events } = setUp()
  client.send.mockReturnValueOnce(new Promise(() => {}))
  const answered = status(confirmation)
  await vi.waitFor(() => expect(client.send).toHaveBeenCalled())
  await clock.advance(10_000)
  expect(await answered).toBe(503)
  expect(events).toMatchObject([
    { type: 'signalFailed', error: { message: expect.stringMatching(/^ConfirmSubscription failed/) } },
  ])
})

test('the end of a subscription is told and not undone', async () => {
  const { client, status, events } = setUp()
  expect(await status(signed(subscriptionMessage('UnsubscribeConfirmation')))).toBe(200)
  expect(events).toEqual([{ type: 'unsubscribed', topicArn }])
  expect(client.send).not.toHaveBeenCalled()
})

test.each([
  [{ topicArns: [] }, 'topicArns'],
  [{ client: {} }, 'client'],
  [{ endpoint: 'https://shop.example' }, 'endpoint'],
])('the options %j are a mistake that is named at once', (rest, name) => {
  expect(() => setUp(rest)).toThrow(new RegExp(name))
})

test('something that cannot hear about rotations is refused as a cache', () => {
  expect(() => createSnsHandler({} as never, { topicArns: [topicArn] })).toThrow(/handleRotationEvent/)
})
