import type { CompleteClock } from '../core/time/clock.js'
import { TokenBucket } from '../core/time/token-bucket.js'
import { RecentlyUsed } from '../signals/recently-used.js'
import { RefusedNames } from './refused-names.js'

/** What came of a turn. A name whose turn has `failed` may still be genuine. */
export type TurnOutcome = 'found' | 'failed' | 'nothing'

/** Work that waits to be started, under a name that anybody may have made up. */
export interface Turn {
  readonly name: string
  /** Resolves with the outcome when the work has ended. Never rejects. */
  begin(): Promise<TurnOutcome>
  /** Called if the work will not be started. */
  refuse(): void
}

interface WaitingTurn {
  readonly turn: Turn
  readonly since: number
  readonly isRepeated: boolean
}

/** How many turns may run at once, and how many may wait. */
export interface TurnLimits {
  readonly mostAtOnce: number
  readonly mostWaiting: number
}

/** This many start at once after a quiet period, then one more every 800 ms: 17 in ten seconds. */
const burst = 5
const everyMs = 800
/** How many names without success are remembered: as many as can be started in more than an hour. */
const mostFruitless = 5_000
/** Up to this many failures, a name goes before new names. */
const mostFailures = 3
/** How long a name that stood for nothing goes after all others: it may have come too early. */
const nothingForMs = 60_000
/** SNS waits 15 s for a response; that must leave time for the download. */
const patienceMs = 5_000

/**
 * Starts only a few turns in a given time, however many are requested, so that a flood of made-up names cannot shut out a genuine one.
 *
 * In a flood, neither the first name nor the most frequent one is likely to be genuine. So a full queue drops a turn at random, and starts
 * one at random. SNS retries its messages under the same name, so names that were refused before go first when they return, and then those
 * that have failed. Names that have turned out to stand for nothing go last: a flood that repeats its names has used up each of them.
 */
export class TurnQueue {
  readonly #clock: CompleteClock
  readonly #limits: TurnLimits
  readonly #bucket: TokenBucket
  readonly #refused = new RefusedNames()
  readonly #fruitless = new RecentlyUsed<string, { readonly failures: number; readonly nothingAt: number | undefined }>(
    mostFruitless,
  )
  #waiting: WaitingTurn[] = []
  #underWay = 0
  /** Turns that led to something genuine; each lets another one start. */
  #credits = 0
  /** When the token that was taken may be used. */
  #opensAt: number | undefined
  #hasTimer = false

  constructor(clock: CompleteClock, limits: TurnLimits) {
    this.#clock = clock
    this.#limits = limits
    this.#bucket = new TokenBucket(burst, everyMs, clock.elapsedMs())
  }

  add(turn: Turn): void {
    const waiting = { turn, since: this.#clock.elapsedMs(), isRepeated: this.#refused.has(turn.name) }
    this.#waiting.push(waiting)
    if (this.#waiting.length > this.#limits.mostWaiting) this.#refuse(this.#atRandom('least urgent'))
    this.#beginSome()
  }

  /** Called when a turn has led to something genuine: it does not count against the limit. */
  credit(): void {
    this.#credits = Math.min(this.#credits + 1, burst)
    this.#beginSome()
  }

  #beginSome(): void {
    const now = this.#clock.elapsedMs()
    for (const waiting of this.#waiting.filter(({ since }) => now - since >= patienceMs)) this.#refuse(waiting)
    while (this.#waiting.length > 0 && this.#underWay < this.#limits.mostAtOnce && this.#mayBegin(now)) this.#begin()
    if (this.#waiting.length > 0) this.#lookAgain()
  }

  #mayBegin(now: number): boolean {
    if (this.#credits > 0) {
      this.#credits -= 1
      return true
    }
    this.#opensAt ??= now + this.#bucket.take(now)
    if (now < this.#opensAt) return false
    this.#opensAt = undefined
    return true
  }

  #begin(): void {
    const chosen = this.#atRandom('most urgent')
    this.#remove(chosen)
    this.#underWay += 1
    void this.#run(chosen.turn)
  }

  async #run(turn: Turn): Promise<void> {
    const outcome = await turn.begin()
    if (outcome === 'found') this.#fruitless.delete(turn.name)
    else {
      const failures = (this.#fruitless.get(turn.name)?.failures ?? 0) + 1
      this.#fruitless.set(turn.name, { failures, nothingAt: outcome === 'nothing' ? this.#clock.elapsedMs() : undefined })
    }
    this.#underWay -= 1
    this.#beginSome()
  }

  /** A random one of the most or the least urgent turns. */
  #atRandom(which: 'most urgent' | 'least urgent'): WaitingTurn {
    const urgencies = this.#waiting.map(waiting => this.#urgencyOf(waiting))
    const wanted = which === 'most urgent' ? Math.max(...urgencies) : Math.min(...urgencies)
    const chosen = this.#waiting.filter((_, index) => urgencies[index] === wanted)
    return chosen[Math.floor(Math.random() * chosen.length)] as WaitingTurn
  }

  #urgencyOf({ turn, isRepeated }: WaitingTurn): number {
    const fruitless = this.#fruitless.get(turn.name)
    if (fruitless === undefined) return isRepeated ? 3 : 1
    const { failures, nothingAt } = fruitless
    if (nothingAt !== undefined) return this.#clock.elapsedMs() - nothingAt < nothingForMs ? 0 : 1
    return failures <= mostFailures ? 2 : 1
  }

  #refuse(waiting: WaitingTurn): void {
    this.#remove(waiting)
    this.#refused.add(waiting.turn.name)
    waiting.turn.refuse()
  }

  #remove(waiting: WaitingTurn): void {
    this.#waiting = this.#waiting.filter(each => each !== waiting)
  }

  #lookAgain(): void {
    if (this.#hasTimer) return
    this.#hasTimer = true
    const run = (): void => {
      this.#hasTimer = false
      this.#beginSome()
    }
    const opensInMs = (this.#opensAt ?? Infinity) - this.#clock.elapsedMs()
    // If the limit on running turns is reached, this timer only finds turns that have waited too long.
    this.#clock.setTimeout(run, opensInMs > 0 ? Math.min(opensInMs, everyMs) : everyMs)
  }
}
