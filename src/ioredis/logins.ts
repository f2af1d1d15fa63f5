import type { Emitter } from '../core/events/emitter.js'
import type { CompleteClock } from '../core/time/clock.js'
import { isRefusal } from '../pools/error-kind.js'
import type { CheckedFollowOptions, Followed } from '../pools/follow-options.js'
import { followedBy } from '../pools/followed.js'
import { followerStatus } from '../pools/follower-status.js'
import { KnownLogins } from '../pools/known-logins.js'
import { isWithin, trustedForMs } from '../pools/limits.js'
import { poolTeller } from '../pools/login-teller.js'
import { Mover } from '../pools/mover.js'
import type { PoolEvent } from '../pools/pool-events.js'
import type { FollowerStatus } from '../pools/pool-status.js'
import { redisKindOf } from '../pools/redis-error.js'
import { type RedisLogin, redisReadings, sameAccount, sameLogin, userOf } from '../pools/redis-login.js'
import { triedAgain } from '../pools/refused-reason.js'
import { Waiters } from '../pools/waiters.js'

export type FollowedOptions = Followed & Pick<CheckedFollowOptions, 'tryPending' | 'rotationWindowMs'>

/** What `Logins` needs from its client. */
export interface LoginParts {
  readonly options: FollowedOptions
  readonly events: Emitter<PoolEvent>
  /** Logs in once, beside the clients; resolves with the error if that does not work. */
  prove(login: RedisLogin): Promise<unknown>
  /** Another login works: open connections have to re-authenticate. */
  onMoved(): void
}

/** Keeps the login that works, which the mover of the pools finds, and makes connections wait until there is one. */
export class Logins {
  readonly #parts: LoginParts
  readonly #clock: CompleteClock
  readonly #known: KnownLogins<RedisLogin>
  readonly #mover: Mover<RedisLogin>
  readonly #waiters: Waiters
  readonly #unfollow: () => void
  #check: Promise<unknown> | undefined
  #isReading = false
  /** The version that was rejected on an open connection; this is reported once. */
  #refusedOpen: string | undefined

  constructor(parts: LoginParts) {
    const { options, events } = parts
    this.#parts = parts
    const followed = followedBy(options, redisReadings)
    this.#clock = followed.clock
    const known = new KnownLogins(followed, poolTeller(options.secretId, events, userOf), {
      sameAccount,
      // What a token has proven needs no proof for the next token.
      sameLogin: options.credentials === undefined ? sameLogin : sameAccount,
      kindOf: redisKindOf,
      lateMessage: 'No connection within connectTimeout: no login has completed yet.',
    })
    this.#known = known
    this.#waiters = new Waiters(this.#clock)
    this.#mover = new Mover({
      clock: this.#clock,
      followed: known.followed,
      target: known.target,
      refusals: known.refusals,
      windowMs: options.rotationWindowMs,
      kindOf: redisKindOf,
      prove: login => this.#prove(login),
      onWorks: (login, insteadOf) => this.#works(login, insteadOf),
      onRenewed: login => {
        known.tellCredentials(login)
        parts.onMoved()
      },
      onPendingBecameCurrent: login => known.tellCredentials(login),
      onGivenUp: error => this.#waiters.giveUpAll(error),
      onWindow: (phase, login) => known.tellWindow(phase, login),
      onRefused: (login, error, { isInUse }) => known.tellRefused(login, error, isInUse ? triedAgain : staysAsItIs),
      onUnusable: (versionId, error) => known.tellRefused({ versionId }, error, staysAsItIs),
    })
    this.#unfollow = followed.onMoved(() => this.#mover.moved())
  }

  /** The state of the client. */
  status(): FollowerStatus {
    const { secretId } = this.#parts.options
    return followerStatus(this.#known, { kind: 'client', secretId, userOf, openVersions: undefined })
  }

  /** The login of new connections, if one is known. */
  get current(): RedisLogin | undefined {
    return this.#known.target.login
  }

  /** The login that works, for open connections. */
  get proven(): RedisLogin | undefined {
    const { state } = this.#known.target
    return state.kind === 'proven' ? state.login : undefined
  }

  /**
   * The login for a connection that is to be opened, once it is known to work: if it were rejected, the client would fail all commands that
   * wait for the connection. Rejects as the cache does, with the error of Redis if no login works, and after `limitMs`, unless that is 0.
   */
  async ready(limitMs = 0): Promise<RedisLogin> {
    const wish = this.#waiters.wish(limitMs)
    this.#touch()
    for (;;) {
      if (this.#mover.isStopped) throw closedError()
      const { state } = this.#known.target
      if (state.kind === 'empty') {
        await this.#waiters.bounded(wish, this.#mover.read(), () => this.#known.lateError())
      } else if (state.kind === 'refused') {
        await this.#waiters.wait(wish, () => this.#known.lateError())
      } else if (state.kind === 'wrong') {
        const { login, error } = state
        if (!this.#known.mayTryAgain(login)) throw error
        this.#mover.probe({ login, error })
      } else {
        const { login } = state
        if (state.kind === 'proven' && isWithin(trustedForMs, state.provenAt, this.#clock.elapsedMs())) return login
        const error = await this.#waiters.bounded(wish, this.#checked(login), () => this.#known.lateError())
        // If the server cannot be reached, the connection itself reports it.
        if (error !== undefined && !isRefusal(redisKindOf(error))) return login
      }
    }
  }

  /** A connection was closed: the next one proves the login first. */
  doubt(): void {
    this.#known.target.doubt()
  }

  /** An open connection could not re-authenticate, though the login works elsewhere. */
  refusedOpen(login: RedisLogin, error: unknown): void {
    if (this.#refusedOpen === login.versionId) return
    this.#refusedOpen = login.versionId
    // Another token may be accepted, also while older connections work with the one before.
    if (!this.#known.followed.hasWindows) void this.#known.followed.readAgain(login, undefined)
    this.#known.tellRefused(login, error, 'An open connection stays as it is, and tries again.')
  }

  /** Stops following the secret. */
  stop(): void {
    this.#unfollow()
    void this.#mover.stop()
    this.#waiters.giveUpAll(closedError())
  }

  /** Reads a secret that is due again, without making the connection wait. */
  #touch(): void {
    const secret = this.#known.followed.peek()
    if (secret?.stale === false) {
      this.#mover.look()
      return
    }
    // Access was denied, or the secret could not be read for longer than the cache allows: new connections must fail with that.
    if (secret === undefined) this.#known.target.lost()
    else if (!this.#isReading) void this.#readBehind()
  }

  async #readBehind(): Promise<void> {
    this.#isReading = true
    try {
      await this.#mover.read()
    } catch {
      // The cache reports it with its `error` event.
    } finally {
      this.#isReading = false
    }
  }

  /** One check, shared by all connections that need it at the same time. */
  #checked(login: RedisLogin): Promise<unknown> {
    this.#check ??= this.#proveNow(login).finally(() => {
      this.#check = undefined
    })
    return this.#check
  }

  async #proveNow(login: RedisLogin): Promise<unknown> {
    const isHeldBack = this.#known.refusals.waitMs(login) > 0
    const error = isHeldBack ? this.#known.refusals.errorOf(login) : await this.#prove(login)
    const isRefused = error !== undefined && isRefusal(redisKindOf(error))
    if (isRefused && !isHeldBack) this.#known.refusals.note(login, redisKindOf(error), error)
    // The mover may have found another login meanwhile.
    if (!this.#isInUse(login)) return undefined
    if (error === undefined) this.#works(login)
    else if (isRefused) this.#mover.refused({ login, error, hadWorked: this.#known.hasWorked(login), atWork: false })
    else {
      await this.#mover.goBack()
      if (!this.#isInUse(login)) return undefined
    }
    return error
  }

  async #prove(login: RedisLogin): Promise<unknown> {
    const error = await this.#parts.prove(login)
    this.#known.tried(login, error)
    return error
  }

  #isInUse(login: RedisLogin): boolean {
    const { state } = this.#known.target
    return (state.kind === 'untried' || state.kind === 'proven') && state.login === login
  }

  #works(login: RedisLogin, insteadOf?: string): void {
    this.#known.works(login, this.#clock.elapsedMs(), insteadOf)
    this.#parts.onMoved()
    this.#waiters.goOnAll()
  }
}

const staysAsItIs = 'Connections keep their credentials, and the version is tried again.'

export function closedError(): Error {
  return new Error('The client was closed.')
}
