import type { Emitter } from '../core/events/emitter.js'
import { type ErrorKind, isRefusal } from './error-kind.js'
import type { CheckedFollowOptions } from './follow-options.js'
import { graceMs } from './limits.js'
import type { Login } from './login.js'
import type { PoolDriver } from './pool-driver.js'
import type { PoolEvent } from './pool-events.js'
import { PoolLogin } from './pool-login.js'
import type { Retirement } from './retirement.js'
import { Waiters, type Wish } from './waiters.js'

/** A login that a new connection makes. */
export interface LoginAttempt {
  readonly login: Login
  readonly ticket: object
}

/** Given to the pool for a connection that has to wait: the pool's `connect` waits, and tries again. */
export const notYet: Error = Object.assign(new Error('No login is known to work yet.'), { code: 'ERR_POOL_NOT_YET' })

/** What the hooks of a driver talk to: takes their wishes for connections and hears how those went. */
export class PoolFollower {
  readonly #options: CheckedFollowOptions
  readonly #driver: PoolDriver
  readonly #events: Emitter<PoolEvent>
  readonly #login: PoolLogin
  readonly #waiters: Waiters
  readonly #unfollow: () => void
  /** Whether the login is proven without waiting for a new connection: a pool that is full already may never open one. */
  readonly #eager: boolean
  #isReading = false
  /** The logins whose server was not reached, by the errors that told it. */
  readonly #unreached = new WeakMap<object, Login>()

  constructor(
    options: CheckedFollowOptions,
    driver: PoolDriver,
    events: Emitter<PoolEvent>,
    { hasConnections }: { hasConnections: boolean },
  ) {
    this.#options = options
    this.#driver = driver
    this.#events = events
    this.#eager = hasConnections
    this.#waiters = new Waiters(options.cache.clock)
    this.#login = new PoolLogin({ options, driver, events, waiters: this.#waiters, hasConnections })
    this.#unfollow = options.cache.handle(options.secretId).on('rotated', () => this.#login.mover.moved())
    if (hasConnections) this.touch()
  }

  get retirement(): Retirement {
    return this.#login.retirement
  }

  /** How many wait for a login or for its outcome. */
  get waiting(): number {
    return this.#waiters.count
  }

  /** To be called for each connection that is asked for: has a secret that is due read again, behind the pool's back. */
  touch(): void {
    const { known, mover } = this.#login
    const { target } = known
    const secret = known.secret.peek()
    if (secret?.stale === false) {
      // A secret that was forgotten and read again, or deleted and made again, has moved without an event.
      if (target.login?.versionId !== secret.versionId) mover.look()
      return
    }
    // Denied, or out of reach for longer than the cache allows: who connects must hear of it.
    if (secret === undefined) {
      target.lost()
      this.#login.letIn()
    }
    if (!this.#isReading && !mover.isStopped) void this.#readBehind()
  }

  /** Somebody's wish for a connection, which the driver's limit bounds from now on. */
  wish(): Wish {
    return this.#waiters.wish(this.#driver.connectTimeoutMs())
  }

  /** The login for a connection that is opened now; undefined if it has to wait, by `again`. */
  take(): LoginAttempt | undefined {
    const { gate, known, provenAt } = this.#login
    const { login } = known.target
    if (login === undefined || !this.#login.isOpenTo(login)) return undefined
    const ticket = gate.enter(provenAt)
    return ticket && { login, ticket }
  }

  /** Tells how a connection with a login that was taken went. */
  report({ login, ticket }: LoginAttempt, error?: unknown): void {
    const { gate, known } = this.#login
    const { state } = known.target
    // Who is late tells nothing about the login of now.
    const isOfNow = state.kind !== 'empty' && state.login === login
    const worked = error === undefined || error === null
    if (worked) {
      if (isOfNow) this.#login.works(login)
    } else {
      const kind = this.#driver.kindOf(error)
      if (isRefusal(kind)) known.refusals.note(login, kind, error)
      if (kind === 'unreachable' && typeof error === 'object' && error !== null) this.#unreached.set(error, login)
      if (isOfNow) this.#failed(login, error, kind)
    }
    gate.leave(ticket, { worked })
  }

  /** The server has ended the session of a connection: a proxy, say, because the database behind it refuses the login. */
  refusedAtWork(connection: object, error: unknown): void {
    const { known, retirement } = this.#login
    const login = retirement.loginOf(connection)
    retirement.ended(connection)
    const { state } = known.target
    const kind = this.#driver.kindOf(error)
    if (login === undefined || state.kind !== 'proven' || state.login !== login || !isRefusal(kind)) return
    known.refusals.note(login, kind, error)
    this.#login.refused(login, error)
  }

  /** Whether a connection that failed with this error may be tried again, after `again`. */
  mayTryAgain(error: unknown): boolean {
    if (error === notYet) return true
    return !this.#login.mover.isStopped && (isRefusal(this.#driver.kindOf(error)) || this.#loginOf(error) !== undefined)
  }

  /** Resolves when it is worth trying again after `error`; rejects with what whoever asked for the connection is to be told. */
  async again(wish: Wish, error?: unknown): Promise<void> {
    const unreached = this.#loginOf(error)
    if (unreached !== undefined) await this.#leave(unreached, wish, error)
    // It may have become idle when nobody waited yet.
    if (this.#driver.hasIdle()) return
    const { known, mover } = this.#login
    const { refusals, target } = known
    if (target.state.kind === 'empty') await this.#waiters.bounded(wish, this.#read(), () => this.#login.known.lateError())
    const { state } = target
    if (state.kind === 'wrong') {
      if (mover.isStopped || refusals.waitMs(state.login) > 0) throw state.error
      mover.probe(state)
    } else if (state.kind === 'refused') {
      if (mover.isStopped) throw state.error
    } else if (state.kind !== 'empty' && !this.#login.isOpenTo(state.login)) {
      this.#login.refused(state.login, refusals.errorOf(state.login))
    } else if (this.#login.places > 0) return
    await this.#waiters.wait(wish, () => this.#login.known.lateError())
  }

  /** Resolves once a refusal has been looked into; rejects with the driver's error if no login works. */
  async settled(): Promise<void> {
    if (this.#login.known.target.isRefused) await this.#waiters.wait(this.wish(), () => this.#login.known.lateError())
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
    const { clock } = this.#options.cache
    this.#unfollow()
    this.retirement.stop()
    void this.#login.mover.stop()
    const { state } = this.#login.known.target
    if (state.kind === 'refused') this.#waiters.giveUpAll(state.error)
    else this.#login.letIn()
    if (this.waiting > 0) clock.setTimeout(() => this.#waiters.giveUpAll(this.#login.known.lateError()), graceMs)
  }

  #failed(login: Login, error: unknown, kind: ErrorKind): void {
    const { known, mover } = this.#login
    const { state } = known.target
    if (isRefusal(kind)) {
      if (state.kind === 'untried' || state.kind === 'proven') this.#login.refused(login, error)
      return
    }
    if (kind === 'unreachable') mover.unreachable(login)
    if (state.kind === 'untried') this.#waiters.giveUpAll(error)
  }

  #loginOf(error: unknown): Login | undefined {
    return typeof error === 'object' && error !== null ? this.#unreached.get(error) : undefined
  }

  /** Waits for another login than one whose server was not reached. Throws the error if there is none. */
  async #leave(unreached: Login, wish: Wish, error: unknown): Promise<void> {
    const { known, mover } = this.#login
    await this.#waiters.bounded(wish, mover.elsewhere(unreached), () => error)
    if (known.target.login === unreached) throw error
  }

  async #read(): Promise<void> {
    const { known, mover } = this.#login
    known.target.read(await known.secret.read())
    mover.look()
  }

  async #readBehind(): Promise<void> {
    this.#isReading = true
    try {
      await this.#read()
      const attempt = this.#eager && this.#login.known.target.state.kind === 'untried' ? this.take() : undefined
      if (attempt !== undefined) this.report(attempt, await this.#login.tryOutside(attempt.login))
      this.#login.mover.look()
    } catch {
      // The cache's `error` event tells it; who needs a new connection hears it.
    } finally {
      this.#isReading = false
    }
  }
}
