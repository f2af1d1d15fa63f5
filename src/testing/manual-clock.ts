import type { CompleteClock } from '../core/time/clock.js'
import { type Timer, TimerQueue } from './timer-queue.js'

/** Fake-timer libraries replace the global one; this clock must go on without them. */
const nextTurn = setImmediate

/** Turns of the event loop in which what a timer has set going may settle. */
const turnsToSettle = 4

/** Timers at one moment before the clock takes it for a loop without end. */
const mostAtOnce = 1_000_000

/**
 * A clock that stands still until a test moves it.
 *
 * Use it wherever awscurrent takes a `clock`; no test needs to sleep. Timers fire in the order of their due times, and promise
 * callbacks settle between them. Real input and output (a socket, a file) is not waited for.
 *
 * ```ts
 * const clock = new ManualClock()
 * const fake = new FakeSecretsManager({ clock, secrets: { 'prod/api-key': 'one' } })
 * const secrets = new SecretCache({ client: fake.client(), clock, ttlMs: 60_000 })
 * await secrets.getSecretString('prod/api-key')
 * await clock.advance(60_000)
 * ```
 */
export class ManualClock implements CompleteClock {
  /** What timers count by: only `advance` moves it, so that a jump of the wall time fires none. */
  #elapsedMs = 0
  #wallOffsetMs: number
  readonly #timers = new TimerQueue()

  /** Starts at `startMs`, wall time in milliseconds since the epoch; by default at the beginning of 2030. */
  constructor(startMs: number = Date.UTC(2030, 0, 1)) {
    if (!Number.isFinite(startMs)) throw new TypeError('startMs must be a finite number of milliseconds.')
    this.#wallOffsetMs = startMs
  }

  /** The wall time in milliseconds since the epoch. */
  now(): number {
    return this.#wallOffsetMs + this.#elapsedMs
  }

  /** By how much the clock was advanced; setting the wall time does not change it. */
  elapsedMs(): number {
    return this.#elapsedMs
  }

  /** Runs `run` once the clock has advanced by `ms`; the function it returns cancels that. */
  setTimeout(run: () => void, ms: number): () => void {
    if (Number.isNaN(ms)) throw new TypeError('A timer was set to NaN milliseconds.')
    const timer = this.#timers.add(run, this.#elapsedMs + Math.max(0, ms))
    return () => this.#timers.remove(timer)
  }

  /** How many timers are waiting: 0 after a test says that nothing was left behind. */
  get pending(): number {
    return this.#timers.size
  }

  /**
   * Moves the clock on by `ms`, fires what falls due on the way, also timers set meanwhile, and lets promises settle after each.
   * `advance(0)` only lets them settle and fires what is due now. Rejects with what a timer throws.
   */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new TypeError('A clock advances by 0 or more milliseconds. To set it back, use set().')
    const targetMs = this.#elapsedMs + ms
    let firedAtOnce = 0
    await settle()
    for (let timer = this.#nextDue(targetMs); timer !== undefined; timer = this.#nextDue(targetMs)) {
      firedAtOnce = timer.dueMs > this.#elapsedMs ? 0 : firedAtOnce + 1
      if (firedAtOnce > mostAtOnce)
        throw new Error(`More than ${mostAtOnce} timers fired at one moment: does one set itself again at once?`)
      this.#elapsedMs = Math.max(this.#elapsedMs, timer.dueMs)
      this.#timers.remove(timer)
      timer.run()
      await settle()
    }
    this.#elapsedMs = Math.max(this.#elapsedMs, targetMs)
  }

  /**
   * Sets the wall time without firing a timer: a clock put right by NTP, or the first moment after a frozen process went on.
   * Timers keep the time that they had left.
   */
  set(wallMs: number): void {
    if (!Number.isFinite(wallMs)) throw new TypeError('The wall time must be a finite number of milliseconds.')
    this.#wallOffsetMs = wallMs - this.#elapsedMs
  }

  #nextDue(targetMs: number): Timer | undefined {
    const { next } = this.#timers
    return next !== undefined && next.dueMs <= targetMs ? next : undefined
  }
}

/** A turn drains all promise callbacks; further turns serve code that uses setImmediate itself. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < turnsToSettle; turn += 1) await new Promise<void>(resolve => nextTurn(resolve))
}
