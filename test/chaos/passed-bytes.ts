import type { Socket } from 'node:net'

/** The greetings before TLS begins, which nothing protects: a server's own greeting, and the client's wish for TLS. */
const unprotectedBytes = 1_024

/** The bytes that go one way of a connection, late or spoilt, but in their order. */
export class PassedBytes {
  readonly #to: Socket
  readonly #queue: (Uint8Array | 'end')[] = []
  #count = 0

  constructor(to: Socket) {
    this.#to = to
  }

  push(bytes: Buffer, { delayMs, corrupt }: { delayMs: number; corrupt: boolean }): void {
    this.#count += bytes.length
    if (corrupt && this.#count - bytes.length >= unprotectedBytes) bytes[bytes.length >> 1]! ^= 0x40
    this.#queue.push(bytes)
    if (delayMs > 0) setTimeout(() => this.#passOne(), delayMs)
    else if (this.#queue.length === 1) this.#passOne()
    else setTimeout(() => this.#passOne(), 0)
  }

  end(): void {
    this.#queue.push('end')
    this.#passOne()
  }

  /** Passes the oldest, whichever it was that is due. */
  #passOne(): void {
    const oldest = this.#queue.shift()
    if (this.#to.destroyed || oldest === undefined) return
    if (oldest === 'end') this.#to.end()
    else this.#to.write(oldest)
  }
}
