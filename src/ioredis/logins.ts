import type { Emitter } from '../core/events/emitter.js'
import type { CompleteClock } from '../core/time/clock.js'
import { isRefusal } from '../pools/error-kind.js'
import type { CheckedFollowOptions } from '../pools/follow-options.js'
import { FollowedSecret } from '../pools/followed-secret.js'
import { isWithin, trustedForMs } from '../pools/limits.js'
import { Mover } from '../pools/mover.js'
import type { PoolEvent } from '../pools/pool-events.js'
import { redisKindOf } from '../pools/redis-error.js'
import { Refusals } from '../pools/refusals.js'
import { refusedReason, triedAgain } from '../pools/refused-reason.js'
import { Target } from '../pools/target.js'
import { Waiters } from '../pools/waiters.js'
import { type RedisLogin, reading, sameLogin, userOf } from './redis-login.js'

export type FollowedOptions = Pick<CheckedFollowOptions, 'cache' | 'secretId' | 'tryPending' | 'rotationWindowMs'>

/** What is done with logins. */
export interface LoginParts {
  readonly options: FollowedOptions
  readonly events: Emitter<PoolEvent>
  /** Logs in once beside the clients; resolves with the error if that does not work. */
  prove(login: RedisLogin): Promise<unknown>
  /** Another login works: open connections are to authenticate anew. */
  onMoved(): void
}

/** Knows the login that works, which the mover of the pools finds, and has a connection wait until there is one. */
export class Logins {
  readonly #parts: LoginParts
  readonly #clock: CompleteClock
  readonly #secret: FollowedSecret<RedisLogin>
  readonly #target: Target<RedisLogin> = new Target()
  readonly #refusals: Refusals<RedisLogin>
  readonly #mover: Mover<RedisLogin>
  readonly #waiters: Waiters
  readonly #unfollow: () => void
  #check: Promise<unknown> | undefined
  #isReading = false
  /** The version that an open connection was refused, which is said once. */
  #refusedOpen: string | undefined

  constructor(parts: LoginParts) {
    const { options, events } = parts
    const { cache, secretId } = options
    this.#parts = parts
    this.#clock = cache.clock
    this.#secret = new FollowedSecret(options, reading)
    this.#refusals = new Refusals(this.#clock, reading.sameAccount)
    this.#waiters = new Waiters(this.#clock)
    this.#mover = new Mover({
      clock: this.#clock,
      secret: this.#secret,
      target: this.#target,
      refusals: this.#refusals,
      windowMs: options.rotationWindowMs,
      kindOf: redisKindOf,
      prove: login => parts.prove(login),
      onWorks: (login, insteadOf) => this.#works(login, insteadOf),
      onPendingBecameCurrent: login => this.#tellCredentials(login),
      onGivenUp: error => this.#waiters.giveUpAll(error),
      onWindow: (phase, { versionId }) => events.emit('window', () => ({ secretId, versionId, phase })),
      onRefused: ({ versionId }, error, { isInUse }) => this.#tellRefused(versionId, error, isInUse ? triedAgain : staysAsItIs),
      onUnusable: (versionId, error) => this.#tellRefused(versionId, error, staysAsItIs),
    })
    this.#unfollow = cache.handle(secretId).on('rotated', () => this.#mover.moved())
  }

  /** The login of new connections, as far as one is known. */
  get current(): RedisLogin | undefined {
    return this.#target.login
  }

  /** The login that works, for connections that are open. */
  get proven(): RedisLogin | undefined {
    const { state } = this.#target
    return state.kind === 'proven' ? state.login : undefined
  }

  /**
   * The login for a connection that is to be opened, once it is known to work: a refused one would cost the client all commands that wait
   * for its connection. Rejects as the cache does, with what Redis said if no login works, and after `limitMs`, unless that is 0.
   */
  async ready(limitMs = 0): Promise<RedisLogin> {
    const wish = this.#waiters.wish(limitMs)
    this.#touch()
    for (;;) {
      if (this.#mover.isStopped) throw closedError()
      const { state } = this.#target
      if (state.kind === 'empty') {
        await this.#waiters.bounded(wish, this.#read(), () => this.#lateError())
      } else if (state.kind === 'refused') {
        await this.#waiters.wait(wish, () => this.#lateError())
      } else if (state.kind === 'wrong') {
        const { login, error } = state
        if (this.#refusals.waitMs(login) > 0 && !this.#secret.hasMovedOnFrom(login)) throw error
        this.#mover.probe({ login, error })
      } else {
        const { login } = state
        if (state.kind === 'proven' && isWithin(trustedForMs, state.provenAt, this.#clock.elapsedMs())) return login
        const error = await this.#waiters.bounded(wish, this.#checked(login), () => this.#lateError())
        // A server that cannot be reached is for the connection itself to find out.
        if (error !== undefined && !isRefusal(redisKindOf(error))) return login
      }
    }
  }

  /** A connection was closed: the next one is to prove the login first. */
  doubt(): void {
    this.#target.doubt()
  }

  /** A connection that is open could not authenticate anew, though the login works elsewhere. */
  refusedOpen({ versionId }: RedisLogin, error: unknown): void {
    if (this.#refusedOpen === versionId) return
    this.#refusedOpen = versionId
    this.#tellRefused(versionId, error, 'A connection that is open stays as it is, and tries again.')
  }

  /** Follows no longer. */
  stop(): void {
    this.#unfollow()
    void this.#mover.stop()
    this.#waiters.giveUpAll(closedError())
  }

  /** Has a secret that is due read again, behind the connection's back. */
  #touch(): void {
    const secret = this.#secret.peek()
    if (secret?.stale === false) {
      this.#mover.look()
      return
    }
    // Denied, or out of reach for longer than the cache allows: who connects must hear of it.
    if (secret === undefined) this.#target.lost()
    else if (!this.#isReading) void this.#readBehind()
  }

  async #read(): Promise<void> {
    this.#target.read(await this.#secret.read())
    this.#mover.look()
  }

  async #readBehind(): Promise<void> {
    this.#isReading = true
    try {
      await this.#read()
    } catch {
      // The cache's `error` event tells it.
    } finally {
      this.#isReading = false
    }
  }

  /** One check for all connections that ask at the time. */
  #checked(login: RedisLogin): Promise<unknown> {
    this.#check ??= this.#proveNow(login).finally(() => {
      this.#check = undefined
    })
    return this.#check
  }

  async #proveNow(login: RedisLogin): Promise<unknown> {
    const isHeldBack = this.#refusals.waitMs(login) > 0
    const error = isHeldBack ? this.#refusals.errorOf(login) : await this.#parts.prove(login)
    const isRefused = error !== undefined && isRefusal(redisKindOf(error))
    if (isRefused && !isHeldBack) this.#refusals.note(login, redisKindOf(error), error)
    const { state } = this.#target
    // Meanwhile the mover may have found another.
    const isOfNow = (state.kind === 'untried' || state.kind === 'proven') && state.login === login
    if (isOfNow && error === undefined) this.#works(login)
    if (isOfNow && isRefused) this.#mover.refused({ login, error, hadWorked: this.#hasWorked(login), atWork: false })
    return isOfNow ? error : undefined
  }

  #works(login: RedisLogin, insteadOf?: string): void {
    const { lastWorked } = this.#target
    this.#target.works(login, this.#clock.elapsedMs(), insteadOf)
    this.#refusals.forget()
    if (lastWorked?.versionId !== login.versionId) this.#tellCredentials(login)
    this.#parts.onMoved()
    this.#waiters.goOnAll()
  }

  #hasWorked(login: RedisLogin): boolean {
    const { lastWorked } = this.#target
    return lastWorked !== undefined && sameLogin(lastWorked, login)
  }

  #lateError(): unknown {
    const { state } = this.#target
    if ('error' in state) return state.error
    const message = 'No connection within connectTimeout: no login has been answered yet.'
    return Object.assign(new Error(message), { code: 'ETIMEDOUT' })
  }

  #tellCredentials(login: RedisLogin): void {
    const { options, events } = this.#parts
    const { secretId } = options
    const pending = this.#target.insteadOf !== undefined
    events.emit('credentials', () => ({ secretId, versionId: login.versionId, user: userOf(login), pending }))
  }

  #tellRefused(versionId: string, error: unknown, consequence: string): void {
    const { options, events } = this.#parts
    const about = { secretId: options.secretId, versionId }
    events.emit('refused', () => refusedReason(about, { error, kind: redisKindOf(error), consequence }))
  }
}

const staysAsItIs = 'Connections stay with the credentials that they have, and it is tried again.'

export function closedError(): Error {
  return new Error('The client was closed.')
}
