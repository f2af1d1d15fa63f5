import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { createWebSocketStream, WebSocketServer } from 'ws'

/** A server of WebSockets, each of which leads to a TCP server. */
export interface WebSocketProxy {
  /** Host and port, as drivers want it. */
  readonly address: string
  close(): Promise<void>
}

/** Passes the bytes of each WebSocket on to a port of this machine. */
export async function startWebSocketProxy(port: number): Promise<WebSocketProxy> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  server.on('connection', socket => {
    const near = createWebSocketStream(socket)
    const far = connect(port, '127.0.0.1')
    for (const [one, other] of [[near, far] as const, [far, near] as const]) {
      one.pipe(other)
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
  })
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const client of server.clients) client.terminate()
      server.close()
      await once(server, 'close')
    },
  }
}
