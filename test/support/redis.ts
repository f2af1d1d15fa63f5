import { randomUUID } from 'node:crypto'
import { findProgram, freePort, makeCertificate, makeServerFolder, startServer } from './server-process.js'

/** A running Redis of a test's own. */
export interface RedisServer {
  host: '127.0.0.1'
  port: number
  /** The password of the user `default`, who may do everything. */
  password: string
  /** Where it speaks TLS, and the certificate to trust. */
  overTls: { host: 'localhost'; port: number; ca: string }
  stop(): Promise<void>
}

/** Starts Redis in a temporary folder, with a port for TLS and one without; as the one node of a cluster that has no slots yet, if wanted. */
export async function startRedis({ cluster = false }: { cluster?: boolean } = {}): Promise<RedisServer> {
  const folder = makeServerFolder('redis')
  const password = randomUUID()
  const [busPort, tlsPort] = [await freePort(), await freePort()]
  const { keyFile, certificateFile, certificate } = makeCertificate(folder, 'localhost')
  const withTls = ['--tls-port', String(tlsPort), '--tls-cert-file', certificateFile, '--tls-key-file', keyFile]
  const asCluster = [
    '--cluster-enabled',
    'yes',
    '--cluster-port',
    String(busPort),
    '--cluster-announce-ip',
    '127.0.0.1',
    '--tls-cluster',
    'yes',
  ]
  const server = await startServer({
    program: findProgram('redis-server', 'redis-server'),
    args: port => [
      ...['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', '', '--requirepass', password],
      ...[...withTls, '--tls-ca-cert-file', certificateFile, '--tls-auth-clients', 'no'],
      ...(cluster ? asCluster : []),
    ],
    folder,
    ready: 'Ready to accept connections',
    endSignal: 'SIGTERM',
  })
  const overTls = { host: 'localhost', port: tlsPort, ca: certificate } as const
  return { host: '127.0.0.1', port: server.port, password, overTls, stop: server.stop }
}
