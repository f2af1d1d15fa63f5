import { isSecretCacheError } from '../core/failures/errors.js'
import type { Secret } from '../core/secrets/secret.js'
import type { CompleteClock } from '../core/time/clock.js'
import type { FollowedCache } from './follow-options.js'
import type { FollowedLogins, Version } from './followed-logins.js'
import { isWithin, lookForServerEveryMs, pendingDeniedForMs } from './limits.js'

/** The codes of a caller that may not read a label and will not be allowed to in a moment. */
const denials: readonly string[] = ['ERR_SECRET_ACCESS_DENIED', 'ERR_SECRET_DECRYPTION']

/** Which secret is followed, and whether AWSPENDING is read. */
export interface SecretToFollow {
  readonly cache: FollowedCache
  readonly secretId: string
  readonly tryPending: boolean
}

/** How a secret is read. */
export interface Reading<Login extends Version> {
  /** Throws if the secret contains no login. */
  loginOf(secret: Secret): Login
  /** Whether one may replace the other: a different password for the same user. */
  sameAccount(one: Login, other: Login): boolean
}

/** The secret that is followed, read as logins. */
export class FollowedSecret<Login extends Version> implements FollowedLogins<Login> {
  readonly #options: SecretToFollow
  readonly #reading: Reading<Login>
  readonly clock: CompleteClock
  readonly hasWindows = true
  #pendingDeniedAt = Number.NEGATIVE_INFINITY
  #lookedForServer: { readonly versionId: string; readonly at: number } | undefined
  /** The last one that was seen: where nothing may be kept, the cache no longer has it when it is needed. */
  #lastSeen: Secret | undefined

  constructor(options: SecretToFollow, reading: Reading<Login>) {
    this.#options = options
    this.#reading = reading
    this.clock = options.cache.clock
  }

  onMoved(listener: () => void): () => void {
    return this.#options.cache.handle(this.#options.secretId).on('rotated', listener)
  }

  peek(): Secret | undefined {
    return this.#options.cache.peek(this.#options.secretId)
  }

  current(): Secret | undefined {
    this.#lastSeen = this.peek() ?? this.#lastSeen
    return this.#lastSeen
  }

  currentLogin(): Login {
    return this.#reading.loginOf(this.current() as Secret)
  }

  hasMovedOnFrom({ versionId }: Version): boolean {
    const current = this.current()
    return current !== undefined && current.versionId !== versionId
  }

  /** A new version may not work yet, or not any more. */
  renewalOf(): undefined {
    return undefined
  }

  hasEnded(): boolean {
    return false
  }

  /** Rejects with a `SecretCacheError`, also if the secret contains no login. */
  async read(): Promise<Login> {
    this.#lastSeen = await this.#options.cache.getSecret(this.#options.secretId)
    return this.#reading.loginOf(this.#lastSeen)
  }

  async readAgain(refused: Login, insteadOf: string | undefined): Promise<Login> {
    try {
      const { cache, secretId } = this.#options
      const ifVersion = this.peek()?.versionId === insteadOf ? insteadOf : refused.versionId
      this.#lastSeen = await cache.refreshNow(secretId, { ifVersion })
      return this.#reading.loginOf(this.#lastSeen)
    } catch {
      // The rejection by the database is what counts; the cache reports this failure with its `error` event.
      return refused
    }
  }

  /** At most one call every ten seconds for each version. */
  async lookForServer(unreached: Login, insteadOf: string | undefined): Promise<void> {
    const now = this.clock.elapsedMs()
    const last = this.#lookedForServer
    if (last?.versionId === unreached.versionId && isWithin(lookForServerEveryMs, last.at, now)) return
    this.#lookedForServer = { versionId: unreached.versionId, at: now }
    await this.readAgain(unreached, insteadOf)
  }

  /** AWSPENDING, if the database may already have it: a different password for the same user. */
  async readPending(current: Login): Promise<Login | undefined> {
    if (!this.#options.tryPending || isWithin(pendingDeniedForMs, this.#pendingDeniedAt, this.clock.elapsedMs())) return undefined
    try {
      const secret = await this.#options.cache.refreshNow(this.#options.secretId, { versionStage: 'AWSPENDING' })
      const pending = this.#reading.loginOf(secret)
      const isOther = pending.versionId !== current.versionId
      return isOther && this.#reading.sameAccount(pending, current) ? pending : undefined
    } catch (error) {
      if (isSecretCacheError(error) && denials.includes(error.code)) this.#pendingDeniedAt = this.clock.elapsedMs()
      return undefined
    }
  }
}
