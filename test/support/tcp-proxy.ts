import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A client, and the connection that leads it on, if one does. */
export interface Way {
  readonly client: Socket
  readonly onward: Socket | undefined
}

/** What a proxy does otherwise than to lead everybody on. */
export interface TcpProxyOptions {
  /** What becomes of a client that comes now. @default 'led on' */
  admit?(): 'led on' | 'reset' | 'kept waiting'
  /** Takes the bytes of one side to the other. @default as they are */
  pass?(from: Socket, to: Socket): void
  /** Whether one side may go on when the other has said all. @default false */
  allowHalfOpen?: boolean
}

/** A TCP way to a server of this machine. */
export class TcpProxy {
  readonly #server: Server
  readonly #ways = new Set<Way>()

  private constructor(target: { host: string; port: number }, options: TcpProxyOptions) {
    const { admit = () => 'led on', pass = (from, to) => from.pipe(to), allowHalfOpen = false } = options
    this.#server = createServer({ allowHalfOpen }, client => {
      const fate = admit()
      const onward = fate === 'led on' ? connect({ ...target, allowHalfOpen }) : undefined
      this.#keep({ client, onward })
      if (fate === 'reset') client.resetAndDestroy()
      if (onward === undefined) return
      pass(client, onward)
      pass(onward, client)
    })
  }

  static async open(
    { host = '127.0.0.1', port }: { host?: string; port: number },
    options: TcpProxyOptions = {},
  ): Promise<TcpProxy> {
    const proxy = new TcpProxy({ host, port }, options)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Those that there are now. */
  get ways(): Way[] {
    return [...this.#ways]
  }

  /** Lets nobody in any more; who is on the way goes on. */
  closeToOthers(): void {
    this.#server.close()
  }

  end(ways: readonly Way[] = this.ways): void {
    for (const { client } of ways) client.destroy()
  }

  reset(ways: readonly Way[] = this.ways): void {
    for (const { client } of ways) client.resetAndDestroy()
  }

  async close(): Promise<void> {
    this.end()
    if (!this.#server.listening) return
    this.closeToOthers()
    await once(this.#server, 'close')
  }

  #keep(way: Way): void {
    this.#ways.add(way)
    for (const socket of [way.client, way.onward]) {
      socket?.setNoDelay()
      socket?.on('error', () => {})
      socket?.on('close', () => {
        this.#ways.delete(way)
        way.client.destroy()
        way.onward?.destroy()
      })
    }
  }
}
