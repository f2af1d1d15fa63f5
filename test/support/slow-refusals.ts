import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way to a MySQL or a MariaDB on which errors come late. */
export interface SlowRefusals extends AsyncDisposable {
  readonly port: number
}

/** Holds back what the server sends if it is an error: without TLS, and while the two sides take turns, as in a login. */
export async function startSlowRefusals(port: number, delayMs: number): Promise<SlowRefusals> {
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  }
  const proxy = createServer(socket => {
    const server = connect(port, '127.0.0.1')
    keep(socket)
    keep(server)
    socket.pipe(server)
    server.on('data', chunk => setTimeout(() => socket.write(chunk), isError(chunk) ? delayMs : 0))
    server.on('close', () => setTimeout(() => socket.end(), delayMs))
    socket.on('close', () => server.destroy())
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return {
    port: (proxy.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      proxy.close()
      await once(proxy, 'close')
    },
  }
}

/** A packet begins with three bytes of its length and one of its number. */
function isError(chunk: Buffer): boolean {
  return chunk[4] === 0xff
}
