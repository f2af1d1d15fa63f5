import { TcpProxy } from '../tcp-proxy.js'

/** A way to a server of this machine, which can be closed to whoever is not on it yet. */
export class Passage {
  readonly #proxy: TcpProxy

  private constructor(proxy: TcpProxy) {
    this.#proxy = proxy
  }

  static async open(port: number): Promise<Passage> {
    return new Passage(await TcpProxy.open({ port }))
  }

  get port(): number {
    return this.#proxy.port
  }

  /** Lets nobody in any more; those who are on the way go on. */
  closeToOthers(): void {
    this.#proxy.closeToOthers()
  }

  /** Ends the connections that the server sees coming from these ports. */
  cut(ports: readonly number[]): void {
    this.#proxy.end(this.#proxy.ways.filter(({ onward }) => ports.includes(onward?.localPort ?? 0)))
  }

  close(): void {
    this.closeToOthers()
    this.#proxy.end()
  }
}
