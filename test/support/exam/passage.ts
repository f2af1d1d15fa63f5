import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A way to a server of this machine, which can be closed to whoever is not on it yet. */
export class Passage {
  readonly #server: Server
  /** By the port that the server sees. */
  readonly #clients = new Map<number, Socket>()

  private constructor(port: number) {
    this.#server = createServer(socket => this.#lead(socket, connect(port, '127.0.0.1')))
  }

  static async open(port: number): Promise<Passage> {
    const passage = new Passage(port)
    passage.#server.listen(0, '127.0.0.1')
    await once(passage.#server, 'listening')
    return passage
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Lets nobody in any more; those who are on the way go on. */
  closeToOthers(): void {
    this.#server.close()
  }

  /** Ends the connections that the server sees coming from these ports. */
  cut(ports: readonly number[]): void {
    for (const port of ports) this.#clients.get(port)?.destroy()
  }

  close(): void {
    this.closeToOthers()
    for (const socket of this.#clients.values()) socket.destroy()
  }

  #lead(socket: Socket, onward: Socket): void {
    onward.on('connect', () => {
      const port = onward.localPort ?? 0
      this.#clients.set(port, socket)
      socket.on('close', () => this.#clients.delete(port))
    })
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      one.on('error', () => {})
      one.on('close', () => other.destroy())
      one.pipe(other)
    }
  }
}
