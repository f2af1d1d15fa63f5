import { atMost } from '../core/time/at-most.js'
import type { CompleteClock } from '../core/time/clock.js'
import { KeepAlive } from '../core/time/keep-alive.js'
import type { ClientInUse } from './client-in-use.js'

/** The clients that are being ended. */
export class Draining<Client> {
  readonly #clock: CompleteClock
  readonly #drain: (client: Client) => unknown
  readonly #timeoutMs: number
  readonly #underWay = new Set<Promise<void>>()
  readonly #keepAlive = new KeepAlive()

  constructor(clock: CompleteClock, { drain, drainTimeoutMs }: { drain: (client: Client) => unknown; drainTimeoutMs: number }) {
    this.#clock = clock
    this.#drain = drain
    this.#timeoutMs = drainTimeoutMs
  }

  /** Ends a client as soon as no work runs on it, or when that has taken too long, and calls `tell` with whether it succeeded. */
  begin(client: ClientInUse<Client>, tell: (drained: boolean) => void = () => {}): void {
    const drained = client
      .drainWhenUnused(
        unused => this.#drain(unused),
        unused => this.#atMost(unused, this.#timeoutMs),
      )
      .then(
        () => true,
        () => false,
      )
    const ended: Promise<void> = drained.then(tell).finally(() => this.#underWay.delete(ended))
    this.#underWay.add(ended)
  }

  /** Resolves once all of them, and `others`, have ended, or after `timeoutMs`. */
  async ended(timeoutMs: number, others: () => Promise<unknown>): Promise<void> {
    const all = async (): Promise<void> => {
      await others()
      while (this.#underWay.size > 0) await Promise.all(this.#underWay)
    }
    await this.#keepAlive.during(() => this.#atMost(all(), timeoutMs))
  }

  #atMost(ended: Promise<void>, ms: number): Promise<void> {
    return atMost(this.#clock, ms, ended, () => {})
  }
}
