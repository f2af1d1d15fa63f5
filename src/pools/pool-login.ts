import type { Emitter } from '../core/events/emitter.js'
import type { CompleteClock } from '../core/time/clock.js'
import type { CheckedFollowOptions } from './follow-options.js'
import { FollowedSecret } from './followed-secret.js'
import { Gate } from './gate.js'
import { type Login, sameAccount, sameLogin } from './login.js'
import { readingOf } from './login-reading.js'
import { Mover } from './mover.js'
import type { PoolDriver } from './pool-driver.js'
import type { PoolEvent } from './pool-events.js'
import { Refusals } from './refusals.js'
import { refusedReason, triedAgain } from './refused-reason.js'
import { Retirement } from './retirement.js'
import { Target } from './target.js'
import type { Waiters } from './waiters.js'

const staysAsItIs = 'The pool stays with the credentials that it has, and tries again.'

/** What a login of a pool is put together from. */
export interface PoolLoginParts {
  readonly options: CheckedFollowOptions
  readonly driver: PoolDriver
  readonly events: Emitter<PoolEvent>
  readonly waiters: Waiters
  /** Whether the pool had connections before it followed the secret: they go once a login has worked. */
  readonly hasConnections: boolean
}

/** The login of a pool: which it is, who may use it now, how it moves, and which connections it leaves behind. */
export class PoolLogin {
  readonly target: Target<Login> = new Target()
  readonly secret: FollowedSecret<Login>
  readonly refusals: Refusals<Login>
  readonly gate: Gate
  readonly mover: Mover<Login>
  readonly retirement: Retirement
  readonly #parts: PoolLoginParts
  readonly #clock: CompleteClock

  constructor(parts: PoolLoginParts) {
    const { options, driver, events, waiters } = parts
    const clock = options.cache.clock
    this.#parts = parts
    this.#clock = clock
    this.secret = new FollowedSecret(options, readingOf({ ...options, database: driver.database }))
    this.refusals = new Refusals(clock, sameAccount, options.loginsAtOnce)
    this.gate = new Gate(clock, { atOnce: options.loginsAtOnce, onPlace: () => this.letIn() })
    this.retirement = new Retirement({
      clock,
      spreadMs: options.retireSpreadMs,
      inUse: () => (this.target.state.kind === 'proven' ? this.target.state.login : undefined),
      closeIdle: share => driver.closeIdle(share),
    })
    this.mover = new Mover({
      clock,
      secret: this.secret,
      target: this.target,
      refusals: this.refusals,
      windowMs: options.rotationWindowMs,
      kindOf: error => driver.kindOf(error),
      prove: login => this.#prove(login),
      makeRoom: () => this.#makeRoom(),
      mayPass: error => driver.mayPass?.(error) === true,
      onWorks: (login, insteadOf) => this.works(login, insteadOf),
      onPendingBecameCurrent: login => this.#tellCredentials(login),
      onGivenUp: error => waiters.giveUpAll(error),
      onWindow: (phase, { versionId }) => events.emit('window', () => ({ secretId: options.secretId, versionId, phase })),
      onRefused: (login, error, { isInUse }) => this.#tellRefused(login.versionId, error, isInUse ? triedAgain : staysAsItIs),
      onUnusable: (versionId, error) => this.#tellRefused(versionId, error, staysAsItIs),
    })
  }

  /** Whether connections may log in with this: it is not refused, and was not so short a time ago. */
  isOpenTo(login: Login): boolean {
    const { kind } = this.target.state
    return (kind === 'untried' || kind === 'proven') && this.refusals.waitMs(login) === 0
  }

  /** How many could log in now. */
  get places(): number {
    return this.gate.places(this.provenAt)
  }

  /** When the login of now has last worked. */
  get provenAt(): number {
    const { state } = this.target
    return state.kind === 'proven' ? state.provenAt : Number.NEGATIVE_INFINITY
  }

  /** Has as many of those who wait try again as could log in. */
  letIn(): void {
    const { waiters } = this.#parts
    const { kind } = this.target.state
    if (waiters.count === 0 || kind === 'refused' || kind === 'wrong') return
    // They read the secret anew, and hear what stands in the way.
    if (kind === 'empty') {
      waiters.goOnAll()
      return
    }
    const { places } = this
    if (places <= 0) return
    waiters.goOnFirst(places)
    // Whoever went on may have found an idle connection, or a pool that is full, and have left its place to the next.
    setImmediate(() => this.letIn())
  }

  works(login: Login, insteadOf?: string): void {
    const { lastWorked, state } = this.target
    const hasChanged =
      lastWorked === undefined ? this.#parts.hasConnections : state.kind !== 'proven' || !sameLogin(lastWorked, login)
    this.target.works(login, this.#clock.now(), insteadOf)
    this.refusals.forget()
    if (lastWorked?.versionId !== login.versionId) this.#tellCredentials(login)
    if (hasChanged) this.retirement.begin()
    this.letIn()
  }

  refused(login: Login, error: unknown): void {
    this.mover.refused({ login, error, hadWorked: this.#hasWorked(login), atWork: false })
    if (this.mover.isStopped) this.#parts.waiters.giveUpAll(error)
  }

  /** What the pool's first connection does otherwise: logs in outside of it. Resolves with what the driver says if that fails. */
  tryOutside(login: Login): Promise<unknown> {
    return failureOf(this.#parts.driver.logIn(login))
  }

  /** Logs in outside of the pool, unless the pool is logged in with the same already. */
  async #prove(login: Login): Promise<unknown> {
    if (this.target.state.kind === 'proven' && this.#hasWorked(login)) return undefined
    const ticket = await this.gate.enterForProof()
    const error = await this.tryOutside(login)
    this.gate.leave(ticket, { worked: error === undefined })
    return error
  }

  #makeRoom(): void {
    this.gate.hold()
    if (this.#parts.driver.hasIdle()) this.#parts.driver.closeOne()
    else this.retirement.wantRoom()
  }

  #hasWorked(login: Login): boolean {
    const { lastWorked } = this.target
    return lastWorked !== undefined && sameLogin(lastWorked, login)
  }

  #tellCredentials({ versionId, user }: Login): void {
    const { events, options } = this.#parts
    const pending = this.target.insteadOf !== undefined
    events.emit('credentials', () => ({ secretId: options.secretId, versionId, user, pending }))
  }

  #tellRefused(versionId: string, error: unknown, consequence: string): void {
    const { driver, events, options } = this.#parts
    const kind = driver.kindOf(error)
    events.emit('refused', () => refusedReason({ secretId: options.secretId, versionId }, { error, kind, consequence }))
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
