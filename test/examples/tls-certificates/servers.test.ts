import { once } from 'node:events'
import { connect, type Http2SecureServer } from 'node:http2'
import { Agent, get, type RequestOptions, type Server } from 'node:https'
import { text } from 'node:stream/consumers'
import type { TlsOptions } from 'node:tls'
import { inspect } from 'node:util'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createHttp2Server } from '../../../examples/tls-certificates/http2-server.js'
import { createHttpsServer } from '../../../examples/tls-certificates/https-server.js'
import type { SecretCache } from '../../../src/index.js'
import { fingerprintOf } from '../../support/certificate-pair.js'
import { disconnected, first, listening, second, shownAt, shownOn, third, tlsWorld, trusting } from './tls-world.js'

type Listener = Parameters<typeof createHttpsServer>[3]

const servers: Record<
  string,
  (secrets: SecretCache, options?: TlsOptions, listener?: Listener) => Promise<Server | Http2SecureServer>
> = {
  https: (secrets, options = {}, listener = (_, response) => response.end()) =>
    createHttpsServer(secrets, 'prod/tls', options, listener),
  http2: async (secrets, options = {}) => {
    const server = await createHttp2Server(secrets, 'prod/tls', { ...options, allowHTTP1: true })
    return server.on('request', (_, response) => response.end())
  },
}

/** A request over HTTP/1.1: whether its connection had been used before, and the certificate that was shown on that. */
async function ask(port: number, options: RequestOptions): Promise<{ reused: boolean; shown: string }> {
  const request = get({ ...trusting, port, ...options })
  const [response] = await once(request, 'response')
  const shown = shownOn(response.socket)
  await text(response)
  return { reused: request.reusedSocket, shown }
}

describe.each(Object.entries(servers))('the %s server of the example', (_, createServer) => {
  it('has the certificate of the secret before it listens', async () => {
    const { fake, secrets } = tlsWorld()
    const server = await createServer(secrets)
    expect(fake.count('GetSecretValue')).toBe(1)
    expect(await shownAt(await listening(server))).toBe(fingerprintOf(first))
  })

  it.each([
    ['whose key is of another certificate', { cert: first.cert, key: second.key }, 'ERR_OSSL_X509_KEY_VALUES_MISMATCH'],
    ['without a key', { cert: first.cert }, 'ERR_SECRET_SCHEMA'],
  ])('is not created from a secret %s', async (_, value, code) => {
    const { rotate, secrets } = tlsWorld()
    await rotate(value)
    await expect(createServer(secrets)).rejects.toMatchObject({ code })
  })

  it('shows a new certificate in new handshakes, and keeps its connections', async () => {
    const { rotate, secrets } = tlsWorld()
    const port = await listening(await createServer(secrets))
    const agent = new Agent({ keepAlive: true })
    onTestFinished(() => agent.destroy())
    expect(await ask(port, { agent })).toEqual({ reused: false, shown: fingerprintOf(first) })
    await rotate(second)
    expect(await ask(port, { agent })).toEqual({ reused: true, shown: fingerprintOf(first) })
    expect(await shownAt(port)).toBe(fingerprintOf(second))
  })

  it('goes on checking the certificates of its clients', async () => {
    const { rotate, secrets } = tlsWorld()
    const port = await listening(await createServer(secrets, { ca: third.cert, requestCert: true }))
    const withCertificate = { agent: false, ...third } as const
    expect(await ask(port, withCertificate)).toEqual({ reused: false, shown: fingerprintOf(first) })
    await rotate(second)
    expect(await ask(port, withCertificate)).toEqual({ reused: false, shown: fingerprintOf(second) })
    await expect(ask(port, { agent: false })).rejects.toMatchObject({ code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' })
    await expect(ask(port, { agent: false, ...first })).rejects.toMatchObject({ code: disconnected })
  })

  it.each<[string, string | object, string]>([
    ['whose key is of another certificate', { cert: second.cert, key: third.key }, 'ERR_OSSL_X509_KEY_VALUES_MISMATCH'],
    ['that is garbage', { cert: 'garbage', key: second.key }, 'ERR_OSSL_PEM_NO_START_LINE'],
    ['whose key is cut off', { cert: second.cert, key: second.key.slice(0, 300) }, 'ERR_OSSL_UNSUPPORTED'],
    ['without a key', { cert: second.cert }, 'ERR_SECRET_SCHEMA'],
    ['that is empty', { cert: '', key: second.key }, 'ERR_SECRET_SCHEMA'],
    ['whose key is empty', { cert: second.cert, key: '' }, 'ERR_SECRET_SCHEMA'],
    ['that is not JSON', second.key, 'ERR_SECRET_FORMAT'],
  ])('keeps the certificate that it has instead of one %s, and reports that', async (_, value, code) => {
    const { reports, rotate, secrets } = tlsWorld()
    const port = await listening(await createServer(secrets))
    const versionId = await rotate(value)
    expect(await shownAt(port)).toBe(fingerprintOf(first))
    const said = `Version ${versionId} of prod/tls cannot be used, so the certificate before it stays:`
    expect(reports.mock.calls).toEqual([[said, expect.objectContaining({ code })]])
    for (const { key } of [second, third])
      expect(inspect(reports.mock.calls, { depth: Infinity, showHidden: true })).not.toContain(key.split('\n')[1])
    await rotate(third)
    expect(await shownAt(port)).toBe(fingerprintOf(third))
    expect(reports).toHaveBeenCalledOnce()
  })

  it('hears of a new certificate within the TTL and a minute without an event', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const { clock, fake, secrets } = tlsWorld()
    const port = await listening(await createServer(secrets))
    fake.rotate('prod/tls', second)
    await clock.advance(300_000)
    vi.advanceTimersByTime(60_000)
    await secrets.idle()
    expect(await shownAt(port)).toBe(fingerprintOf(second))
  })

  it('stops following when it closes', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const { rotate, secrets } = tlsWorld()
    const server = await createServer(secrets)
    await listening(server)
    const changed = vi.spyOn(server, 'setSecureContext')
    expect(vi.getTimerCount()).toBe(1)
    server.close()
    await once(server, 'close')
    expect(vi.getTimerCount()).toBe(0)
    await rotate(second)
    await secrets.idle()
    expect(changed).not.toHaveBeenCalled()
  })
})

it('the HTTP/2 server of the example keeps its sessions', async () => {
  const { rotate, secrets } = tlsWorld()
  const server = await createHttp2Server(secrets, 'prod/tls', {})
  server.on('stream', stream => stream.end('hello'))
  const port = await listening(server)
  const session = connect(`https://127.0.0.1:${port}`, trusting)
  onTestFinished(() => session.destroy())
  expect(await text(session.request())).toBe('hello')
  await rotate(second)
  expect(await text(session.request())).toBe('hello')
  expect(shownOn(session.socket)).toBe(fingerprintOf(first))
  expect(await shownAt(port)).toBe(fingerprintOf(second))
})
