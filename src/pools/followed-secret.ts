import type { CompleteClock } from '../core/clock.js'
import { isSecretCacheError } from '../core/errors.js'
import type { Secret } from '../core/secret.js'
import type { CheckedFollowOptions } from './follow-options.js'
import { type Login, loginOf, sameAccount } from './login.js'
import { isWithin, pendingDeniedForMs } from './login-limits.js'

/** The codes of who may not read a label: not now, and not in a moment. */
const denials: readonly string[] = ['ERR_SECRET_ACCESS_DENIED', 'ERR_SECRET_DECRYPTION']

/** The secret of a pool, read as logins. */
export class FollowedSecret {
  readonly #options: CheckedFollowOptions
  readonly #clock: CompleteClock
  #pendingDeniedAt = -Infinity

  constructor(options: CheckedFollowOptions) {
    this.#options = options
    this.#clock = options.cache.clock
  }

  /** What the cache has, without a call. */
  peek(): Secret | undefined {
    return this.#options.cache.peek(this.#options.secretId)
  }

  /** As any reader reads it. Rejects with a `SecretCacheError`, also for a secret that is no database's. */
  async read(): Promise<Login> {
    return loginOf(await this.#options.cache.getSecret(this.#options.secretId))
  }

  /** After `refused` was refused: one call to Secrets Manager, unless the cache has already moved on. Answers `refused` if that fails. */
  async readAgain(refused: Login): Promise<Login> {
    try {
      return loginOf(await this.#options.cache.refreshNow(this.#options.secretId, { ifVersion: refused.versionId }))
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
      const pending = loginOf(secret)
      return sameAccount(pending, current) ? pending : undefined
    } catch (error) {
      if (isSecretCacheError(error) && denials.includes(error.code)) this.#pendingDeniedAt = this.#clock.now()
      return undefined
    }
  }
}
