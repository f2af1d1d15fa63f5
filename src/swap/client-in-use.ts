import type { Given } from './reading.js'

/** A client, the version that it was created from, and the number of calls that run on it. */
export class ClientInUse<Client> {
  readonly version: Given
  readonly #client: Client
  #running = 0
  #whenUnused: () => void = () => {}

  constructor(version: Given, client: Client) {
    this.version = version
    this.#client = client
  }

  async run<T>(work: (client: Client) => T | Promise<T>): Promise<T> {
    this.#running += 1
    try {
      return await work(this.#client)
    } finally {
      this.#running -= 1
      if (this.#running === 0) this.#whenUnused()
    }
  }

  /** Ends the client as soon as no work runs on it, or when `limit` stops waiting. Call it only when no new work can start. */
  async drainWhenUnused(drain: (client: Client) => unknown, limit: (unused: Promise<void>) => Promise<void>): Promise<void> {
    const unused = new Promise<void>(resolve => {
      this.#whenUnused = resolve
      if (this.#running === 0) resolve()
    })
    if (this.#running > 0) await limit(unused)
    await drain(this.#client)
  }
}
