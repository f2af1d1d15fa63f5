import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { PassedBytes } from './passed-bytes.js'

/** What can go wrong on the way to a server. */
export type NetworkFault = 'delay' | 'cut' | 'refuse' | 'half-close' | 'black hole' | 'corruption'

interface Connection {
  readonly client: Socket
  readonly onward: Socket | undefined
}

/** A TCP way to a server of this machine, on which things go wrong. */
export class ChaosProxy implements AsyncDisposable {
  readonly #server: Server
  readonly #connections = new Set<Connection>()
  readonly #targetPort: number
  #fault: NetworkFault | undefined
  #delayMs = 0

  private constructor(targetPort: number) {
    this.#targetPort = targetPort
    this.#server = createServer({ allowHalfOpen: true }, client => this.#accept(client))
  }

  static async start(targetPort: number): Promise<ChaosProxy> {
    const proxy = new ChaosProxy(targetPort)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** One fault at a time. The function it returns ends it, and with it each connection that bytes were lost on. */
  befall(fault: NetworkFault, delayMs = 0): () => void {
    this.#fault = fault
    this.#delayMs = delayMs
    const befallen = new Set(this.#connections)
    if (fault === 'cut') this.#reset(befallen)
    if (fault === 'half-close') for (const { client } of befallen) client.end()
    return () => {
      this.#fault = undefined
      this.#delayMs = 0
      if (fault === 'half-close') this.#reset(befallen)
      if (fault === 'black hole') this.#reset(this.#connections)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#reset(this.#connections)
    this.#server.close()
    await once(this.#server, 'close')
  }

  #accept(client: Socket): void {
    if (this.#fault === 'refuse') {
      client.resetAndDestroy()
      return
    }
    const onward =
      this.#fault === 'black hole' ? undefined : connect({ port: this.#targetPort, host: '127.0.0.1', allowHalfOpen: true })
    const connection = { client, onward }
    this.#connections.add(connection)
    for (const socket of [client, onward]) {
      socket?.setNoDelay()
      socket?.on('error', () => {})
      socket?.on('close', () => this.#drop(connection))
    }
    if (onward === undefined) return
    this.#pass(client, onward)
    this.#pass(onward, client)
  }

  #pass(from: Socket, to: Socket): void {
    const passed = new PassedBytes(to)
    from.on('data', bytes => {
      if (this.#fault === 'black hole') return
      passed.push(bytes, { delayMs: this.#delayMs, corrupt: this.#fault === 'corruption' })
    })
    from.on('end', () => passed.end())
  }

  #reset(connections: Iterable<Connection>): void {
    for (const { client, onward } of [...connections]) {
      client.resetAndDestroy()
      onward?.destroy()
    }
  }

  #drop(connection: Connection): void {
    this.#connections.delete(connection)
    connection.client.destroy()
    connection.onward?.destroy()
  }
}
