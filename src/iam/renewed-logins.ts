import { SecretCacheError } from '../core/failures/errors.js'
import { type Clock, type CompleteClock, completeClock } from '../core/time/clock.js'
import { KeepAlive } from '../core/time/keep-alive.js'
import { untilAborted } from '../core/time/until-aborted.js'
import { within } from '../core/time/within.js'
import { isWithin, pauseAfterFailure, pausesAfterRefusalMs } from '../pools/limits.js'
import type { ExpiringLogin, IssuedLogin, LoginListener, LoginServer, LoginSource } from '../pools/login-source.js'
import { isLost } from '../pools/redis-error.js'
import { type Subscription, Subscriptions } from '../pools/subscriptions.js'
import { issueError } from './issue-error.js'
import { loginFrom } from './issued.js'
import { type RenewalTimes, renewalTimes } from './renewal-windows.js'

/** An issuer that has not answered by then is given up. */
const issueTimeoutMs = 10_000

/** The longest pause between two attempts while there is no login at all: whoever needs one fails at once in it. */
const longestPauseWithoutLoginMs = 2_000

/** The shortest, however little is left of a login. */
const shortestPauseMs = 250

/** Without a rejection for this long, the next one counts as the first. */
const quietForMs = 120_000

/** How a login is issued. */
interface IssueOptions {
  readonly signal: AbortSignal
  /** The login that the server has rejected, if that is why another one is needed. */
  readonly refused?: ExpiringLogin | undefined
}

/** What a source of renewed logins needs. */
export interface RenewedParts {
  /** Names the issuer in errors. */
  readonly owner: string
  readonly server?: LoginServer | undefined
  readonly requiresTls?: boolean | undefined
  readonly clock?: Clock | undefined
  issue(options: IssueOptions): Promise<IssuedLogin>
}

/** A login, and when it is renewed. */
interface Held {
  readonly login: ExpiringLogin
  readonly times: RenewalTimes
}

/** A source that renews its login before it ends: in the background if it can, once for all callers, and keeps it while it lasts. */
export class RenewedLogins implements LoginSource {
  readonly type = 'streaming-credentials-provider'
  readonly server: LoginServer | undefined
  readonly requiresTls: boolean
  readonly clock: Clock | undefined
  readonly #clock: CompleteClock
  readonly #parts: RenewedParts
  readonly #subscriptions: Subscriptions<ExpiringLogin>
  readonly #keepAlive = new KeepAlive()
  #held: Held | undefined
  #issuing: Promise<ExpiringLogin> | undefined
  #failures = 0
  #lastError: unknown
  /** When the last attempt failed, by `elapsedMs`, and how long nothing is issued after it. */
  #failedAt = Number.NEGATIVE_INFINITY
  #pauseMs = 0
  /** How many logins were issued in a row in place of rejected ones, when the last one was, and when the last rejection was reported. */
  #replacements = 0
  #replacedAt = Number.NEGATIVE_INFINITY
  #refusedAt = Number.NEGATIVE_INFINITY
  /** A rejected login that is replaced once the pause after the last replacement is over. */
  #toReplace: ExpiringLogin | undefined
  #subscribers = 0
  #cancelRenewal: () => void = () => {}

  constructor(parts: RenewedParts) {
    this.server = parts.server
    this.requiresTls = parts.requiresTls === true
    this.clock = parts.clock
    this.#parts = parts
    this.#clock = completeClock(parts.clock)
    this.#subscriptions = new Subscriptions(() => {
      this.#subscribers = 0
      this.#cancelRenewal()
    })
  }

  /** Starts the renewal of a login that is due. In the last minute, undefined unless the renewal fails: then callers wait. */
  current(): ExpiringLogin | undefined {
    const held = this.#lasting()
    if (held === undefined) return undefined
    const now = this.#clock.now()
    if (now >= held.times.advisoryAt) this.#renewBehind()
    return now >= held.times.mandatoryAt && !this.#isPaused ? undefined : held.login
  }

  async get({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<ExpiringLogin> {
    signal?.throwIfAborted()
    const login = this.current()
    if (login !== undefined) return login
    if (this.#isPaused && this.#issuing === undefined) throw this.#lastError
    const issued = this.#issue()
    try {
      return await this.#keepAlive.during(() => (signal === undefined ? issued : untilAborted(issued, signal)))
    } catch (error) {
      const lasting = this.#lasting()
      if (lasting === undefined || signal?.aborted) throw error
      return lasting.login
    }
  }

  async refresh(refused: ExpiringLogin): Promise<ExpiringLogin> {
    if (typeof refused?.id !== 'string') throw new TypeError('refresh takes the login that was rejected.')
    const lasting = this.#lasting()
    if (lasting !== undefined && lasting.login.id !== refused.id) return lasting.login
    this.#noteRefusal()
    if (lasting !== undefined && this.#replaceableInMs > 0) {
      this.#toReplace = lasting.login
      this.#renewInTime()
      return lasting.login
    }
    if (this.#isPaused && this.#issuing === undefined) throw this.#lastError
    return this.#keepAlive.during(() => this.#issue(refused))
  }

  async subscribe(listener: LoginListener): Promise<[ExpiringLogin, Subscription]> {
    const login = await this.get()
    this.#subscribers += 1
    this.#renewInTime()
    return [login, this.#subscriptions.add(listener)]
  }

  /** The connection keeps the login that it has, and is told the next one; unless it is gone: a client subscribes again with the next. */
  onReAuthenticationError(error: Error): void {
    if (isLost(error)) this.#subscriptions.reported?.end()
  }

  #noteRefusal(): void {
    const now = this.#clock.elapsedMs()
    if (!isWithin(quietForMs, this.#refusedAt, now)) this.#replacements = 0
    this.#refusedAt = now
  }

  /**
   * A server that refuses this one, too, refuses for another reason, or has not heard of it yet: the next one is issued after the pause of a
   * pool, however many connections and pools it is for.
   */
  get #replaceableInMs(): number {
    const pauseMs = pausesAfterRefusalMs[Math.min(this.#replacements, pausesAfterRefusalMs.length) - 1] ?? 0
    return Math.max(0, this.#replacedAt + pauseMs - this.#clock.elapsedMs())
  }

  get #isPaused(): boolean {
    return isWithin(this.#boundedPauseMs, this.#failedAt, this.#clock.elapsedMs())
  }

  /** A pause may have begun while there was a login. */
  get #boundedPauseMs(): number {
    const lasting = this.#lasting()
    if (lasting === undefined) return Math.min(this.#pauseMs, longestPauseWithoutLoginMs)
    // In what is left of a login, several attempts must have room.
    return Math.min(this.#pauseMs, Math.max(shortestPauseMs, (lasting.times.endsAt - this.#clock.now()) / 3))
  }

  #lasting(): Held | undefined {
    return this.#held !== undefined && this.#clock.now() < this.#held.times.endsAt ? this.#held : undefined
  }

  #renewBehind(refused?: ExpiringLogin): void {
    if (!this.#isPaused) this.#issue(refused).catch(() => {})
  }

  /** One for all who need it. */
  #issue(refused?: ExpiringLogin): Promise<ExpiringLogin> {
    this.#issuing ??= this.#issueNow(refused).finally(() => {
      this.#issuing = undefined
      this.#renewInTime()
    })
    return this.#issuing
  }

  async #issueNow(refused: ExpiringLogin | undefined): Promise<ExpiringLogin> {
    try {
      const issued = await within(this.#clock, issueTimeoutMs, signal => this.#parts.issue({ signal, refused }))
      const login = this.#hold(loginFrom(issued, this.#parts.owner, this.#held?.login))
      if (refused !== undefined) {
        this.#replacements += 1
        this.#replacedAt = this.#clock.elapsedMs()
      }
      return login
    } catch (error) {
      this.#failures += 1
      this.#failedAt = this.#clock.elapsedMs()
      this.#pauseMs = pauseAfterFailure(this.#failures)
      this.#lastError = issueError(error, this.#parts.owner)
      throw this.#lastError
    }
  }

  #hold(login: ExpiringLogin): ExpiringLogin {
    const { loginUntil = Number.POSITIVE_INFINITY, accountUntil = Number.POSITIVE_INFINITY } = login
    const now = this.#clock.now()
    const endsAt = Math.min(loginUntil, accountUntil)
    if (endsAt <= now) throw hasEnded(this.#parts.owner)
    const before = this.#held?.login
    this.#held = { login, times: renewalTimes(now, endsAt) }
    this.#failures = 0
    this.#pauseMs = 0
    this.#toReplace = undefined
    if (before !== undefined && before !== login) this.#subscriptions.tell(login.id, login)
    return login
  }

  /** While anybody listens, it is renewed though nobody asks. */
  #renewInTime(): void {
    this.#cancelRenewal()
    const refused = this.#toReplace
    const dueAt = refused === undefined ? Number.POSITIVE_INFINITY : this.#clock.now() + this.#replaceableInMs
    const at = Math.min(this.#held?.times.advisoryAt ?? Number.POSITIVE_INFINITY, dueAt)
    if (this.#subscribers === 0 || at === Number.POSITIVE_INFINITY) return
    // Nobody waits for it, so a source without a login takes the whole pause.
    const lengthMs = this.#lasting() === undefined ? this.#pauseMs : this.#boundedPauseMs
    const pauseMs = this.#failedAt + lengthMs - this.#clock.elapsedMs()
    this.#cancelRenewal = this.#clock.setTimeout(
      () => {
        // A timer may be early by a moment.
        if (this.#clock.now() < at || this.#isPaused) this.#renewInTime()
        else this.#renewBehind(refused)
      },
      Math.ceil(Math.max(0, pauseMs, at - this.#clock.now())),
    )
  }
}

function hasEnded(owner: string): SecretCacheError {
  return new SecretCacheError({
    code: 'ERR_SECRET_CREDENTIALS',
    message: `The login that ${owner} returned has ended already.`,
    hint: 'Is the clock of this machine right? Does the issuer return ends in milliseconds since the epoch?',
  })
}
