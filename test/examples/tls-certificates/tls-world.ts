import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { expect, type MockInstance, onTestFinished, vi } from 'vitest'
import { SecretCache } from '../../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../../src/testing/index.js'
import { makePair, type TestPair } from '../../support/certificate-pair.js'

export const first: TestPair = makePair('first.example')
export const second: TestPair = makePair('second.example')
export const third: TestPair = makePair('third.example')

/**
 * How Node.js rejects a client certificate that it does not trust: it closes the connection when the client believes that the handshake has
 * ended. What the client is doing at that moment decides its error.
 */
export const disconnected: string = expect.stringMatching(/^(UND_ERR_SOCKET|ECONNRESET|EPIPE)$/)

/** A cache and the secret `prod/tls` in it. */
export interface TlsWorld {
  clock: ManualClock
  fake: FakeSecretsManager
  secrets: SecretCache
  /** What was reported. */
  reports: MockInstance<typeof console.error>
  /** Moves AWSCURRENT, and the cache hears of it. Resolves with the id of the new version. */
  rotate(value: string | object): Promise<string>
}

export function tlsWorld(): TlsWorld {
  const clock = new ManualClock()
  const fake = new FakeSecretsManager({ clock, secrets: { 'prod/tls': first } })
  const secrets = new SecretCache({ client: fake.client(), clock })
  const reports = vi.spyOn(console, 'error').mockImplementation(() => {})
  onTestFinished(async () => {
    reports.mockRestore()
    await secrets.close()
  })
  return {
    clock,
    fake,
    secrets,
    reports,
    async rotate(value) {
      const event = fake.rotate('prod/tls', value)
      await secrets.handleRotationEvent(event)
      return (await secrets.getSecret('prod/tls')).versionId
    },
  }
}

/** Resolves with the port. The server closes with the test. */
export async function listening(server: Server & { closeAllConnections?(): void }): Promise<number> {
  onTestFinished(() => {
    server.close()
    server.closeAllConnections?.()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** What a client of a test needs to trust any of the three certificates, whoever shows it. */
export const trusting: ConnectionOptions = {
  host: '127.0.0.1',
  ca: [first, second, third].map(({ cert }) => cert),
  checkServerIdentity: () => undefined,
}

/** The fingerprint of the certificate that the other side has shown. */
export const shownOn = (socket: unknown): string => (socket as TLSSocket).getPeerCertificate().fingerprint256

/** The fingerprint of the certificate that a new handshake gets. */
export async function shownAt(port: number): Promise<string> {
  const socket = connect({ ...trusting, port })
  await once(socket, 'secureConnect')
  const shown = shownOn(socket)
  socket.destroy()
  return shown
}
