import type { CompleteClock } from '../core/time/clock.js'
import { type Login, sameLogin } from './login.js'

/** The number of steps in which idle connections are closed: if all were closed at once, the next requests would all have to log in. */
const steps = 5

/** What retirement needs. */
export interface RetirementParts {
  readonly clock: CompleteClock
  readonly spreadMs: number
  /** The login that connections are compared with; undefined while none is proven. */
  inUse(): Login | undefined
  /** Closes this share of the connections that are idle and outdated at that time, rounded up. */
  closeIdle(share: number): void
}

/** Knows which connections are outdated, by the login of each, and closes the idle ones a few at a time. */
export class Retirement {
  readonly #parts: RetirementParts
  readonly #logins = new WeakMap<object, Login>()
  /** Connections that are closed when they are released, whatever their login. */
  readonly #condemned = new WeakSet<object>()
  /** Connections whose session the server has ended. */
  readonly #ended = new WeakSet<object>()
  #cancel: () => void = () => {}
  #isRoomWanted = false

  constructor(parts: RetirementParts) {
    this.#parts = parts
  }

  tag(connection: object, login: Login): void {
    this.#logins.set(connection, login)
  }

  loginOf(connection: object): Login | undefined {
    return this.#logins.get(connection)
  }

  /** The server has ended the session of a connection. */
  ended(connection: object): void {
    this.#ended.add(connection)
  }

  /** Whether the server has ended the session: then there is nothing to wait for on that connection. */
  hasEnded(connection: object): boolean {
    return this.#ended.has(connection)
  }

  /** Whether a connection must not be used again: newer credentials have worked, and it has others. */
  isOutdated(connection: object): boolean {
    if (this.#condemned.has(connection) || this.#ended.has(connection)) return true
    const current = this.#parts.inUse()
    if (current === undefined) return false
    const login = this.#logins.get(connection)
    return login !== current && (login === undefined || !sameLogin(login, current))
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
  }

  #step(left: number): void {
    if (left === 0) return
    this.#cancel = this.#parts.clock.setTimeout(() => {
      this.#parts.closeIdle(1 / left)
      this.#step(left - 1)
    }, this.#parts.spreadMs / steps)
  }
}
