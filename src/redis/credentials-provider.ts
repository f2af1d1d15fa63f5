import { Emitter } from '../core/events/emitter.js'
import { isSecretCacheError } from '../core/failures/errors.js'
import type { Secret } from '../core/secrets/secret.js'
import type { CompleteClock } from '../core/time/clock.js'
import type { CheckedFollowOptions } from '../pools/follow-options.js'
import { pauseAfterFailure } from '../pools/limits.js'
import type { CredentialsEvent, RefusedEvent } from '../pools/pool-events.js'
import { type RedisUser, redisUserOf } from './redis-user.js'
import { type CredentialsListener, type Subscription, Subscriptions } from './subscriptions.js'

/** What a provider tells its listeners, and the channels `awscurrent:credentials` and `awscurrent:refused`. Never a password. */
export type RedisEvent = CredentialsEvent | RefusedEvent

/** Connections that follow upon each other so fast may be one that is refused and tried again. */
const retriedWithinMs = 10_000

/** What was read so short a time ago is not read again for one of those. */
const newlyReadMs = 5_000

/** Hands the credentials of a secret to the clients of node-redis, and new ones when the secret moves. */
export class CredentialsProvider {
  readonly events: Emitter<RedisEvent> = new Emitter(['credentials', 'refused'])
  readonly #options: Pick<CheckedFollowOptions, 'cache' | 'secretId'>
  readonly #clock: CompleteClock
  readonly #subscriptions: Subscriptions
  #unfollow: (() => void) | undefined
  #askedAt = Number.NEGATIVE_INFINITY
  /** The version that was handed out last. */
  #handedOut: string | undefined
  /** How often it was refused, and what ends the pause until it is tried again. */
  #refusals = 0
  #cancelRetry: (() => void) | undefined

  constructor(options: Pick<CheckedFollowOptions, 'cache' | 'secretId'>) {
    this.#options = options
    this.#clock = options.cache.clock
    this.#subscriptions = new Subscriptions(() => this.#rest())
  }

  async subscribe(listener: CredentialsListener): Promise<[RedisUser, Subscription]> {
    const secret = await this.#read()
    const user = redisUserOf(secret)
    this.#unfollow ??= this.#options.cache.handle(this.#options.secretId).on('rotated', () => this.#rotated())
    this.#handOut(secret, user)
    return [user, this.#subscriptions.add(listener)]
  }

  /** Called for each connection that refused new credentials. It goes on with those that it has. */
  refused(error: unknown): void {
    const versionId = this.#handedOut
    if (versionId === undefined || this.#cancelRetry !== undefined) return
    this.#refusals += 1
    if (this.#refusals === 1) {
      // The driver's words, then those of Redis, which begin with a code.
      const [, code] = /(?:^|: )([A-Z]+) /.exec((error as Error | undefined)?.message ?? '') ?? []
      this.#tellRefused(versionId, `Redis refuses version ${versionId} of ${this.#options.secretId}.`, { kind: 'refused', code })
    }
    this.#cancelRetry = this.#clock.setTimeout(() => {
      this.#cancelRetry = undefined
      this.#tellSubscribers()
    }, pauseAfterFailure(this.#refusals))
  }

  async #read(): Promise<Secret> {
    const { cache, secretId } = this.#options
    const retried = this.#clock.now() - this.#askedAt < retriedWithinMs
    this.#askedAt = this.#clock.now()
    const secret = await cache.getSecret(secretId)
    if (!retried || secret.ageMs < newlyReadMs) return secret
    // A login that was refused is not told; that another follows is all there is to see of it.
    return cache.refreshNow(secretId, { ifVersion: secret.versionId }).catch(() => secret)
  }

  #rotated(): void {
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
      this.#subscriptions.tell(user)
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
    const reason = `${what} Connections that are open stay as they are.`
    this.events.emit('refused', () => ({ secretId, versionId, kind, reason, code }))
  }

  #forgetRefusals(): void {
    this.#cancelRetry?.()
    this.#cancelRetry = undefined
    this.#refusals = 0
  }

  /** Nobody is left to be told. */
  #rest(): void {
    this.#forgetRefusals()
    this.#unfollow?.()
    this.#unfollow = undefined
  }
}
