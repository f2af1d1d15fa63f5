import type { CompleteClock } from '../core/time/clock.js'
import type { Login } from './login.js'

/** The number of steps in which idle connections are closed: if all were closed at once, the next requests would all have to log in. */
const steps = 5

/** A connection that the server ends by the clock is replaced after this part of its time, or a little later: not all of them at once. */
const lived = 0.8
const livedSpread = 0.1

/** How long before its user ends a connection is replaced; never more than a third of the time that it has. */
const beforeAccountEndsMs = 60_000

/** What retirement needs. */
export interface RetirementParts {
  readonly clock: CompleteClock
  readonly spreadMs: number
  /** Whether connections of one are as good as those of the other. */
  sameLogin(one: Login, other: Login): boolean
  /** The login that connections are compared with; undefined while none is proven. */
  inUse(): Login | undefined
  /** Closes this share of the connections that are idle and outdated at that time, rounded up. */
  closeIdle(share: number): void
}

/** How a connection was opened. */
interface Opened {
  readonly login: Login
  /** By the wall clock. */
  readonly at: number
  /** When the server would end it soon, by `elapsedMs`. */
  readonly livesUntil: number
}

/** Knows which connections are outdated, by the login of each and by the clock, and closes the idle ones a few at a time. */
export class Retirement {
  readonly #parts: RetirementParts
  readonly #opened = new WeakMap<object, Opened>()
  /** Connections that are closed when they are released, whatever their login. */
  readonly #condemned = new WeakSet<object>()
  /** Connections whose session the server has ended. */
  readonly #ended = new WeakSet<object>()
  #cancel: () => void = () => {}
  /** What cancels the timers of the connections that end by the clock. */
  readonly #ends = new Set<() => void>()
  #isStopped = false
  #isRoomWanted = false

  constructor(parts: RetirementParts) {
    this.#parts = parts
  }

  tag(connection: object, login: Login): void {
    const { clock } = this.#parts
    const lifeMs = (login.sessionMs ?? Number.POSITIVE_INFINITY) * (lived + Math.random() * livedSpread)
    this.#opened.set(connection, { login, at: clock.now(), livesUntil: clock.elapsedMs() + lifeMs })
    this.#closeInTime(new WeakRef(connection))
  }

  loginOf(connection: object): Login | undefined {
    return this.#opened.get(connection)?.login
  }

  /** The server has ended the session of a connection. */
  ended(connection: object): void {
    this.#ended.add(connection)
  }

  /** Whether the server has ended the session: then there is nothing to wait for on that connection. */
  hasEnded(connection: object): boolean {
    return this.#ended.has(connection)
  }

  /** Whether a connection must not be used again: newer credentials have worked, and it has others; or the server will end it soon. */
  isOutdated(connection: object): boolean {
    if (this.#condemned.has(connection) || this.#ended.has(connection)) return true
    const opened = this.#opened.get(connection)
    if (opened !== undefined && this.#msLeft(opened) <= 0) return true
    const current = this.#parts.inUse()
    if (current === undefined) return false
    return opened?.login !== current && (opened === undefined || !this.#parts.sameLogin(opened.login, current))
  }

  /** The next connection that is released is closed: a proof has found no room at the server. */
  wantRoom(): void {
    this.#isRoomWanted = true
  }

  /** Whether a connection that is released now must be closed. */
  isToGo(connection: object): boolean {
    if (this.isOutdated(connection)) return true
    if (!this.#isRoomWanted) return false
    this.#isRoomWanted = false
    this.#condemned.add(connection)
    return true
  }

  /** Starts the steps, and replaces those of an earlier call. */
  begin(): void {
    this.#isRoomWanted = false
    this.#cancel()
    this.#step(steps)
  }

  stop(): void {
    this.#cancel()
    this.#isStopped = true
    for (const cancel of this.#ends) cancel()
    this.#ends.clear()
  }

  /** How long a connection may be used, by the clock. */
  #msLeft({ login, at, livesUntil }: Opened): number {
    const { clock, inUse, sameLogin } = this.#parts
    const current = inUse()
    // The end of its user may have been put off since.
    const { accountUntil = Number.POSITIVE_INFINITY } = current !== undefined && sameLogin(login, current) ? current : login
    const beforeMs = Math.min(beforeAccountEndsMs, (accountUntil - at) / 3)
    const untilAccountEnds = accountUntil === Number.POSITIVE_INFINITY ? accountUntil : accountUntil - beforeMs - clock.now()
    return Math.min(livesUntil - clock.elapsedMs(), untilAccountEnds)
  }

  /** Closes a connection that is idle when its time is up; one that is busy then is closed when it is released. */
  #closeInTime(connection: WeakRef<object>): void {
    const opened = this.#opened.get(connection.deref() ?? {})
    const msLeft = opened === undefined ? Number.POSITIVE_INFINITY : this.#msLeft(opened)
    if (this.#isStopped || msLeft === Number.POSITIVE_INFINITY) return
    if (msLeft <= 0) {
      this.#parts.closeIdle(1)
      return
    }
    const cancel = this.#parts.clock.setTimeout(() => {
      this.#ends.delete(cancel)
      this.#closeInTime(connection)
    }, Math.ceil(msLeft))
    this.#ends.add(cancel)
  }

  #step(left: number): void {
    if (left === 0) return
    this.#cancel = this.#parts.clock.setTimeout(() => {
      this.#parts.closeIdle(1 / left)
      this.#step(left - 1)
    }, this.#parts.spreadMs / steps)
  }
}
