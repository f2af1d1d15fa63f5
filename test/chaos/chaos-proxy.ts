import type { Socket } from 'node:net'
import { TcpProxy } from '../support/tcp-proxy.js'
import { PassedBytes } from './passed-bytes.js'

/** What can go wrong on the way to a server. */
export type NetworkFault = 'delay' | 'cut' | 'refuse' | 'half-close' | 'black hole' | 'corruption'

/** A TCP way to a server of this machine, on which things go wrong. */
export class ChaosProxy implements AsyncDisposable {
  #proxy!: TcpProxy
  #fault: NetworkFault | undefined
  #delayMs = 0

  private constructor() {}

  static async start(port: number): Promise<ChaosProxy> {
    const proxy = new ChaosProxy()
    proxy.#proxy = await TcpProxy.open(
      { port },
      { admit: () => proxy.#admit(), pass: (...way) => proxy.#pass(...way), allowHalfOpen: true },
    )
    return proxy
  }

  get port(): number {
    return this.#proxy.port
  }

  /** One fault at a time. The function it returns ends it, and with it each connection that bytes were lost on. */
  befall(fault: NetworkFault, delayMs = 0): () => void {
    this.#fault = fault
    this.#delayMs = delayMs
    const befallen = this.#proxy.ways
    if (fault === 'cut') this.#proxy.reset(befallen)
    if (fault === 'half-close') for (const { client } of befallen) client.end()
    return () => {
      this.#fault = undefined
      this.#delayMs = 0
      if (fault === 'half-close') this.#proxy.reset(befallen)
      if (fault === 'black hole') this.#proxy.reset()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#proxy.reset()
    await this.#proxy.close()
  }

  #admit(): 'led on' | 'reset' | 'kept waiting' {
    if (this.#fault === 'refuse') return 'reset'
    return this.#fault === 'black hole' ? 'kept waiting' : 'led on'
  }

  #pass(from: Socket, to: Socket): void {
    const passed = new PassedBytes(to)
    from.on('data', bytes => {
      if (this.#fault === 'black hole') return
      passed.push(bytes, { delayMs: this.#delayMs, corrupt: this.#fault === 'corruption' })
    })
    from.on('end', () => passed.end())
  }
}
