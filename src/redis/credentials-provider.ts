import { Emitter } from '../core/events/emitter.js'
import { isSecretCacheError } from '../core/failures/errors.js'
import type { Secret } from '../core/secrets/secret.js'
import type { CompleteClock } from '../core/time/clock.js'
import type { CheckedFollowOptions } from '../pools/follow-options.js'
import { isWithin, pauseAfterFailure, pausesAfterRefusalMs } from '../pools/limits.js'
import type { CredentialsEvent, RefusedEvent } from '../pools/pool-events.js'
import { isLost, isOutOfPlace, redisCodeOf, redisKindOf } from '../pools/redis-error.js'
import { type RedisUser, redisUserOf } from '../pools/redis-user.js'
import { type CredentialsListener, type Subscription, Subscriptions } from './subscriptions.js'

/**
 * The events of a provider. They are also published on the diagnostics channels `awscurrent:credentials` and `awscurrent:refused`. They
 * never contain a password.
 */
export type RedisEvent = CredentialsEvent | RefusedEvent

/** Connections that follow each other within this time may be one connection that is rejected and retried. */
const retriedWithinMs = 10_000

/** For such a connection, a secret that was read this recently is not read again. */
const newlyReadMs = 5_000

/** Gives node-redis clients the credentials of a secret, and new ones when the secret moves. */
export class CredentialsProvider {
  readonly events: Emitter<RedisEvent> = new Emitter(['credentials', 'refused'])
  readonly #options: Pick<CheckedFollowOptions, 'cache' | 'secretId'>
  readonly #clock: CompleteClock
  readonly #subscriptions: Subscriptions
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

  constructor(options: Pick<CheckedFollowOptions, 'cache' | 'secretId'>) {
    this.#options = options
    this.#clock = options.cache.clock
    this.#subscriptions = new Subscriptions(() => this.#rest())
  }

  async subscribe(listener: CredentialsListener): Promise<[RedisUser, Subscription]> {
    const { cache, secretId } = this.#options
    const isRetried = isWithin(retriedWithinMs, this.#askedAt, this.#clock.elapsedMs())
    this.#askedAt = this.#clock.elapsedMs()
    const secret = await cache.getSecret(secretId)
    const user = redisUserOf(secret)
    this.#unfollow ??= cache.handle(secretId).on('rotated', () => this.#rotated())
    this.#handOut(secret, user)
    if (isRetried) this.#look(secret)
    return [user, this.#subscriptions.add(listener)]
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
      const what = `Redis rejects version ${versionId} of ${this.#options.secretId}.`
      this.#tellRefused(versionId, what, { kind: redisKindOf(error), code })
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
  #look({ ageMs, versionId }: Secret): void {
    const now = this.#clock.elapsedMs()
    const pauseMs = pausesAfterRefusalMs[Math.min(this.#looks, pausesAfterRefusalMs.length) - 1] ?? 0
    if (ageMs < newlyReadMs || isWithin(pauseMs, this.#lookedAt, now)) return
    this.#lookedAt = now
    this.#looks += 1
    const { cache, secretId } = this.#options
    // The cache reports a failure with its `error` event, and a new version with its `rotated` event.
    cache.refreshNow(secretId, { ifVersion: versionId }).catch(() => {})
  }

  #rotated(): void {
    this.#looks = 0
    this.#forgetRefusals()
    this.#tellSubscribers()
  }

  #tellSubscribers(): void {
    const { cache, secretId } = this.#options
    const secret = cache.peek(secretId)
    if (secret === undefined) return
    try {
      const user = redisUserOf(secret)
      this.#handOut(secret, user)
      this.#subscriptions.tell(secret.versionId, user)
    } catch (error) {
      if (!isSecretCacheError(error)) throw error
      this.#tellRefused(secret.versionId, error.message, { kind: 'other', code: error.code })
    }
  }

  #handOut({ versionId }: Secret, { username = 'default' }: RedisUser): void {
    if (versionId === this.#handedOut) return
    this.#handedOut = versionId
    const { secretId } = this.#options
    this.events.emit('credentials', () => ({ secretId, versionId, user: username, pending: false }))
  }

  #tellRefused(versionId: string, what: string, { kind, code }: Pick<RefusedEvent, 'kind' | 'code'>): void {
    const { secretId } = this.#options
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
