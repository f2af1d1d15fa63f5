import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import middie from '@fastify/middie'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createSnsHandler } from '../src/sns/index.js'
import { ManualClock } from '../src/testing/manual-clock.js'
import { nativeEvent } from './support/rotation-events.js'
import { certificate, notification, publishedAt, signed, topicArn } from './support/signed-messages.js'

const setUp = () => {
  const clock = new ManualClock(publishedAt)
  const cache = { handleRotationEvent: vi.fn(async (_payload: unknown) => []) }
  const handler = createSnsHandler(cache, { topicArns: [topicArn], clock, fetchCertificate: async () => certificate })
  return { clock, cache, handler }
}
const listen = async (listener: RequestListener): Promise<{ url: string; port: number; server: Server }> => {
  const server = createServer(listener).listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/sns`, port, server }
}
const post = async (url: string, body: string, type = 'text/plain; charset=UTF-8') => {
  const headers = { 'content-type': type, 'x-amz-sns-message-type': 'Notification' }
  return (await fetch(url, { method: 'POST', body, headers })).status
}
const message = () => JSON.stringify(signed(notification(JSON.stringify(nativeEvent()))))

/** A genuine message reaches the cache, another does not. */
const checkServer = async (url: string, { cache }: ReturnType<typeof setUp>, type?: string) => {
  expect(await post(url, message(), type)).toBe(200)
  expect(cache.handleRotationEvent).toHaveBeenCalledTimes(1)
  expect(await post(url, '{}', type)).toBe(403)
  expect(cache.handleRotationEvent).toHaveBeenCalledTimes(1)
}

test('the handler is a listener of a plain http server', async () => {
  const set = setUp()
  await checkServer((await listen(set.handler)).url, set)
})

test('over HTTP, too, an answer has its reason as plain text, and 405 tells what is allowed', async () => {
  const { url } = await listen(setUp().handler)
  const refused = await fetch(url, { method: 'POST', body: '{}' })
  expect([refused.status, refused.headers.get('content-type')]).toEqual([403, 'text/plain; charset=utf-8'])
  expect(refused.headers.get('allow')).toBeNull()
  expect(await refused.text()).toMatch(/^ERR_SNS_MESSAGE: .+\n$/)
  const asked = await fetch(url)
  expect([asked.status, asked.headers.get('allow')]).toEqual([405, 'POST'])
})

test('over HTTP, too, a header of another type is refused', async () => {
  const { handler, cache } = setUp()
  const { url } = await listen(handler)
  const headers = { 'x-amz-sns-message-type': 'SubscriptionConfirmation' }
  expect((await fetch(url, { method: 'POST', body: message(), headers })).status).toBe(403)
  expect(cache.handleRotationEvent).not.toHaveBeenCalled()
})

test('what another handler has answered is left alone', async () => {
  const { handler } = setUp()
  const settled = vi.fn()
  const { url } = await listen((request, response) => {
    response.end('mine')
    void handler(request, response).then(settled, settled)
  })
  expect(await (await fetch(url, { method: 'POST', body: '{}' })).text()).toBe('mine')
  await vi.waitFor(() => expect(settled).toHaveBeenCalledWith(undefined))
})

test.each([
  ['no parser', undefined, undefined],
  ['a text parser', express.text(), undefined],
  ['a raw parser', express.raw({ type: '*/*' }), undefined],
  ['a JSON parser that leaves text alone', express.json(), undefined],
  ['a JSON parser, and JSON', express.json(), 'application/json'],
  ['a JSON parser of everything', express.json({ type: '*/*' }), undefined],
])('the handler is a handler of Express 5 with %s', async (_, parser, type) => {
  const set = setUp()
  const app = express()
  if (parser) app.use(parser)
  app.post('/sns', set.handler)
  await checkServer((await listen(app)).url, set, type)
})

test('the handler is middleware of Express 5 at a path', async () => {
  const set = setUp()
  const app = express()
  app.use('/sns', set.handler)
  await checkServer((await listen(app)).url, set)
})

test('a parser that leaves an empty object on a request that it did not read does no harm', async () => {
  const set = setUp()
  const app = express()
  app.use((request, _, next) => {
    request.body = {}
    next()
  })
  app.post('/sns', set.handler)
  await checkServer((await listen(app)).url, set)
})

test.each(['utf8', 'latin1', 'base64'] as const)(
  'a request whose encoding another handler has set to %s is read',
  async encoding => {
    const { handler, cache } = setUp()
    const { url } = await listen((request, response) => handler(request.setEncoding(encoding), response))
    const fields = notification('Schlüssel 🔑')
    expect(await post(url, JSON.stringify(signed(fields)))).toBe(200)
    expect(cache.handleRotationEvent.mock.calls).toEqual([[fields]])
  },
)

test('a body that another handler has read and not kept is answered by 503', async () => {
  const set = setUp()
  const { url } = await listen(async (request, response) => {
    await text(request)
    await set.handler(request, response)
  })
  expect(await post(url, message())).toBe(503)
})

test('the handler is a raw handler of Fastify 5 in a scope without parsers', async () => {
  const set = setUp()
  const app = fastify()
  onTestFinished(() => app.close())
  app.register(async scope => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    scope.post('/sns', (request, reply) => {
      reply.hijack()
      return set.handler(request.raw, reply.raw)
    })
  })
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  await checkServer(`${address}/sns`, set)
})

test('the handler is middleware of Fastify 5 with @fastify/middie', async () => {
  const set = setUp()
  const app = fastify()
  onTestFinished(() => app.close())
  await app.register(middie)
  app.use('/sns', set.handler)
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  await checkServer(`${address}/sns`, set)
})

test('fetch is a handler of Hono', async () => {
  const set = setUp()
  const app = new Hono().post('/sns', context => set.handler.fetch(context.req.raw))
  const send = async (body: string) => (await app.request('/sns', { method: 'POST', body })).status
  expect([await send(message()), await send('{}')]).toEqual([200, 403])
  expect(set.cache.handleRotationEvent).toHaveBeenCalledTimes(1)
})

/** What the server answers to the beginning of a request; the connection must end then. */
const raw = async (port: number, head: string, body: string) => {
  const socket = connect(port, '127.0.0.1')
  socket.write(`POST /sns HTTP/1.1\r\nhost: localhost\r\n${head}\r\n\r\n${body}`)
  socket.setEncoding('utf8')
  let answer = ''
  socket.on('data', (chunk: string) => {
    answer += chunk
  })
  socket.on('error', () => {})
  const closed = once(socket, 'close')
  return { statusOf: () => closed.then(() => answer.slice(0, 12)) }
}

test('a slow body is given up after 5 s, so that SNS sends it again, and its connection ends', async () => {
  const { handler, clock } = setUp()
  const { port, server } = await listen(handler)
  const requested = once(server, 'request')
  const { statusOf } = await raw(port, 'content-length: 1000', '{"Type":')
  await requested
  await clock.advance(5_000)
  expect(await statusOf()).toBe('HTTP/1.1 503')
})

test('a body that is announced too long is not read, and its connection ends', async () => {
  const { handler } = setUp()
  const { port } = await listen(handler)
  const { statusOf } = await raw(port, 'content-length: 100000000', '{')
  expect(await statusOf()).toBe('HTTP/1.1 413')
})

test('an endless body is given up, and its connection ends', async () => {
  const { handler } = setUp()
  const { port } = await listen(handler)
  const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
  const { statusOf } = await raw(port, 'transfer-encoding: chunked', chunk.repeat(8))
  expect(await statusOf()).toBe('HTTP/1.1 413')
})

test('a client that goes away in the middle of a body harms nothing', async () => {
  const set = setUp()
  const settled = vi.fn()
  const { port, url, server } = await listen((request, response) => set.handler(request, response).then(settled))
  const requested = once(server, 'request')
  const socket = connect(port, '127.0.0.1')
  socket.write('POST /sns HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\n{')
  await requested
  socket.destroy()
  await vi.waitFor(() => expect(settled).toHaveBeenCalled())
  await checkServer(url, set)
})
