import type { CompleteClock } from '../core/clock.js'
import type { Emitter } from '../core/emitter.js'
import { isSecretCacheError } from '../core/errors.js'
import type { CheckedFollowOptions } from './follow-options.js'
import { type Login, loginOf, sameAccount, sameLogin } from './login.js'
import { loginsOfAWindow, pauseAfterLogin, pauseBeforeLook, pendingDeniedForMs, probeEveryMs } from './login-limits.js'
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
  /** How long the driver lets somebody wait for a connection; 0 if for ever. */
  connectTimeoutMs(): number
}

/**
 * What the pool knows of the login that new connections use.
 *
 * ```
 * empty ─ the secret is read ─▶ untried ─ one connection logs in ─▶ trying ──▶ working ◀─ proven outside of the pool ─┐
 *   ▲                              ▲                                  │ refused    │ refused                           │
 *   └─ the cache has let it go     └── the server cannot be reached ──┤            ▼                                   │
 *                                                                     └───────▶ refused ─ nothing has worked ─▶ wrong ─┘
 * ```
 *
 * While it is `trying` or `refused` nobody else logs in: all wait for the one outcome. Idle connections are handed out throughout.
 */
type State =
  | { readonly kind: 'empty' }
  | { readonly kind: 'untried'; readonly login: Login }
  | { readonly kind: 'trying'; readonly login: Login }
  | { readonly kind: 'working'; readonly login: Login }
  | { readonly kind: 'refused'; readonly login: Login; readonly error: unknown; readonly hadWorked: boolean }
  | { readonly kind: 'wrong'; readonly login: Login; readonly error: unknown; readonly probeAt: number }

/** Given to the pool for a connection that has to wait. It never reaches the user: the pool's `connect` waits, and tries again. */
export const notYet: Error = Object.assign(new Error('No login is known to work yet.'), { code: 'ERR_POOL_NOT_YET' })

/** Moves a pool to the version of its secret that works: the part that all drivers share. */
export class Follower {
  readonly #options: CheckedFollowOptions
  readonly #driver: PoolDriver
  readonly #events: Emitter<PoolEvent>
  readonly #clock: CompleteClock
  readonly #waiters: Waiters
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
  #pendingDeniedUntil = 0
  #searching = false
  #wake: () => void = () => {}
  #reading = false
  #stopped = false

  constructor(
    options: CheckedFollowOptions,
    driver: PoolDriver,
    events: Emitter<PoolEvent>,
    { hasConnections }: { hasConnections: boolean },
  ) {
    this.#eager = hasConnections
    this.#options = options
    this.#driver = driver
    this.#events = events
    this.#clock = options.cache.clock
    this.#waiters = new Waiters(this.#clock)
    this.#retirement = new Retirement(this.#clock, options.retireSpreadMs, share => driver.closeIdle(share))
    this.#unfollow = options.cache.handle(options.secretId).on('rotated', () => {
      this.#wake()
      this.#search()
    })
    if (hasConnections) this.touch()
  }

  /** To be called for each connection that is asked for: has a secret that is due read again, behind the pool's back. */
  touch(): void {
    const secret = this.#options.cache.peek(this.#options.secretId)
    if (secret?.stale === false) return
    // Denied, or out of reach for longer than the cache allows: who connects must hear of it.
    if (secret === undefined && this.#state.kind === 'working') this.#state = { kind: 'empty' }
    if (!this.#reading && !this.#stopped) void this.#readBehind()
  }

  /** The login for a connection that is opened now; undefined if it has to wait, by `again`. */
  take(): Login | undefined {
    const state = this.#state
    if (state.kind === 'working') return state.login
    if (state.kind !== 'untried') return undefined
    this.#state = { kind: 'trying', login: state.login }
    return state.login
  }

  /** Tells how a connection with a login that was taken went. */
  report(login: Login, error?: unknown): void {
    const state = this.#state
    if (state.kind === 'empty' || state.login !== login) return
    if (error === undefined || error === null) {
      if (state.kind !== 'working') this.#works(login, this.#insteadOf)
    } else if (this.#driver.isAuthError(error)) {
      if (state.kind === 'trying' || state.kind === 'working') this.#refuse(login, error, this.#hasWorked(login))
    } else if (state.kind === 'trying') {
      this.#unreachable(login, error)
    }
  }

  /** Whether a connection that failed with this error may be tried again, after `again`. */
  mayTryAgain(error: unknown): boolean {
    return !this.#stopped && (error === notYet || this.#driver.isAuthError(error))
  }

  /** Resolves when it is worth trying again; rejects with what whoever asked for the connection is to be told. */
  async again(): Promise<void> {
    if (this.#state.kind === 'empty') await this.#read()
    const state = this.#state
    if (state.kind === 'wrong') {
      if (this.#clock.now() < state.probeAt) throw state.error
      this.#refuse(state.login, state.error, false)
    }
    if (this.#state.kind !== 'trying' && this.#state.kind !== 'refused') return
    const lateError = (): unknown =>
      'error' in this.#state ? this.#state.error : new Error('timeout exceeded when trying to connect')
    await this.#waiters.wait(this.#driver.connectTimeoutMs(), lateError)
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
    const state = this.#state
    if (state.kind !== 'working' || this.#insteadOf !== undefined) return false
    const login = this.#logins.get(connection)
    return login !== state.login && (login === undefined || !sameLogin(login, state.login))
  }

  /** Tells that an outdated connection is being closed. */
  retired(connection: object): void {
    const login = this.#logins.get(connection)
    this.#events.emit('retired', () => ({ ...this.#about(login), user: login?.user }))
  }

  /** Follows no longer. Who still waits is told the last error. */
  stop(): void {
    this.#stopped = true
    this.#unfollow()
    this.#retirement.stop()
    this.#wake()
    this.#waiters.giveUpAll('error' in this.#state ? this.#state.error : new Error('The pool was ended.'))
  }

  async #read(): Promise<void> {
    const login = loginOf(await this.#options.cache.getSecret(this.#options.secretId))
    if (this.#state.kind === 'empty') this.#state = { kind: this.#hasWorked(login) ? 'working' : 'untried', login }
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
    if (login !== undefined) this.report(login, await failureOf(this.#driver.logIn(login)))
  }

  #hasWorked(login: Login): boolean {
    return this.#worked !== undefined && sameLogin(this.#worked, login)
  }

  #works(login: Login, insteadOf?: string): void {
    const before = this.#worked
    this.#worked = login
    this.#insteadOf = insteadOf
    this.#state = { kind: 'working', login }
    this.#waiters.goOnAll()
    if (before?.versionId !== login.versionId) this.#tellCredentials(login)
    if (insteadOf === undefined && (before === undefined || !sameLogin(before, login))) this.#retirement.begin()
  }

  #refuse(login: Login, error: unknown, hadWorked: boolean): void {
    this.#state = { kind: 'refused', login, error, hadWorked }
    this.#wake()
    this.#search()
  }

  /** Not a question of credentials: whoever waits is told, and the next connection tries for itself. */
  #unreachable(login: Login, error: unknown): void {
    this.#insteadOf = undefined
    this.#state = { kind: 'untried', login }
    this.#waiters.giveUpAll(error)
  }

  #isWrong(login: Login, error: unknown): void {
    this.#insteadOf = undefined
    this.#state = { kind: 'wrong', login, error, probeAt: this.#clock.now() + probeEveryMs }
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
      if (this.#state.kind === 'refused') {
        await this.#settle(this.#state)
        continue
      }
      const next = this.#next()
      if (next === undefined) break
      failures = next.versionId === failed ? failures + 1 : 1
      failed = next.versionId
      const error = await this.#prove(next)
      if (error === undefined) continue
      if (failures === 1) this.#tellRefused(next, error, 'The pool stays with the credentials that it has, and tries again.')
      await this.#pause(pauseAfterLogin(failures))
    }
    this.#searching = false
  }

  /** The version that the pool is to move to, if there is one. */
  #next(): Login | undefined {
    const state = this.#state
    const secret = this.#options.cache.peek(this.#options.secretId)
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

  /** A version that no login can be made of; said once. */
  #unusable: string | undefined

  #pendingBecameCurrent(login: Login): void {
    this.#insteadOf = undefined
    this.#tellCredentials(login)
    this.#retirement.begin()
  }

  /** A login was refused: finds the one that works, or finds that there is none. */
  async #settle(refused: State & { kind: 'refused' }): Promise<void> {
    const { hadWorked } = refused
    let { login: current, error } = refused
    // The connection that was refused was the first.
    let loginsLeft = loginsOfAWindow - 1
    const tried = new Set([current.versionId])

    /** Whether the search is over. */
    const attempt = async (login: Login, insteadOf?: string): Promise<boolean> => {
      tried.add(login.versionId)
      loginsLeft -= 1
      const failure = await this.#prove(login, insteadOf)
      if (failure !== undefined && this.#state === refused) {
        if (this.#driver.isAuthError(failure)) error = failure
        else this.#unreachable(current, failure)
      }
      return this.#state !== refused
    }
    const look = async (): Promise<void> => {
      current = (await this.#readAgain(current)) ?? current
    }

    await look()
    if (!tried.has(current.versionId) || !hadWorked) {
      if (await attempt(current)) return
      if (!hadWorked) return this.#isWrong(current, error)
    }

    const until = this.#clock.now() + this.#options.rotationWindowMs
    this.#tellWindow(current, 'opened')
    const pending = await this.#readPending(current)
    const settled = async (): Promise<boolean> => {
      if (this.#state !== refused) return true
      if (pending !== undefined && !tried.has(pending.versionId) && (await attempt(pending, current.versionId))) return true
      for (let round = 1; ; round += 1) {
        const pauseMs = pauseBeforeLook(round)
        if (this.#clock.now() + pauseMs > until) return false
        await this.#pause(pauseMs)
        if (this.#state !== refused || this.#stopped) return true
        await look()
        // The last login is kept for a version that was not tried yet.
        if (loginsLeft > (tried.has(current.versionId) ? 1 : 0) && (await attempt(current))) return true
      }
    }
    if (!(await settled())) this.#isWrong(current, error)
    this.#tellWindow(current, 'closed')
  }

  /** Answers what the driver said if the login does not work. */
  async #prove(login: Login, insteadOf?: string): Promise<unknown> {
    const isInUse = this.#state.kind === 'working' && this.#hasWorked(login)
    const failure = isInUse ? undefined : await failureOf(this.#driver.logIn(login))
    if (failure === undefined && !this.#stopped) this.#works(login, insteadOf)
    return failure
  }

  /** One call to Secrets Manager, unless the cache has already moved on. */
  async #readAgain({ versionId }: Login): Promise<Login | undefined> {
    try {
      return loginOf(await this.#options.cache.refreshNow(this.#options.secretId, { ifVersion: versionId }))
    } catch {
      // What counts is what the database says; the cache's `error` event tells this.
      return undefined
    }
  }

  /** AWSPENDING, if it may be what the database knows already. */
  async #readPending(current: Login): Promise<Login | undefined> {
    if (!this.#options.tryPending || this.#clock.now() < this.#pendingDeniedUntil) return undefined
    try {
      const secret = await this.#options.cache.refreshNow(this.#options.secretId, { versionStage: 'AWSPENDING' })
      const pending = loginOf(secret)
      return sameAccount(pending, current) ? pending : undefined
    } catch (error) {
      const denied = isSecretCacheError(error) && ['ERR_SECRET_ACCESS_DENIED', 'ERR_SECRET_DECRYPTION'].includes(error.code)
      if (denied) this.#pendingDeniedUntil = this.#clock.now() + pendingDeniedForMs
      return undefined
    }
  }

  /** Ends early if the secret moves, a login is refused, or the pool ends. */
  #pause(ms: number): Promise<void> {
    return new Promise(resolve => {
      const cancel = this.#clock.setTimeout(resolve, ms)
      this.#wake = () => {
        cancel()
        resolve()
      }
    })
  }

  #about({ versionId }: Pick<Login, 'versionId'> = { versionId: 'unknown' }): { secretId: string; versionId: string } {
    return { secretId: this.#options.secretId, versionId }
  }

  #tellCredentials(login: Login): void {
    this.#events.emit('credentials', () => ({
      ...this.#about(login),
      user: login.user,
      pending: this.#insteadOf !== undefined,
    }))
  }

  #tellWindow(login: Login, phase: 'opened' | 'closed'): void {
    this.#events.emit('window', () => ({ ...this.#about(login), phase }))
  }

  #tellRefused(login: Login, error: unknown, consequence: string): void {
    const { code } = error as { code?: unknown }
    const told = typeof code === 'string' ? code : undefined
    const reason = this.#driver.isAuthError(error)
      ? `The database refuses version ${login.versionId} of ${this.#options.secretId}.`
      : `Version ${login.versionId} of ${this.#options.secretId} could not be tried: the database was not reached.`
    this.#events.emit('refused', () => ({ ...this.#about(login), reason: `${reason} ${consequence}`, code: told }))
  }
}

/** What a login fails with, or undefined. */
async function failureOf(login: Promise<void>): Promise<unknown> {
  try {
    await login
    return undefined
  } catch (error) {
    return error ?? new Error('The login failed.')
  }
}
