import { randomUUID } from 'node:crypto'
import { findProgram, makeServerFolder, startServer } from './server-process.js'

/** A running Redis of a test's own. */
export interface RedisServer {
  host: '127.0.0.1'
  port: number
  /** The password of the user `default`, who may do everything. */
  password: string
  stop(): Promise<void>
}

/** Starts Redis in a temporary folder, without TLS. */
export async function startRedis(): Promise<RedisServer> {
  const folder = makeServerFolder('redis')
  const password = randomUUID()
  const server = await startServer({
    program: findProgram('redis-server', 'redis-server'),
    args: port => ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', '', '--requirepass', password],
    folder,
    ready: 'Ready to accept connections',
    endSignal: 'SIGTERM',
  })
  return { host: '127.0.0.1', port: server.port, password, stop: server.stop }
}
