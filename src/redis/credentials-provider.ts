import { Emitter } from '../core/events/emitter.js'
import { isSecretCacheError } from '../core/failures/errors.js'
import type { CompleteClock } from '../core/time/clock.js'
import type { Followed } from '../pools/follow-options.js'
import { followedBy } from '../pools/followed.js'
import type { FollowedLogins } from '../pools/followed-logins.js'
import { isWithin, pauseAfterFailure, pausesAfterRefusalMs } from '../pools/limits.js'
import type { CredentialsEvent, RefusedEvent } from '../pools/pool-events.js'
import { isLost, isOutOfPlace, redisCodeOf, redisKindOf } from '../pools/redis-error.js'
import { type RedisLogin, redisReadings } from '../pools/redis-login.js'
import type { RedisUser } from '../pools/redis-user.js'
import { type Subscription, Subscriptions } from '../pools/subscriptions.js'

/**
 * The events of a provider. They are also published on the diagnostics channels `awscurrent:credentials` and `awscurrent:refused`. They
 * never contain a password.
 */
export type RedisEvent = CredentialsEvent | RefusedEvent

/** The listener with which a node-redis client receives new credentials. */
export interface CredentialsListener {
  /** Called with the credentials of a newer version: the client re-authenticates its open connection with them. */
  onNext(credentials: RedisUser): void
  /** Required by node-redis and never called: the provider reports failures with its events. */
  onError(error: Error): void
}

/** Connections that follow each other within this time may be one connection that is rejected and retried. */
const retriedWithinMs = 10_000

/** For such a connection, a secret that was read this recently is not read again. */
const newlyReadMs = 5_000

/** Gives node-redis clients the credentials of a secret, and new ones when the secret moves. */
export class CredentialsProvider {
  readonly events: Emitter<RedisEvent> = new Emitter(['credentials', 'refused'])
  readonly #secretId: string | undefined
  readonly #followed: FollowedLogins<RedisLogin>
  readonly #clock: CompleteClock
  readonly #subscriptions: Subscriptions<RedisUser>
  #unfollow: (() => void) | undefined
  #askedAt = Number.NEGATIVE_INFINITY
  /** When the secret was last read because a login may have been rejected, and how often in a row that returned nothing new. */
  #lookedAt = Number.NEGATIVE_INFINITY
  #looks = 0
  /** The version that was handed out last. */
  #handedOut: string | undefined
  /** How often it was rejected, and what cancels the pause before the next try. */
  #refusals = 0
  #isToldRefused = false
  #cancelRetry: (() => void) | undefined

  constructor(options: Followed) {
    this.#secretId = options.secretId
    this.#followed = followedBy({ ...options, tryPending: false }, redisReadings)
    this.#clock = this.#followed.clock
    this.#subscriptions = new Subscriptions(() => this.#rest())
  }

  async subscribe(listener: CredentialsListener): Promise<[RedisUser, Subscription]> {
    const isRetried = isWithin(retriedWithinMs, this.#askedAt, this.#clock.elapsedMs())
    this.#askedAt = this.#clock.elapsedMs()
    const login = await this.#followed.read()
    this.#unfollow ??= this.#followed.onMoved(() => this.#rotated())
    this.#handOut(login)
    if (isRetried) this.#look(login)
    return [userIn(login), this.#subscriptions.add(listener)]
  }

  /** Called for each connection that could not re-authenticate. The connection keeps the credentials that it has. */
  failed(error: unknown): void {
    // When it reconnects, it logs in with the credentials that are current then.
    if (isOutOfPlace(error)) return
    const versionId = this.#handedOut
    const telling = this.#subscriptions.reported
    // A client subscribes again with its next connection.
    if (isLost(error)) telling?.end()
    else if (versionId !== undefined && (telling ?? { versionId }).versionId === versionId) this.#refused(versionId, error)
  }

  #refused(versionId: string, error: unknown): void {
    const code = redisCodeOf(error)
    if (code !== undefined && !this.#isToldRefused) {
      this.#isToldRefused = true
      const what = this.#secretId === undefined ? `the login ${versionId}` : `version ${versionId} of ${this.#secretId}`
      this.#tellRefused(versionId, `Redis rejects ${what}.`, { kind: redisKindOf(error), code })
    }
    if (this.#cancelRetry !== undefined) return
    this.#refusals += 1
    this.#cancelRetry = this.#clock.setTimeout(() => {
      this.#cancelRetry = undefined
      this.#tellSubscribers()
    }, pauseAfterFailure(this.#refusals))
  }

  /**
   * Reads the secret again in the background, behind a connection that may be a retry after a rejected login. node-redis does not report a
   * rejected login; all that can be seen is that another connection follows. That also happens without a rejection: hence the growing
   * pauses.
   */
  #look(login: RedisLogin): void {
    const { ageMs = 0 } = this.#followed.peek() ?? {}
    const now = this.#clock.elapsedMs()
    const pauseMs = pausesAfterRefusalMs[Math.min(this.#looks, pausesAfterRefusalMs.length) - 1] ?? 0
    if (ageMs < newlyReadMs || isWithin(pauseMs, this.#lookedAt, now)) return
    this.#lookedAt = now
    this.#looks += 1
    // A failure is reported by the cache, and a new version by `onMoved`.
    void this.#followed.readAgain(login, undefined)
  }

  #rotated(): void {
    this.#looks = 0
    this.#forgetRefusals()
    this.#tellSubscribers()
  }

  #tellSubscribers(): void {
    const seen = this.#followed.peek()
    if (seen === undefined) return
    try {
      const login = this.#followed.currentLogin()
      this.#handOut(login)
      this.#subscriptions.tell(login.versionId, userIn(login))
    } catch (error) {
      if (!isSecretCacheError(error)) throw error
      this.#tellRefused(seen.versionId, error.message, { kind: 'other', code: error.code })
    }
  }

  #handOut({ versionId, username = 'default' }: RedisLogin): void {
    if (versionId === this.#handedOut) return
    this.#handedOut = versionId
    const secretId = this.#secretId
    this.events.emit('credentials', () => ({ secretId, versionId, user: username, pending: false }))
  }

  #tellRefused(versionId: string, what: string, { kind, code }: Pick<RefusedEvent, 'kind' | 'code'>): void {
    const secretId = this.#secretId
    const reason = `${what} Open connections stay as they are.`
    this.events.emit('refused', () => ({ secretId, versionId, kind, reason, code }))
  }

  #forgetRefusals(): void {
    this.#cancelRetry?.()
    this.#cancelRetry = undefined
    this.#refusals = 0
    this.#isToldRefused = false
  }

  /** Called when the last subscription has ended. */
  #rest(): void {
    this.#forgetRefusals()
    this.#unfollow?.()
    this.#unfollow = undefined
  }
}

/** What node-redis is given of a login. */
function userIn({ username, password }: RedisLogin): RedisUser {
  return { password, ...(username !== undefined && { username }) }
}
