import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way to a MySQL or a MariaDB on which errors come late. */
export interface SlowRefusals extends AsyncDisposable {
  readonly port: number
}

/** Holds back with what the server refuses a login, and that it hangs up then. Without TLS. */
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
    let login: 'under way' | 'done' | 'refused' = 'under way'
    const inTime = (act: () => void): void => {
      if (login === 'refused') setTimeout(act, delayMs)
      else act()
    }
    server.on('data', chunk => {
      const heads = headsIn(chunk)
      if (login === 'under way' && heads.includes(ok)) login = 'done'
      if (login === 'under way' && heads.includes(error)) login = 'refused'
      inTime(() => socket.write(chunk))
    })
    server.on('close', () => inTime(() => socket.end()))
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

const [ok, error] = [0x00, 0xff]

/** The first bytes of packets. Each follows three bytes of the packet's length and one of its number. */
function headsIn(chunk: Buffer): number[] {
  const heads: number[] = []
  for (let at = 0; at + 4 < chunk.length; at += 4 + chunk.readUIntLE(at, 3)) heads.push(chunk[at + 4] ?? 0)
  return heads
}
