import type { Emitter } from '../core/events/emitter.js'
import type { CompleteClock } from '../core/time/clock.js'
import { type ErrorKind, isRefusal } from './error-kind.js'
import type { CheckedFollowOptions } from './follow-options.js'
import { FollowedSecret } from './followed-secret.js'
import { Gate } from './gate.js'
import { type Login, readingOf, sameAccount, sameLogin } from './login.js'
import { Mover } from './mover.js'
import type { PoolEvent } from './pool-events.js'
import { Refusals } from './refusals.js'
import { refusedReason } from './refused-reason.js'
import { Retirement } from './retirement.js'
import { Target } from './target.js'
import { Waiters, type Wish } from './waiters.js'

/** What a driver does for the pool that follows a secret. */
export interface PoolDriver {
  /** Logs in outside of the pool and hangs up. Rejects with the driver's own error. */
  logIn(login: Login): Promise<void>
  kindOf(error: unknown): ErrorKind
  /** Closes that share, rounded up, of the idle connections that are outdated. */
  closeIdle(share: number): void
  /** Closes one idle connection, if there is one. */
  closeOne(): void
  /** Whether a connection is idle: whoever asks is given that, whatever is known of logins. */
  hasIdle(): boolean
  /** How long the driver lets somebody wait for a connection; 0 if for ever. */
  connectTimeoutMs(): number
}

/** A login that a new connection makes. */
export interface LoginAttempt {
  readonly login: Login
  readonly ticket: object
}

/** Given to the pool for a connection that has to wait: the pool's `connect` waits, and tries again. */
export const notYet: Error = Object.assign(new Error('No login is known to work yet.'), { code: 'ERR_POOL_NOT_YET' })

/** Moves a pool to the version of its secret that works: what all drivers share. Puts target, gate, mover and retirement together. */
export class PoolFollower {
  readonly retirement: Retirement
  readonly #options: CheckedFollowOptions
  readonly #driver: PoolDriver
  readonly #events: Emitter<PoolEvent>
  readonly #clock: CompleteClock
  readonly #secret: FollowedSecret<Login>
  readonly #target: Target<Login> = new Target()
  readonly #refusals: Refusals<Login>
  readonly #gate: Gate
  readonly #mover: Mover<Login>
  readonly #waiters: Waiters
  readonly #unfollow: () => void
  /** Whether the login is proven without waiting for a new connection: a pool that is full already may never open one. */
  readonly #eager: boolean
  #isReading = false

  constructor(
    options: CheckedFollowOptions,
    driver: PoolDriver,
    events: Emitter<PoolEvent>,
    { hasConnections }: { hasConnections: boolean },
  ) {
    const clock = options.cache.clock
    this.#options = options
    this.#driver = driver
    this.#events = events
    this.#clock = clock
    this.#eager = hasConnections
    this.#secret = new FollowedSecret(options, readingOf(options))
    this.#refusals = new Refusals(clock, sameAccount, options.loginsAtOnce)
    this.#waiters = new Waiters(clock)
    this.#gate = new Gate(clock, { atOnce: options.loginsAtOnce, onPlace: () => this.#letIn() })
    this.retirement = new Retirement({
      clock,
      spreadMs: options.retireSpreadMs,
      inUse: () => (this.#target.state.kind === 'proven' ? this.#target.state.login : undefined),
      closeIdle: share => driver.closeIdle(share),
    })
    this.#mover = new Mover({
      clock,
      secret: this.#secret,
      target: this.#target,
      refusals: this.#refusals,
      windowMs: options.rotationWindowMs,
      kindOf: error => driver.kindOf(error),
      prove: login => this.#prove(login),
      makeRoom: () => driver.closeOne(),
      onWorks: (login, insteadOf) => this.#works(login, insteadOf),
      onPendingBecameCurrent: login => this.#tellCredentials(login),
      onGivenUp: error => this.#waiters.giveUpAll(error),
      onWindow: (phase, { versionId }) => events.emit('window', () => ({ secretId: options.secretId, versionId, phase })),
      onRefused: (login, error, { isInUse }) => this.#tellRefused(login.versionId, error, isInUse ? givenUp : staysAsItIs),
      onUnusable: (versionId, error) => this.#tellRefused(versionId, error, staysAsItIs),
    })
    this.#unfollow = options.cache.handle(options.secretId).on('rotated', () => this.#mover.moved())
    if (hasConnections) this.touch()
  }

  /** To be called for each connection that is asked for: has a secret that is due read again, behind the pool's back. */
  touch(): void {
    const secret = this.#secret.peek()
    if (secret?.stale === false) {
      // A secret that was forgotten and read again, or deleted and made again, has moved without an event.
      if (this.#target.login !== undefined && this.#target.login.versionId !== secret.versionId) this.#mover.look()
      return
    }
    // Denied, or out of reach for longer than the cache allows: who connects must hear of it.
    if (secret === undefined) this.#target.lost()
    if (!this.#isReading && !this.#mover.isStopped) void this.#readBehind()
  }

  /** Somebody's wish for a connection, which the driver's limit bounds from now on. */
  wish(): Wish {
    return this.#waiters.wish(this.#driver.connectTimeoutMs())
  }

  /** The login for a connection that is opened now; undefined if it has to wait, by `again`. */
  take(): LoginAttempt | undefined {
    const { login } = this.#target
    if (login === undefined || !this.#mayLogIn(login)) return undefined
    const ticket = this.#gate.enter(this.#provenAt)
    return ticket && { login, ticket }
  }

  /** Tells how a connection with a login that was taken went. */
  report({ login, ticket }: LoginAttempt, error?: unknown): void {
    const worked = error === undefined || error === null
    const kind = worked ? undefined : this.#driver.kindOf(error)
    if (kind !== undefined && isRefusal(kind)) this.#refusals.note(login, kind, error)
    const { state } = this.#target
    // Who is late tells nothing about the login of now.
    const isOfNow = state.kind !== 'empty' && state.login === login
    if (isOfNow && worked) this.#works(login)
    else if (isOfNow && kind !== undefined && isRefusal(kind)) {
      if (state.kind === 'untried' || state.kind === 'proven') this.#refused(login, error)
    } else if (isOfNow && kind !== undefined) {
      if (kind === 'unreachable') this.#mover.unreachable(login)
      if (state.kind === 'untried') this.#waiters.giveUpAll(error)
    }
    this.#gate.leave(ticket, { worked })
  }

  /** A connection that had logged in, at a proxy, is refused by the database behind it. Nothing was executed. */
  refusedAtWork(connection: object, error: unknown): void {
    const login = this.retirement.loginOf(connection)
    this.retirement.condemn(connection)
    const { state } = this.#target
    if (login === undefined || state.kind !== 'proven' || state.login !== login) return
    this.#refusals.note(login, this.#driver.kindOf(error), error)
    this.#refused(login, error)
  }

  /** Whether a connection that failed with this error may be tried again, after `again`. */
  mayTryAgain(error: unknown): boolean {
    return error === notYet || (!this.#mover.isStopped && isRefusal(this.#driver.kindOf(error)))
  }

  /** Resolves when it is worth trying again; rejects with what whoever asked for the connection is to be told. */
  async again(wish: Wish): Promise<void> {
    // It may have become idle when nobody waited yet.
    if (this.#driver.hasIdle()) return
    if (this.#target.state.kind === 'empty') await this.#waiters.bounded(wish, this.#read(), () => this.#lateError())
    const { state } = this.#target
    const isStopped = this.#mover.isStopped
    if (state.kind === 'wrong') {
      if (isStopped || this.#refusals.waitMs(state.login) > 0) throw state.error
      this.#mover.refused({ login: state.login, error: state.error, hadWorked: false, atWork: true })
    } else if (state.kind === 'refused') {
      if (isStopped) throw state.error
    } else if (state.kind !== 'empty' && !this.#mayLogIn(state.login)) {
      this.#refused(state.login, this.#refusals.errorOf(state.login))
    } else if (this.#gate.places(this.#provenAt) > 0) return
    await this.#waiters.wait(wish, () => this.#lateError())
  }

  /** Resolves once a refusal has been looked into; rejects with the driver's error if no login works. */
  async settled(): Promise<void> {
    if (this.#target.isRefused) await this.#waiters.wait(this.wish(), () => this.#lateError())
  }

  /** How many wait for a login or for its outcome. */
  get waiting(): number {
    return this.#waiters.count
  }

  /** Tells that a connection is idle. */
  freed(): void {
    this.#waiters.goOnFirst()
  }

  /** Tells that an outdated connection is being closed. */
  retired(connection: object): void {
    const login = this.retirement.loginOf(connection)
    const { secretId } = this.#options
    this.#events.emit('retired', () => ({ secretId, versionId: login?.versionId, user: login?.user }))
  }

  /** Follows no longer. Who waits for a login that is under way is still told how it went; all others are told the last error. */
  stop(): void {
    this.#unfollow()
    this.retirement.stop()
    void this.#mover.stop()
    if (this.#target.state.kind === 'refused') this.#waiters.giveUpAll(this.#target.state.error)
    else this.#letIn()
  }

  get #provenAt(): number {
    const { state } = this.#target
    return state.kind === 'proven' ? state.provenAt : Number.NEGATIVE_INFINITY
  }

  /** Whether connections may log in with this: it is not refused, and was not so short a time ago. */
  #mayLogIn(login: Login): boolean {
    const { kind } = this.#target.state
    return (kind === 'untried' || kind === 'proven') && this.#refusals.waitMs(login) === 0
  }

  #letIn(): void {
    const { kind } = this.#target.state
    if (kind !== 'untried' && kind !== 'proven') return
    const places = this.#gate.places(this.#provenAt)
    if (places <= 0 || this.#waiters.count === 0) return
    this.#waiters.goOnFirst(places)
    // Whoever went on may have found an idle connection, or a pool that is full, and have left its place to the next.
    setImmediate(() => this.#letIn())
  }

  async #read(): Promise<void> {
    this.#target.read(await this.#secret.read())
    this.#mover.look()
  }

  async #readBehind(): Promise<void> {
    this.#isReading = true
    try {
      await this.#read()
      if (this.#eager) await this.#tryOutside()
      this.#mover.look()
    } catch {
      // The cache's `error` event tells it; who needs a new connection hears it.
    } finally {
      this.#isReading = false
    }
  }

  /** What the pool's first connection does otherwise. */
  async #tryOutside(): Promise<void> {
    if (this.#target.state.kind !== 'untried') return
    const attempt = this.take()
    if (attempt !== undefined) this.report(attempt, await failureOf(this.#driver.logIn(attempt.login)))
  }

  /** Logs in outside of the pool, unless the pool is logged in with the same already. */
  async #prove(login: Login): Promise<unknown> {
    if (this.#target.state.kind === 'proven' && this.#hasWorked(login)) return undefined
    const ticket = await this.#gate.enterForProof()
    const error = await failureOf(this.#driver.logIn(login))
    this.#gate.leave(ticket, { worked: error === undefined })
    return error
  }

  #hasWorked(login: Login): boolean {
    const { lastWorked } = this.#target
    return lastWorked !== undefined && sameLogin(lastWorked, login)
  }

  #works(login: Login, insteadOf?: string): void {
    const { lastWorked, state } = this.#target
    const hasChanged = lastWorked === undefined ? this.#eager : state.kind !== 'proven' || !sameLogin(lastWorked, login)
    this.#target.works(login, this.#clock.now(), insteadOf)
    this.#refusals.forget()
    if (lastWorked?.versionId !== login.versionId) this.#tellCredentials(login)
    if (hasChanged) this.retirement.begin()
    this.#letIn()
  }

  #refused(login: Login, error: unknown): void {
    this.#mover.refused({ login, error, hadWorked: this.#hasWorked(login), atWork: false })
    if (this.#mover.isStopped) this.#waiters.giveUpAll(error)
  }

  #lateError(): unknown {
    const { state } = this.#target
    if ('error' in state) return state.error
    const message = 'No connection within the time that the driver allows: no login has been answered yet.'
    return Object.assign(new Error(message), { code: 'ETIMEDOUT' })
  }

  #tellCredentials({ versionId, user }: Login): void {
    const { secretId } = this.#options
    const pending = this.#target.insteadOf !== undefined
    this.#events.emit('credentials', () => ({ secretId, versionId, user, pending }))
  }

  #tellRefused(versionId: string, error: unknown, consequence: string): void {
    const kind = this.#driver.kindOf(error)
    const about = { secretId: this.#options.secretId, versionId }
    this.#events.emit('refused', () => refusedReason(about, { error, kind, consequence }))
  }
}

const givenUp = 'It is tried again after pauses of up to a minute, and as soon as the secret moves to another version.'
const staysAsItIs = 'The pool stays with the credentials that it has, and tries again.'

async function failureOf(login: Promise<void>): Promise<unknown> {
  try {
    await login
    return undefined
  } catch (error) {
    return error ?? new Error('The login failed.')
  }
}
