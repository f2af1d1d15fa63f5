import type { Emitter } from '../core/events/emitter.js'
import type { CompleteClock } from '../core/time/clock.js'
import { nextTurn } from '../core/time/next-turn.js'
import { type ErrorKind, isRefusal } from './error-kind.js'
import type { CheckedFollowOptions } from './follow-options.js'
import { clockOf } from './followed.js'
import { followerStatus } from './follower-status.js'
import { graceMs } from './limits.js'
import type { Login } from './login.js'
import type { PoolDriver } from './pool-driver.js'
import type { PoolEvent } from './pool-events.js'
import { PoolLogin } from './pool-login.js'
import type { FollowerStatus } from './pool-status.js'
import type { Retirement } from './retirement.js'
import { Waiters, type Wish } from './waiters.js'

/** The login of a new connection. */
export interface LoginAttempt {
  readonly login: Login
  readonly ticket: object
}

/** The error of a connection that has to wait: the pool's `connect` waits and tries again. */
export const notYet: Error = Object.assign(new Error('No login is known to work yet.'), { code: 'ERR_POOL_NOT_YET' })

/** The counterpart of a driver's hooks: handles their requests for connections and learns the outcomes. */
export class PoolFollower {
  readonly #options: CheckedFollowOptions
  readonly #clock: CompleteClock
  readonly #driver: PoolDriver
  readonly #events: Emitter<PoolEvent>
  readonly #login: PoolLogin
  readonly #waiters: Waiters
  readonly #unfollow: () => void
  /** Whether the login is proven without waiting for a new connection: a pool that is already full may never open one. */
  readonly #eager: boolean
  #isReading = false
  /** The logins whose server was not reached, by the errors that reported it. */
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
    this.#clock = clockOf(options)
    this.#waiters = new Waiters(this.#clock)
    this.#login = new PoolLogin({ options, driver, events, waiters: this.#waiters, hasConnections })
    this.#unfollow = this.#login.known.followed.onMoved(() => this.#login.mover.moved())
    if (hasConnections) this.touch()
  }

  get retirement(): Retirement {
    return this.#login.retirement
  }

  /** The state of the pool. */
  status(): FollowerStatus {
    const { known, retirement } = this.#login
    const openVersions = Array.from(this.#driver.connections(), connection => retirement.loginOf(connection)?.versionId)
    return followerStatus(known, { kind: 'pool', secretId: this.#options.secretId, userOf: ({ user }) => user, openVersions })
  }

  /** How many requests wait for a login or for its outcome. */
  get waiting(): number {
    return this.#waiters.count
  }

  /** Called for each requested connection. Reads a secret that is due again in the background. */
  touch(): void {
    const { known, mover } = this.#login
    const { target } = known
    const secret = known.followed.peek()
    if (secret?.stale === false) {
      // A secret that was forgotten and read again, or deleted and created again, has moved without an event.
      if (target.login?.versionId !== secret.versionId) mover.look()
      return
    }
    // Access was denied, or the secret could not be read for longer than the cache allows: new connections must fail with that.
    if (secret === undefined) {
      target.lost()
      this.#login.letIn()
    }
    if (!this.#isReading && !mover.isStopped) void this.#readBehind()
  }

  /** A request for a connection, to which the driver's limit applies from now on. */
  wish(): Wish {
    return this.#waiters.wish(this.#driver.connectTimeoutMs())
  }

  /** The login for a connection that is opened now; undefined if it has to wait with `again`. */
  take(): LoginAttempt | undefined {
    const { gate, known, provenAt } = this.#login
    const { login } = known.target
    if (login === undefined || !this.#login.isOpenTo(login)) return undefined
    const ticket = gate.enter(provenAt)
    return ticket && { login, ticket }
  }

  /** Reports the outcome of a connection whose login was taken. */
  report({ login, ticket }: LoginAttempt, error?: unknown): void {
    const { gate, known } = this.#login
    const { state } = known.target
    // A late outcome says nothing about the current login.
    const isOfNow = state.kind !== 'empty' && state.login === login
    const worked = error === undefined || error === null
    known.tried(login, error)
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

  /** The server has ended the session of a connection: for example a proxy, because the database behind it rejects the login. */
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

  /** Whether a connection that failed with this error may be retried after `again`. */
  mayTryAgain(error: unknown): boolean {
    if (error === notYet) return true
    return !this.#login.mover.isStopped && (isRefusal(this.#driver.kindOf(error)) || this.#loginOf(error) !== undefined)
  }

  /** Resolves when it is worth trying again after `error`; rejects with the error for the caller that requested the connection. */
  async again(wish: Wish, error?: unknown): Promise<void> {
    const unreached = this.#loginOf(error)
    if (unreached !== undefined) await this.#leave(unreached, wish, error)
    // A connection may have become idle before anything waited for it.
    if (this.#driver.hasIdle()) return
    const { known, mover } = this.#login
    const { refusals, target } = known
    if (target.state.kind === 'empty') await this.#waiters.bounded(wish, mover.read(), () => this.#login.known.lateError())
    const { state } = target
    if (state.kind === 'wrong') {
      if (mover.isStopped || refusals.waitMs(state.login) > 0) return rejectSoon(state.error)
      mover.probe(state)
    } else if (state.kind === 'refused') {
      if (mover.isStopped) return rejectSoon(state.error)
    } else if (state.kind !== 'empty' && !this.#login.isOpenTo(state.login)) {
      this.#login.refused(state.login, refusals.errorOf(state.login))
    } else if (this.#login.places > 0) return
    await this.#waiters.wait(wish, () => this.#login.known.lateError())
  }

  /** Resolves once a rejection has been dealt with; rejects with the driver's error if no login works. */
  async settled(): Promise<void> {
    if (this.#login.known.target.isRefused) await this.#waiters.wait(this.wish(), () => this.#login.known.lateError())
  }

  /** A connection is idle. */
  freed(): void {
    this.#waiters.goOnFirst()
  }

  /** An outdated connection is being closed. */
  retired(connection: object): void {
    const login = this.retirement.loginOf(connection)
    const { secretId } = this.#options
    this.#login.known.history.retired()
    this.#events.emit('retired', () => ({ secretId, versionId: login?.versionId, user: login?.user }))
  }

  /** Stops following the secret. Requests that wait for a login in progress still get its outcome; all others fail with the last error. */
  stop(): void {
    this.#unfollow()
    this.retirement.stop()
    void this.#login.mover.stop()
    const { state } = this.#login.known.target
    if (state.kind === 'refused') this.#waiters.giveUpAll(state.error)
    else this.#login.letIn()
    if (this.waiting > 0) this.#clock.setTimeout(() => this.#waiters.giveUpAll(this.#login.known.lateError()), graceMs)
  }

  #failed(login: Login, error: unknown, kind: ErrorKind): void {
    const { known, mover } = this.#login
    const { state } = known.target
    if (isRefusal(kind)) {
      if (state.kind === 'untried' || state.kind === 'proven') this.#login.refused(login, error)
      return
    }
    if (kind === 'unreachable') mover.unreachable(login)
    if (state.kind !== 'untried') return
    void mover.goBack()
    this.#waiters.giveUpAll(error)
  }

  #loginOf(error: unknown): Login | undefined {
    return typeof error === 'object' && error !== null ? this.#unreached.get(error) : undefined
  }

  /** Waits for a login other than one whose server was not reached. Throws the error if there is none. */
  async #leave(unreached: Login, wish: Wish, error: unknown): Promise<void> {
    const { known, mover } = this.#login
    await this.#waiters.bounded(wish, mover.elsewhere(unreached), () => error)
    if (known.target.login === unreached) throw error
  }

  async #readBehind(): Promise<void> {
    this.#isReading = true
    try {
      await this.#login.mover.read()
      const attempt = this.#eager && this.#login.known.target.state.kind === 'untried' ? this.take() : undefined
      if (attempt !== undefined) this.report(attempt, await this.#login.tryOutside(attempt.login))
      this.#login.mover.look()
    } catch {
      // The cache reports it with its `error` event, and the next new connection fails with it.
    } finally {
      this.#isReading = false
    }
  }
}

/** A query that is repeated as soon as it fails must not stop the event loop. */
async function rejectSoon(error: unknown): Promise<never> {
  await nextTurn()
  throw error
}
