import { randomUUID } from 'node:crypto'
import { findProgram, freePort, makeServerFolder, startServer } from './server-process.js'

/** A running Redis of a test's own. */
export interface RedisServer {
  host: '127.0.0.1'
  port: number
  /** The password of the user `default`, who may do everything. */
  password: string
  stop(): Promise<void>
}

/** Starts Redis in a temporary folder, without TLS; as the one node of a cluster that has no slots yet, if wanted. */
export async function startRedis({ cluster = false }: { cluster?: boolean } = {}): Promise<RedisServer> {
  const folder = makeServerFolder('redis')
  const password = randomUUID()
  const busPort = await freePort()
  const asCluster = ['--cluster-enabled', 'yes', '--cluster-port', String(busPort), '--cluster-announce-ip', '127.0.0.1']
  const server = await startServer({
    program: findProgram('redis-server', 'redis-server'),
    args: port => [
      ...['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', '', '--requirepass', password],
      ...(cluster ? asCluster : []),
    ],
    folder,
    ready: 'Ready to accept connections',
    endSignal: 'SIGTERM',
  })
  return { host: '127.0.0.1', port: server.port, password, stop: server.stop }
}
