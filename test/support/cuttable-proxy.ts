import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way to a server that a test can cut. */
export interface CuttableProxy extends AsyncDisposable {
  /** What a client takes for the server's endpoint. */
  readonly endpoint: string
  /** How many connections wait for an answer that never comes. */
  readonly held: number
  /** Ends every connection, and from now on each new one at once. */
  cut(): void
  /** Forgets the connections that there are, as after a long pause: each is reset by its next byte. New ones work. */
  forget(): void
  /** How many connections there are. */
  readonly open: number
  /** Lets nothing through any more, and says nothing. */
  swallow(): void
  restore(): void
  close(): Promise<void>
}

/** Passes bytes on to an endpoint such as `http://127.0.0.1:49152`. */
export async function startProxy(endpoint: string): Promise<CuttableProxy> {
  const { hostname, port } = new URL(endpoint)
  const sockets = new Set<Socket>()
  /** Those of clients, which are passed on. */
  const clients = new Set<Socket>()
  let way: 'open' | 'cut' | 'swallowing' = 'open'
  let held = 0

  const keep = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  }
  const endAll = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  const server = createServer(socket => {
    keep(socket)
    if (way === 'cut') socket.resetAndDestroy()
    if (way === 'swallowing') held += 1
    if (way !== 'open') return
    const onward = connect(Number(port), hostname)
    keep(onward)
    socket.pipe(onward).pipe(socket)
    clients.add(socket)
    socket.on('close', () => clients.delete(socket))
    socket.on('close', () => onward.destroy())
    onward.on('close', () => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async (): Promise<void> => {
    endAll()
    server.close()
    await once(server, 'close')
  }
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get held() {
      return held
    },
    cut() {
      way = 'cut'
      endAll()
    },
    get open() {
      return clients.size
    },
    forget() {
      for (const socket of clients) {
        socket.unpipe()
        socket.once('data', () => socket.resetAndDestroy())
        socket.resume()
      }
    },
    swallow() {
      way = 'swallowing'
      endAll()
    },
    restore() {
      way = 'open'
      endAll()
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
