import { isSecretCacheError } from '../core/failures/errors.js'
import type { Secret } from '../core/secrets/secret.js'
import type { CompleteClock } from '../core/time/clock.js'
import type { CheckedFollowOptions } from './follow-options.js'
import { isWithin, lookForServerEveryMs, pendingDeniedForMs } from './limits.js'

/** The codes of who may not read a label: not now, and not in a moment. */
const denials: readonly string[] = ['ERR_SECRET_ACCESS_DENIED', 'ERR_SECRET_DECRYPTION']

/** What is made of one version of a secret. */
export interface Version {
  readonly versionId: string
}

/** How a secret is read. */
export interface Reading<Login extends Version> {
  /** Throws if no login can be made of the secret. */
  loginOf(secret: Secret): Login
  /** Whether one may be what the other becomes: another password for the same user. */
  sameAccount(one: Login, other: Login): boolean
}

/** A secret that is followed, read as logins. */
export class FollowedSecret<Login extends Version> {
  readonly #options: Pick<CheckedFollowOptions, 'cache' | 'secretId' | 'tryPending'>
  readonly #reading: Reading<Login>
  readonly #clock: CompleteClock
  #pendingDeniedAt = Number.NEGATIVE_INFINITY
  #lookedForServer: { readonly versionId: string; readonly at: number } | undefined
  /** The last that was seen: where nothing may be kept, the cache has it no more when it is needed. */
  #lastSeen: Secret | undefined

  constructor(options: Pick<CheckedFollowOptions, 'cache' | 'secretId' | 'tryPending'>, reading: Reading<Login>) {
    this.#options = options
    this.#reading = reading
    this.#clock = options.cache.clock
  }

  loginOf(secret: Secret): Login {
    return this.#reading.loginOf(secret)
  }

  /** What the cache has, without a call. */
  peek(): Secret | undefined {
    return this.#options.cache.peek(this.#options.secretId)
  }

  /** The version that is AWSCURRENT, as far as is known. */
  current(): Secret | undefined {
    this.#lastSeen = this.peek() ?? this.#lastSeen
    return this.#lastSeen
  }

  /** Whether AWSCURRENT is known to be another version. */
  hasMovedOnFrom({ versionId }: Version): boolean {
    const current = this.current()
    return current !== undefined && current.versionId !== versionId
  }

  /** As any reader reads it. Rejects with a `SecretCacheError`, also for a secret that no login can be made of. */
  async read(): Promise<Login> {
    this.#lastSeen = await this.#options.cache.getSecret(this.#options.secretId)
    return this.#reading.loginOf(this.#lastSeen)
  }

  /**
   * After `refused` was refused: one call to Secrets Manager, unless the cache knows of another version already. Resolves with `refused`
   * if that fails. `insteadOf`: the version that was AWSCURRENT when `refused`, which is AWSPENDING, took its place.
   */
  async readAgain(refused: Login, insteadOf: string | undefined): Promise<Login> {
    try {
      const { cache, secretId } = this.#options
      const ifVersion = this.peek()?.versionId === insteadOf ? insteadOf : refused.versionId
      this.#lastSeen = await cache.refreshNow(secretId, { ifVersion })
      return this.#reading.loginOf(this.#lastSeen)
    } catch {
      // What counts is what the database says; the cache's `error` event tells this.
      return refused
    }
  }

  /**
   * After a server was not reached, whose address may have moved without an event. One call every ten seconds at most for each version.
   * `insteadOf`: the version that is AWSCURRENT while AWSPENDING is logged in with.
   */
  async lookForServer(unreached: Login, insteadOf: string | undefined): Promise<void> {
    const now = this.#clock.elapsedMs()
    const last = this.#lookedForServer
    if (last?.versionId === unreached.versionId && isWithin(lookForServerEveryMs, last.at, now)) return
    this.#lookedForServer = { versionId: unreached.versionId, at: now }
    await this.readAgain(unreached, insteadOf)
  }

  /** AWSPENDING, if it may be what the database knows already: another password for the same user. */
  async readPending(current: Login): Promise<Login | undefined> {
    if (!this.#options.tryPending || isWithin(pendingDeniedForMs, this.#pendingDeniedAt, this.#clock.elapsedMs()))
      return undefined
    try {
      const secret = await this.#options.cache.refreshNow(this.#options.secretId, { versionStage: 'AWSPENDING' })
      const pending = this.#reading.loginOf(secret)
      const isOther = pending.versionId !== current.versionId
      return isOther && this.#reading.sameAccount(pending, current) ? pending : undefined
    } catch (error) {
      if (isSecretCacheError(error) && denials.includes(error.code)) this.#pendingDeniedAt = this.#clock.elapsedMs()
      return undefined
    }
  }
}
