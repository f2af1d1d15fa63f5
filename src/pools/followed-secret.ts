import { isSecretCacheError } from '../core/failures/errors.js'
import type { Secret } from '../core/secrets/secret.js'
import type { CompleteClock } from '../core/time/clock.js'
import type { CheckedFollowOptions } from './follow-options.js'
import { isWithin, pendingDeniedForMs } from './login-limits.js'

/** The codes of who may not read a label: not now, and not in a moment. */
const denials: readonly string[] = ['ERR_SECRET_ACCESS_DENIED', 'ERR_SECRET_DECRYPTION']

/** What is made of one version of a secret. */
export interface Version {
  readonly versionId: string
}

/** How a secret is read. */
export interface Reading<Login extends Version> {
  /** Throws a `SecretCacheError` if no login can be made of the secret. */
  loginOf(secret: Secret): Login
  /** Whether one may be what the other becomes: another password for the same user. */
  sameAccount(one: Login, other: Login): boolean
}

/** A secret that is followed, read as logins. */
export class FollowedSecret<Login extends Version> {
  readonly #options: Pick<CheckedFollowOptions, 'cache' | 'secretId' | 'tryPending'>
  readonly #reading: Reading<Login>
  readonly #clock: CompleteClock
  #pendingDeniedAt = -Infinity

  constructor(options: Pick<CheckedFollowOptions, 'cache' | 'secretId' | 'tryPending'>, reading: Reading<Login>) {
    this.#options = options
    this.#reading = reading
    this.#clock = options.cache.clock
  }

  /** What the cache has, without a call. */
  peek(): Secret | undefined {
    return this.#options.cache.peek(this.#options.secretId)
  }

  /** As any reader reads it. Rejects with a `SecretCacheError`, also for a secret that no login can be made of. */
  async read(): Promise<Login> {
    return this.#reading.loginOf(await this.#options.cache.getSecret(this.#options.secretId))
  }

  /** After `refused` was refused: one call to Secrets Manager, unless the cache has already moved on. Answers `refused` if that fails. */
  async readAgain(refused: Login): Promise<Login> {
    try {
      return this.#reading.loginOf(await this.#options.cache.refreshNow(this.#options.secretId, { ifVersion: refused.versionId }))
    } catch {
      // What counts is what the database says; the cache's `error` event tells this.
      return refused
    }
  }

  /** AWSPENDING, if it may be what the database knows already: another password for the same user. */
  async readPending(current: Login): Promise<Login | undefined> {
    if (!this.#options.tryPending || isWithin(pendingDeniedForMs, this.#pendingDeniedAt, this.#clock.now())) return undefined
    try {
      const secret = await this.#options.cache.refreshNow(this.#options.secretId, { versionStage: 'AWSPENDING' })
      const pending = this.#reading.loginOf(secret)
      return this.#reading.sameAccount(pending, current) ? pending : undefined
    } catch (error) {
      if (isSecretCacheError(error) && denials.includes(error.code)) this.#pendingDeniedAt = this.#clock.now()
      return undefined
    }
  }
}
