import type { CompleteClock } from '../core/time/clock.js'
import { TokenBucket } from '../core/time/token-bucket.js'
import { RefusedNames } from './refused-names.js'

/** Something that waits to be begun, under a name that anybody may have made up. */
export interface Turn {
  readonly name: string
  /** Settles when it has ended. Never rejects. */
  begin(): Promise<void>
  /** It will not be begun. */
  refuse(): void
}

interface WaitingTurn {
  readonly turn: Turn
  readonly since: number
  readonly isRepeated: boolean
}

/** How many turns may be under way at once, and how many may wait. */
export interface TurnLimits {
  readonly mostAtOnce: number
  readonly mostWaiting: number
}

/** So many begin at once after a quiet time, and one more each 800 ms: 17 in ten seconds. */
const burst = 5
const everyMs = 800
/** SNS waits 15 s for an answer, in which there must be time for the download. */
const patienceMs = 5_000

/**
 * Begins few turns in a given time, however many ask, so that a flood of made-up names cannot shut out a genuine one.
 *
 * Who comes first or most often is up to the flood: so a full queue gives up one at random, and begins one at random. Names that were
 * refused and are asked for again go before all others, because SNS sends its messages again, by the same name.
 */
export class TurnQueue {
  readonly #clock: CompleteClock
  readonly #limits: TurnLimits
  readonly #bucket: TokenBucket
  readonly #refused = new RefusedNames()
  #waiting: WaitingTurn[] = []
  #underWay = 0
  /** Turns that were worth it, each of which lets another begin. */
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
    if (this.#waiting.length > this.#limits.mostWaiting) this.#refuse(this.#leastUrgent())
    this.#beginSome()
  }

  /** Says that a turn has led to something genuine: it does not count. */
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
    const repeated = this.#waiting.filter(({ isRepeated }) => isRepeated)
    const chosen = anyOf(repeated.length > 0 ? repeated : this.#waiting)
    this.#remove(chosen)
    this.#underWay += 1
    chosen.turn.begin().then(() => {
      this.#underWay -= 1
      this.#beginSome()
    })
  }

  #leastUrgent(): WaitingTurn {
    const others = this.#waiting.filter(({ isRepeated }) => !isRepeated)
    return anyOf(others.length > 0 ? others : this.#waiting)
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
    // Where the limit is that of turns under way, only those that have waited too long are looked for.
    this.#clock.setTimeout(run, opensInMs > 0 ? Math.min(opensInMs, everyMs) : everyMs)
  }
}

/** One of a list that is not empty. */
function anyOf<T>(list: readonly T[]): T {
  return list[Math.floor(Math.random() * list.length)] as T
}
