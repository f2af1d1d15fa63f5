import type { Emitter } from '../core/events/emitter.js'
import type { CompleteClock } from '../core/time/clock.js'
import type { CheckedFollowOptions } from './follow-options.js'
import { clockOf, followedBy } from './followed.js'
import { Gate } from './gate.js'
import { KnownLogins, type LoginKind } from './known-logins.js'
import { type Login, loginFromSource, sameAccount, sameLogin } from './login.js'
import { readingOf } from './login-reading.js'
import { poolTeller } from './login-teller.js'
import { Mover } from './mover.js'
import type { PoolDriver } from './pool-driver.js'
import type { PoolEvent } from './pool-events.js'
import { triedAgain } from './refused-reason.js'
import { Retirement } from './retirement.js'
import type { Waiters } from './waiters.js'

const staysAsItIs = 'The pool keeps its credentials, and tries again.'

/** What the login of a pool needs. */
export interface PoolLoginParts {
  readonly options: CheckedFollowOptions
  readonly driver: PoolDriver
  readonly events: Emitter<PoolEvent>
  readonly waiters: Waiters
  /** Whether the pool had connections before it followed the secret: they are closed once a login has worked. */
  readonly hasConnections: boolean
}

/** The login of a pool: which one it is, which connections may use it now, how it moves, and which connections it leaves behind. */
export class PoolLogin {
  readonly known: KnownLogins<Login>
  readonly gate: Gate
  readonly mover: Mover<Login>
  readonly retirement: Retirement
  readonly #parts: PoolLoginParts
  readonly #clock: CompleteClock

  constructor(parts: PoolLoginParts) {
    const { options, driver, events, waiters } = parts
    const clock = clockOf(options)
    // What a token has opened stays as good after the next token.
    const same = options.credentials === undefined ? sameLogin : sameAccount
    this.#parts = parts
    this.#clock = clock
    const teller = poolTeller<Login>(options.secretId, events, ({ user }) => user)
    const { login } = options
    const followed = followedBy(options, {
      ofSecret: secretId => readingOf({ secretId, login, database: driver.database }),
      ofSource: { fromSource: loginFromSource, sameAccount },
    })
    const kind: LoginKind<Login> = {
      sameAccount,
      sameLogin: same,
      kindOf: error => driver.kindOf(error),
      lateMessage: 'No connection within the time that the driver allows: no login has completed yet.',
    }
    const known = new KnownLogins(followed, teller, kind, options)
    this.known = known
    this.gate = new Gate(clock, {
      atOnce: options.loginsAtOnce,
      onPlace: () => this.letIn(),
      // A server that is silent may never fail it.
      onHanging: () => void this.mover.goBack(),
    })
    this.retirement = new Retirement({
      clock,
      spreadMs: options.retireSpreadMs,
      sameLogin: same,
      inUse: () => (known.target.state.kind === 'proven' ? known.target.state.login : undefined),
      closeIdle: share => driver.closeIdle(share),
    })
    this.mover = new Mover({
      clock,
      followed: known.followed,
      target: known.target,
      refusals: known.refusals,
      windowMs: options.rotationWindowMs,
      kindOf: error => driver.kindOf(error),
      prove: login => this.#prove(login),
      isTried: () => this.gate.isBusy,
      whenQuiet: () => this.gate.quiet(),
      makeRoom: () => this.#makeRoom(),
      mayPass: error => driver.mayPass?.(error) === true,
      onWorks: (login, insteadOf) => this.works(login, insteadOf),
      onRenewed: renewed => known.tellCredentials(renewed),
      onPendingBecameCurrent: login => known.tellCredentials(login),
      onGivenUp: error => waiters.giveUpAll(error),
      onWindow: (phase, login) => known.tellWindow(phase, login),
      onRefused: (login, error, { isInUse }) => known.tellRefused(login, error, isInUse ? triedAgain : staysAsItIs),
      onUnusable: (versionId, error) => known.tellRefused({ versionId }, error, staysAsItIs),
    })
  }

  /** Whether connections may log in with this login: it is not rejected, and was not rejected too recently. */
  isOpenTo(login: Login): boolean {
    const { kind } = this.known.target.state
    return (kind === 'untried' || kind === 'proven') && this.known.refusals.waitMs(login) === 0
  }

  /** How many connections could log in now. */
  get places(): number {
    return this.gate.places(this.provenAt)
  }

  /** When the current login last worked. */
  get provenAt(): number {
    const { state } = this.known.target
    return state.kind === 'proven' ? state.provenAt : Number.NEGATIVE_INFINITY
  }

  /** Lets as many waiting requests try again as could log in. */
  letIn(): void {
    const { waiters } = this.#parts
    const { kind } = this.known.target.state
    if (waiters.count === 0 || kind === 'refused' || kind === 'wrong') return
    // They read the secret again, and fail with the reason if that is not possible.
    if (kind === 'empty') {
      waiters.goOnAll()
      return
    }
    const { places } = this
    if (places <= 0) return
    waiters.goOnFirst(places)
    // The requests may have found an idle connection, or a full pool, and left their places to the next ones.
    setImmediate(() => this.letIn())
  }

  works(login: Login, insteadOf?: string): void {
    const { lastWorked, state } = this.known.target
    const hasChanged =
      lastWorked === undefined ? this.#parts.hasConnections : state.kind !== 'proven' || !this.known.hasWorked(login)
    this.known.works(login, this.#clock.elapsedMs(), insteadOf)
    if (hasChanged) this.retirement.begin()
    this.letIn()
  }

  refused(login: Login, error: unknown): void {
    this.mover.refused({ login, error, hadWorked: this.known.hasWorked(login), atWork: false })
    if (this.mover.isStopped) this.#parts.waiters.giveUpAll(error)
  }

  /** Logs in outside the pool, which the pool's first connection does otherwise. Resolves with the driver's error if that fails. */
  tryOutside(login: Login): Promise<unknown> {
    return failureOf(this.#parts.driver.logIn(login))
  }

  /** Logs in outside the pool, unless the pool is already logged in with the same login. */
  async #prove(login: Login): Promise<unknown> {
    if (this.known.target.state.kind === 'proven' && this.known.hasWorked(login)) return undefined
    const ticket = await this.gate.enterForProof()
    const error = await this.tryOutside(login)
    this.known.tried(login, error)
    this.gate.leave(ticket, { worked: error === undefined })
    return error
  }

  #makeRoom(): void {
    this.gate.hold()
    if (this.#parts.driver.hasIdle()) this.#parts.driver.closeOne()
    else this.retirement.wantRoom()
  }
}

async function failureOf(login: Promise<void>): Promise<unknown> {
  try {
    await login
    return undefined
  } catch (error) {
    return error ?? new Error('The login failed.')
  }
}
