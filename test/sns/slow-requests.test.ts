import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createSnsHandler } from '../../src/sns/create-sns-handler.js'
import { ManualClock } from '../../src/testing/manual-clock.js'
import { certificate, notification, publishedAt, signed, topicArn } from '../support/signed-messages.js'

// Hundreds of real connections take their time on a busy machine.
vi.setConfig({ testTimeout: 30_000 })

const setUp = async () => {
  const clock = new ManualClock(publishedAt)
  const fetchCertificate = async () => certificate
  const cache = { handleRotationEvent: async () => [] }
  const handler = createSnsHandler(cache, { topicArns: [topicArn], clock, fetchCertificate })
  const server = createServer(handler).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const sockets: Socket[] = []
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.closeAllConnections()
    server.close()
  })
  /** Opens connections that each send the beginning of something. */
  const open = async (count: number, text: string) => {
    let arrived = 0
    const isRequest = text.includes('\r\n\r\n')
    server.on(isRequest ? 'request' : 'connection', () => {
      arrived += 1
    })
    const opened = Array.from({ length: count }, () => connect(port, '127.0.0.1').setEncoding('utf8'))
    sockets.push(...opened)
    for (const socket of opened) {
      await once(socket, 'connect')
      if (text !== '') socket.write(text)
    }
    await expect.poll(() => arrived, { timeout: 20_000 }).toBe(count)
    return opened
  }
  const send = async () => {
    const body = JSON.stringify(signed(notification('rotated')))
    return (await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body })).status
  }
  return { clock, open, send }
}
/** What comes until the connection ends. */
const answersOf = (sockets: Socket[]) =>
  Promise.all(
    sockets.map(async socket => {
      let answer = ''
      for await (const chunk of socket) answer += chunk
      return answer
    }),
  )
const unfinished = 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{'

test.each([
  ['send nothing', ''],
  ['never end their headers', 'POST / HTTP/1.1\r\nHost: localhost\r\n'],
])('two hundred connections that %s stop no genuine message', async (_, text) => {
  const { open, send } = await setUp()
  await open(200, text)
  expect(await send()).toBe(200)
})

test('of two hundred bodies that never end, the hundred that are open longest are answered by 503, and genuine messages by 200', async () => {
  const { clock, open, send } = await setUp()
  const sockets = await open(200, unfinished)
  expect(await send()).toBe(200)
  const early = await answersOf(sockets.slice(0, 100))
  expect(new Set(early.map(answer => answer.split('\r\n')[0]))).toEqual(new Set(['HTTP/1.1 503 Service Unavailable']))
  expect(early[0]).toContain('Too many requests are open.')

  await clock.advance(5_000)
  const late = await answersOf(sockets.slice(101))
  expect(new Set(late.map(answer => answer.split('\r\n')[0]))).toEqual(new Set(['HTTP/1.1 503 Service Unavailable']))
  expect(late[0]).toContain('The body took too long.')
  expect(clock.pending).toBe(0)
})

test('bodies that have ended leave room for others', async () => {
  const { open, send } = await setUp()
  for (let sent = 0; sent < 100; sent += 1) expect(await send()).toBe(200)
  const sockets = await open(100, unfinished)
  for (let sent = 0; sent < 10; sent += 1) expect(await send()).toBe(200)
  expect(await answersOf(sockets.slice(0, 1))).toEqual([expect.stringContaining('503')])
  expect(sockets.slice(1).filter(socket => socket.bytesRead > 0)).toEqual([])
})
