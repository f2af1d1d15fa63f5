import type { CompleteClock } from '../core/time/clock.js'
import { nextTurn } from '../core/time/next-turn.js'
import { type Timer, TimerQueue } from './timer-queue.js'

/** Turns of the event loop in which the work that a timer has started may settle. */
const turnsToSettle = 4

/** How many timers may fire at one moment before the clock assumes an infinite loop. */
const mostAtOnce = 1_000_000

/**
 * A clock that stands still until a test moves it.
 *
 * Pass it wherever awscurrent accepts a `clock`, so that no test needs to sleep. Timers fire in the order of their due times, and promise
 * callbacks settle between them. The clock does not wait for real input and output, such as sockets and files.
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
  /** The time of the timers: only `advance` moves it, so that a jump of the wall clock fires none. */
  #elapsedMs = 0
  #wallOffsetMs: number
  readonly #timers = new TimerQueue()

  /** Starts at `startMs`, a wall clock time in milliseconds since the epoch; by default at the beginning of 2030. */
  constructor(startMs: number = Date.UTC(2030, 0, 1)) {
    if (!Number.isFinite(startMs)) throw new TypeError('startMs must be a finite number of milliseconds.')
    this.#wallOffsetMs = startMs
  }

  /** The wall clock time in milliseconds since the epoch. */
  now(): number {
    return this.#wallOffsetMs + this.#elapsedMs
  }

  /** How many milliseconds the clock was advanced; setting the wall clock time does not change it. */
  elapsedMs(): number {
    return this.#elapsedMs
  }

  /** Calls `run` once the clock has advanced by `ms` milliseconds; the returned function cancels that. */
  setTimeout(run: () => void, ms: number): () => void {
    if (Number.isNaN(ms)) throw new TypeError('A timer was set to NaN milliseconds.')
    const timer = this.#timers.add(run, this.#elapsedMs + Math.max(0, ms))
    return () => this.#timers.remove(timer)
  }

  /** How many timers are waiting. 0 at the end of a test shows that none was left behind. */
  get pending(): number {
    return this.#timers.size
  }

  /**
   * Advances the clock by `ms` milliseconds, fires the timers that fall due, including new ones, and lets promises settle after each.
   * `advance(0)` lets promises settle and fires the timers that are due now. Rejects with what a timer throws.
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
   * Sets the wall clock time without firing a timer: for a clock that NTP corrects, or the first moment after a frozen process resumes.
   * Timers keep their remaining time.
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

/** One turn runs all promise callbacks; the other turns are for code that uses setImmediate itself. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < turnsToSettle; turn += 1) await nextTurn()
}
