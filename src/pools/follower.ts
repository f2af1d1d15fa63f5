import type { Emitter } from '../core/events/emitter.js'
import type { CompleteClock } from '../core/time/clock.js'
import { findLogin, type Refusal } from './find-login.js'
import type { CheckedFollowOptions } from './follow-options.js'
import { FollowedSecret } from './followed-secret.js'
import { type Login, loginOf, sameAccount, sameLogin } from './login.js'
import { isWithin, loginsOfAWindow, patienceMs, pauseAfterLogin, probeEveryMs, trustedForMs } from './login-limits.js'
import { Pause } from './pause.js'
import type { PoolEvent } from './pool-events.js'
import { Retirement } from './retirement.js'
import { Waiters } from './waiters.js'

/** What a driver does for the pool that follows a secret. */
export interface PoolDriver {
  /** Logs in outside of the pool and hangs up. Rejects with the driver's own error. */
  logIn(login: Login): Promise<void>
  isAuthError(error: unknown): boolean
  /** Closes that share, rounded up, of the idle connections that are outdated. */
  closeIdle(share: number): void
  /** Whether a connection is idle: whoever asks is given that, whatever is known of logins. */
  hasIdle(): boolean
  /** How long the driver lets somebody wait for a connection; 0 if for ever. */
  connectTimeoutMs(): number
}

/**
 * What the pool knows of the login that new connections use.
 *
 * ```
 * empty ─ the secret is read ─▶ untried ─ one connection logs in ─▶ trying ─────▶ working ◀─ proven outside of the pool ─┐
 *   ▲                              ▲                                  │ refused     │   ▲                                │
 *   │                              └── the server cannot be reached ──┤    the next │   │ it logs in                     │
 *   └─ the cache has let it go                                        │    login    ▼   │                                │
 *                                                                     ▼            checking                              │
 *                                                                  refused ◀─ refused ─┘                                 │
 *                                                                     └────── nothing has worked ─▶ wrong ───────────────┘
 * ```
 *
 * While it is `trying`, `checking` or `refused` nobody else logs in: all wait for the one outcome, so that a password that no longer
 * works is refused once and not by every connection at once. Idle connections are handed out throughout.
 */
type State =
  | { readonly kind: 'empty' }
  | { readonly kind: 'untried'; readonly login: Login }
  | { readonly kind: 'trying'; readonly login: Login }
  /** `provenAt`: when a connection last logged in. Shortly after, others log in at the same time. */
  | { readonly kind: 'working'; readonly login: Login; readonly provenAt: number }
  | { readonly kind: 'checking'; readonly login: Login; readonly losePatience: () => void; readonly cancel: () => void }
  | ({ readonly kind: 'refused' } & Refusal<Login>)
  | { readonly kind: 'wrong'; readonly login: Login; readonly error: unknown; readonly since: number }

/** Given to the pool for a connection that has to wait: the pool's `connect` waits, and tries again. */
export const notYet: Error = Object.assign(new Error('No login is known to work yet.'), { code: 'ERR_POOL_NOT_YET' })

/** Moves a pool to the version of its secret that works: the part that all drivers share. */
export class Follower {
  readonly #options: CheckedFollowOptions
  readonly #secret: FollowedSecret<Login>
  readonly #driver: PoolDriver
  readonly #events: Emitter<PoolEvent>
  readonly #clock: CompleteClock
  readonly #waiters: Waiters
  /** Ends early if the secret moves, a login is refused, or the pool ends. */
  readonly #pause: Pause
  readonly #retirement: Retirement
  readonly #logins = new WeakMap<object, Login>()
  readonly #unfollow: () => void
  /** Whether the login is proven without waiting for a new connection: a pool that is full already may never open one. */
  readonly #eager: boolean
  #state: State = { kind: 'empty' }
  /** The last login that worked. */
  #worked: Login | undefined
  /** While AWSPENDING is logged in with: the version that is still AWSCURRENT, though the database refuses it. */
  #insteadOf: string | undefined
  /** A version that no login can be made of; that is said once. */
  #unusable: string | undefined
  /** How many refused logins are left until one works. */
  readonly #budget: { left: number } = { left: loginsOfAWindow }
  #searching = false
  #reading = false
  #stopped = false

  constructor(
    options: CheckedFollowOptions,
    driver: PoolDriver,
    events: Emitter<PoolEvent>,
    { hasConnections }: { hasConnections: boolean },
  ) {
    this.#options = options
    this.#secret = new FollowedSecret(options, { loginOf, sameAccount })
    this.#driver = driver
    this.#events = events
    this.#clock = options.cache.clock
    this.#waiters = new Waiters(this.#clock)
    this.#pause = new Pause(this.#clock)
    this.#retirement = new Retirement(this.#clock, options.retireSpreadMs, share => driver.closeIdle(share))
    this.#eager = hasConnections
    this.#unfollow = options.cache.handle(options.secretId).on('rotated', () => {
      this.#pause.end()
      this.#search()
    })
    if (hasConnections) this.touch()
  }

  /** To be called for each connection that is asked for: has a secret that is due read again, behind the pool's back. */
  touch(): void {
    const secret = this.#secret.peek()
    const state = this.#state
    if (secret?.stale === false) {
      // A secret that was forgotten and read again, or deleted and made again, has moved without an event.
      if (state.kind !== 'empty' && state.login.versionId !== secret.versionId) this.#search()
      return
    }
    // Denied, or out of reach for longer than the cache allows: who connects must hear of it.
    if (secret === undefined && (state.kind === 'working' || state.kind === 'untried')) this.#become({ kind: 'empty' })
    if (!this.#reading && !this.#stopped) void this.#readBehind()
  }

  /** The login for a connection that is opened now; undefined if it has to wait, by `again`. */
  take(): Login | undefined {
    const state = this.#state
    if (state.kind === 'untried') {
      this.#become({ kind: 'trying', login: state.login })
      return state.login
    }
    if (state.kind !== 'working') return undefined
    if (!this.#stopped && !isWithin(trustedForMs, state.provenAt, this.#clock.now())) this.#check(state.login)
    return state.login
  }

  /** Tells how a connection with a login that was taken went. */
  report(login: Login, error?: unknown): void {
    const state = this.#state
    // Who is late tells nothing about the login of now.
    if (state.kind === 'empty' || state.login !== login) return
    if (error === undefined || error === null) {
      this.#works(login, this.#insteadOf)
    } else if (this.#driver.isAuthError(error)) {
      this.#budget.left -= 1
      if (state.kind === 'trying' || state.kind === 'working' || state.kind === 'checking') {
        this.#refuse({ login, error, hadWorked: this.#hasWorked(login) })
      }
    } else if (state.kind === 'trying') {
      this.#unreachable(login, error)
    } else if (state.kind === 'checking') {
      state.losePatience()
    }
  }

  /** Tells that the connection for which a login was taken last could not even be begun. */
  reportLast(error: unknown): void {
    if (this.#state.kind !== 'empty') this.report(this.#state.login, error)
  }

  /** Whether a connection that failed with this error may be tried again, after `again`. */
  mayTryAgain(error: unknown): boolean {
    return error === notYet || (!this.#stopped && this.#driver.isAuthError(error))
  }

  /** Resolves when it is worth trying again; rejects with what whoever asked for the connection is to be told. */
  async again(): Promise<void> {
    // It may have become idle when nobody waited yet.
    if (this.#driver.hasIdle()) return
    if (this.#state.kind === 'empty') await this.#read()
    const state = this.#state
    if (state.kind === 'refused' && this.#stopped) throw state.error
    if (state.kind === 'wrong') {
      if (this.#stopped || isWithin(probeEveryMs, state.since, this.#clock.now())) throw state.error
      this.#budget.left = 1
      this.#refuse({ login: state.login, error: state.error, hadWorked: false })
    }
    const { kind } = this.#state
    if (kind !== 'trying' && kind !== 'checking' && kind !== 'refused') return
    await this.#waiters.wait(this.#driver.connectTimeoutMs(), () => this.#lastError('Waiting for a connection took too long.'))
  }

  /** Whether somebody waits who could use a connection that becomes idle. */
  get awaited(): boolean {
    return this.#waiters.some
  }

  /** Tells that a connection is idle. */
  freed(): void {
    this.#waiters.goOnFirst()
  }

  tag(connection: object, login: Login): void {
    this.#logins.set(connection, login)
  }

  isTagged(connection: object): boolean {
    return this.#logins.has(connection)
  }

  /** Whether a connection must not be used again: newer credentials have worked, and it was made with others. */
  isOutdated(connection: object): boolean {
    const current = this.#inUse
    if (current === undefined) return false
    const login = this.#logins.get(connection)
    return login !== current && (login === undefined || !sameLogin(login, current))
  }

  /** Tells that an outdated connection is being closed. */
  retired(connection: object): void {
    const login = this.#logins.get(connection)
    const { secretId } = this.#options
    this.#events.emit('retired', () => ({ secretId, versionId: login?.versionId, user: login?.user }))
  }

  /** Follows no longer. Who waits for a login that is under way is still told how it went; all others are told the last error. */
  stop(): void {
    this.#stopped = true
    this.#unfollow()
    this.#retirement.stop()
    this.#pause.end()
    if (this.#state.kind === 'checking') this.#state.losePatience()
    if (this.#state.kind === 'refused') this.#waiters.giveUpAll(this.#state.error)
  }

  /** What new connections log in with, and what older ones are measured by. */
  get #inUse(): Login | undefined {
    return this.#state.kind === 'working' || this.#state.kind === 'checking' ? this.#state.login : undefined
  }

  #become(state: State): void {
    if (this.#state.kind === 'checking') this.#state.cancel()
    this.#state = state
  }

  /** One connection logs in before the others: the password may have changed since the last one did. */
  #check(login: Login): void {
    // One that hangs, or that cannot reach the server, must not hold up others that perhaps can.
    const losePatience = (): void => {
      this.#become({ kind: 'working', login, provenAt: this.#clock.now() })
      this.#waiters.goOnAll()
    }
    this.#become({ kind: 'checking', login, losePatience, cancel: this.#clock.setTimeout(losePatience, patienceMs) })
  }

  async #read(): Promise<void> {
    const login = await this.#secret.read()
    if (this.#state.kind !== 'empty') return
    // What has worked is used until a newer version is proven.
    const worked = this.#worked
    this.#become(worked === undefined ? { kind: 'untried', login } : { kind: 'working', login: worked, provenAt: -Infinity })
    this.#search()
  }

  async #readBehind(): Promise<void> {
    this.#reading = true
    try {
      await this.#read()
      if (this.#eager) await this.#tryOutside()
      this.#search()
    } catch {
      // The cache's `error` event tells it; who needs a new connection hears it.
    } finally {
      this.#reading = false
    }
  }

  /** What the pool's first connection does otherwise. */
  async #tryOutside(): Promise<void> {
    if (this.#state.kind !== 'untried') return
    const login = this.take()
    if (login !== undefined) this.report(login, await this.#failureOf(login))
  }

  #hasWorked(login: Login): boolean {
    return this.#worked !== undefined && sameLogin(this.#worked, login)
  }

  #works(login: Login, insteadOf?: string): void {
    const before = this.#worked
    const hasChanged = before === undefined ? this.#eager : this.#inUse === undefined || !sameLogin(before, login)
    this.#worked = login
    this.#insteadOf = insteadOf
    this.#budget.left = loginsOfAWindow
    this.#become({ kind: 'working', login, provenAt: this.#clock.now() })
    this.#waiters.goOnAll()
    if (before?.versionId !== login.versionId) this.#tellCredentials(login)
    if (hasChanged) this.#retirement.begin()
  }

  #refuse(refusal: Refusal<Login>): void {
    this.#become({ kind: 'refused', ...refusal })
    if (this.#stopped) this.#waiters.giveUpAll(refusal.error)
    this.#pause.end()
    this.#search()
  }

  /** Not a question of credentials: whoever waits is told, and the next connection tries for itself. */
  #unreachable(login: Login, error: unknown): void {
    this.#insteadOf = undefined
    this.#become({ kind: 'untried', login })
    this.#waiters.giveUpAll(error)
  }

  #isWrong(login: Login, error: unknown): void {
    this.#insteadOf = undefined
    this.#become({ kind: 'wrong', login, error, since: this.#clock.now() })
    this.#waiters.giveUpAll(error)
    this.#tellRefused(login, error, 'It is tried once a minute, and as soon as the secret moves to another version.')
  }

  /** Looks for the login that works, unless that is under way: there is never more than one login outside of the pool. */
  #search(): void {
    if (this.#searching || this.#stopped) return
    if (this.#state.kind !== 'refused' && this.#next() === undefined) return
    this.#searching = true
    void this.#searchOn()
  }

  async #searchOn(): Promise<void> {
    let failures = 0
    let failed: string | undefined
    while (!this.#stopped) {
      const refused = this.#refused()
      if (refused !== undefined) {
        await this.#settle(refused)
        continue
      }
      const next = this.#next()
      if (next === undefined) break
      failures = next.versionId === failed ? failures + 1 : 1
      failed = next.versionId
      const error = await this.#failureOf(next)
      if (this.#stopped) break
      if (error === undefined) {
        this.#works(next)
        continue
      }
      if (failures === 1) this.#tellRefused(next, error, 'The pool stays with the credentials that it has, and tries again.')
      // What happened during the login has woken nobody.
      const hasMoved = this.#refused() !== undefined || this.#next()?.versionId !== failed
      if (!hasMoved) await this.#pause.take(pauseAfterLogin(failures))
    }
    this.#searching = false
  }

  #refused(): (State & { kind: 'refused' }) | undefined {
    return this.#state.kind === 'refused' ? this.#state : undefined
  }

  /** The version that the pool is to move to, if there is one. */
  #next(): Login | undefined {
    const state = this.#state
    const secret = this.#secret.peek()
    if (state.kind === 'empty' || state.kind === 'refused' || secret === undefined) return undefined
    const { versionId } = secret
    if (versionId === this.#insteadOf || versionId === this.#unusable) return undefined
    if (versionId === state.login.versionId) {
      if (this.#insteadOf !== undefined) this.#pendingBecameCurrent(state.login)
      return undefined
    }
    try {
      return loginOf(secret)
    } catch (error) {
      this.#unusable = versionId
      const { message, code } = error as { message: string; code?: string }
      const reason = `${message} The pool stays with the credentials that it has.`
      this.#events.emit('refused', () => ({ ...this.#about({ versionId }), reason, code }))
      return undefined
    }
  }

  #pendingBecameCurrent(login: Login): void {
    this.#insteadOf = undefined
    this.#tellCredentials(login)
  }

  async #settle(refused: State & { kind: 'refused' }): Promise<void> {
    const isWanted = (): boolean => this.#state === refused && !this.#stopped
    const found = await findLogin(refused, {
      secret: this.#secret,
      clock: this.#clock,
      windowMs: this.#options.rotationWindowMs,
      budget: this.#budget,
      isAuthError: error => this.#driver.isAuthError(error),
      failureOf: login => this.#failureOf(login),
      pause: ms => this.#pause.take(ms),
      isWanted,
      onWindow: (phase, login) => this.#events.emit('window', () => ({ ...this.#about(login), phase })),
    })
    if (!isWanted()) return
    if (found.kind === 'works') this.#works(found.login, found.insteadOf)
    else if (found.kind === 'unreachable') this.#unreachable(found.login, found.error)
    else if (found.kind === 'wrong') this.#isWrong(found.login, found.error)
  }

  /** Logs in outside of the pool, unless the pool is logged in with the same already. Resolves with what the driver says if that fails. */
  async #failureOf(login: Login): Promise<unknown> {
    if (this.#inUse !== undefined && this.#hasWorked(login)) return undefined
    try {
      await this.#driver.logIn(login)
      return undefined
    } catch (error) {
      return error ?? new Error('The login failed.')
    }
  }

  #lastError(otherwise: string): unknown {
    return 'error' in this.#state ? this.#state.error : new Error(otherwise)
  }

  #about({ versionId }: Pick<Login, 'versionId'>): { secretId: string; versionId: string } {
    return { secretId: this.#options.secretId, versionId }
  }

  #tellCredentials(login: Login): void {
    const pending = this.#insteadOf !== undefined
    this.#events.emit('credentials', () => ({ ...this.#about(login), user: login.user, pending }))
  }

  #tellRefused(login: Login, error: unknown, consequence: string): void {
    const { code } = error as { code?: unknown }
    const reason = this.#driver.isAuthError(error)
      ? `The database refuses version ${login.versionId} of ${this.#options.secretId}.`
      : `Version ${login.versionId} of ${this.#options.secretId} could not be tried: the database was not reached.`
    this.#events.emit('refused', () => ({
      ...this.#about(login),
      reason: `${reason} ${consequence}`,
      code: typeof code === 'string' ? code : undefined,
    }))
  }
}
