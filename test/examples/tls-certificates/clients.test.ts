import { once } from 'node:events'
import { createServer, get, type Agent as HttpsAgent, type ServerOptions } from 'node:https'
import { text } from 'node:stream/consumers'
import type { TLSSocket } from 'node:tls'
import { inspect } from 'node:util'
import { type Agent, request } from 'undici'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createMtlsAgent } from '../../../examples/tls-certificates/https-agent.js'
import { createMtlsClient } from '../../../examples/tls-certificates/undici-client.js'
import type { Swap, SwapEvent } from '../../../src/swap/index.js'
import { fingerprintOf, makePair } from '../../support/certificate-pair.js'
import { disconnected, first, listening, second, shownOn, third, tlsWorld } from './tls-world.js'

const own = makePair('127.0.0.1')

/** A server that knows the first and the second certificate, and answers with the one that it was shown, after 400 with another one. */
async function startServer(options: ServerOptions = {}): Promise<string> {
  const settings = { ...own, ca: [first.cert, second.cert], requestCert: true, ...options }
  const server = createServer(settings, ({ socket }, response) => {
    const known = (socket as TLSSocket).authorized
    response.writeHead(known ? 200 : 400).end(shownOn(socket))
  })
  return `https://127.0.0.1:${await listening(server)}`
}

const ask = async (url: string, dispatcher: Agent): Promise<string> => (await request(url, { dispatcher })).body.text()

const next = <Type extends SwapEvent['type']>(swap: Swap<Agent>, type: Type): Promise<Extract<SwapEvent, { type: Type }>> =>
  new Promise(resolve => swap.on(type, event => resolve(event as Extract<SwapEvent, { type: Type }>)))

describe('the client of undici in the example', () => {
  it('uses a new certificate, and ends the Agent of the old one after its requests', async () => {
    const url = await startServer()
    const { rotate, secrets } = tlsWorld()
    const client = createMtlsClient(secrets, 'prod/tls', { ca: own.cert, healthUrl: url })
    onTestFinished(() => client.close())
    expect(await client.use(agent => ask(url, agent))).toBe(fingerprintOf(first))

    const retired = next(client, 'retired')
    let ended: string[] = []
    let before: Agent | undefined
    await client.use(async agent => {
      before = agent
      const moved = next(client, 'credentials')
      await rotate(second)
      await moved
      ended = await Promise.all([ask(url, agent), client.use(newer => ask(url, newer))])
    })
    expect(ended).toEqual([fingerprintOf(first), fingerprintOf(second)])
    expect(await retired).toMatchObject({ drained: true })
    expect(before?.closed).toBe(true)
  })

  it.each([
    ['that the server rejects', third, {}, disconnected],
    ['that the server answers with an error', third, { rejectUnauthorized: false }, undefined],
    ['whose key is of another certificate', { cert: second.cert, key: third.key }, {}, 'ERR_OSSL_X509_KEY_VALUES_MISMATCH'],
    ['without a key', { cert: second.cert }, {}, 'ERR_SECRET_SCHEMA'],
  ])('keeps the certificate that it has instead of one %s, and reports that', async (_, value, options, code) => {
    const url = await startServer(options)
    const { reports, rotate, secrets } = tlsWorld()
    const client = createMtlsClient(secrets, 'prod/tls', { ca: own.cert, healthUrl: url })
    onTestFinished(() => client.close())
    expect(await client.use(agent => ask(url, agent))).toBe(fingerprintOf(first))

    const refused = next(client, 'refused')
    const versionId = await rotate(value)
    const { reason, ...event } = await refused
    expect(event).toMatchObject({ versionId, code })
    expect(reports.mock.calls).toEqual([[reason, code]])
    expect(await client.use(agent => ask(url, agent))).toBe(fingerprintOf(first))
    for (const { key } of [second, third]) expect(inspect(reports.mock.calls)).not.toContain(key.split('\n')[1])

    const moved = next(client, 'credentials')
    await rotate(second)
    await moved
    expect(await client.use(agent => ask(url, agent))).toBe(fingerprintOf(second))
  })
})

describe('the Agent of node:https in the example', () => {
  const answerTo = async (url: string, agent: HttpsAgent): Promise<{ shown: string; reused: boolean }> => {
    const sent = get(url, { agent })
    const [response] = await once(sent, 'response')
    return { shown: await text(response), reused: sent.reusedSocket }
  }

  it('uses new connections with a new certificate', async () => {
    const url = await startServer()
    const { rotate, secrets } = tlsWorld()
    const { agent, close } = await createMtlsAgent(secrets, 'prod/tls', { ca: own.cert })
    onTestFinished(close)
    expect(await answerTo(url, agent)).toEqual({ shown: fingerprintOf(first), reused: false })
    expect(await answerTo(url, agent)).toEqual({ shown: fingerprintOf(first), reused: true })
    await rotate(second)
    expect(await answerTo(url, agent)).toEqual({ shown: fingerprintOf(second), reused: false })
  })

  it('keeps the certificate that it has instead of one whose key is of another certificate, and reports that', async () => {
    const url = await startServer()
    const { reports, rotate, secrets } = tlsWorld()
    const { agent, close } = await createMtlsAgent(secrets, 'prod/tls', { ca: own.cert })
    onTestFinished(close)
    const versionId = await rotate({ cert: second.cert, key: first.key })
    expect(await answerTo(url, agent)).toEqual({ shown: fingerprintOf(first), reused: false })
    const said = `Version ${versionId} of prod/tls cannot be used, so the certificate before it stays:`
    const error: unknown = expect.objectContaining({ code: 'ERR_OSSL_X509_KEY_VALUES_MISMATCH' })
    expect(reports.mock.calls).toEqual([[said, error]])
  })

  it('follows without keeping the process alive, and ends when it is closed', async () => {
    const url = await startServer()
    const intervals = vi.spyOn(globalThis, 'setInterval')
    onTestFinished(() => intervals.mockRestore())
    const { rotate, secrets } = tlsWorld()
    const { agent, close } = await createMtlsAgent(secrets, 'prod/tls', { ca: own.cert })
    const timer = intervals.mock.results[intervals.mock.calls.findIndex(([, ms]) => ms === 60_000)]?.value
    expect(timer?.hasRef()).toBe(false)
    expect(await answerTo(url, agent)).toEqual({ shown: fingerprintOf(first), reused: false })
    const open = [agent.sockets, agent.freeSockets].flatMap(sockets => Object.values(sockets).flat())
    close()
    expect(open.map(socket => socket?.destroyed)).toEqual([true])
    await rotate(second)
    await secrets.idle()
    expect(agent.options.cert).toBe(first.cert)
  })
})
