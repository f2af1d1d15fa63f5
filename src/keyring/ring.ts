import { Emitter } from '../core/events/emitter.js'
import type { ErrorEvent } from '../core/events/events.js'
import type { ListenerOptions, Listening } from '../core/events/listening.js'
import { isSecretCacheError, type SecretCacheError } from '../core/failures/errors.js'
import { checkListenerOptions } from '../core/options/listener-options.js'
import type { Secret } from '../core/secrets/secret.js'
import type { CompleteClock } from '../core/time/clock.js'
import { type CookieSigner, createCookieSigner } from './cookie-signer.js'
import { HeldBack } from './held-back.js'
import { hideValues } from './hide-values.js'
import type { IdentifiedKey, Keyring, TokenHeader } from './keyring.js'
import type { CheckedKeyringOptions } from './keyring-options.js'
import { type KeysInUse, LiveKeys } from './live-keys.js'
import { readPrevious, type Versions } from './read-versions.js'
import { isKeyId, unknownKey } from './token-key.js'
import { type VersionKey, versionKeyOf } from './version-key.js'
import { Wait } from './wait.js'

/** Libraries take keys from an array without a call that could notice the end of the TTL, so the keyring looks by itself. */
const lookEveryMs = 10_000

interface RingState<Key> {
  readonly current: VersionKey<Key>
  readonly previous: VersionKey<Key> | undefined
  /** How long the current key does not sign yet what does not name its key. */
  readonly wait: Wait
  /**
   * Whether the previous version is the one that has AWSPREVIOUS: it was read, or is the one that was current before, or may be older than
   * that because this process has learned of nothing for too long.
   */
  readonly previousIs: 'read' | 'assumed' | 'doubtful'
  /**
   * Whether all processes have known the previous key. After a rollback they may not: one that has read the secret only before the
   * rotation and after the rollback has never had it.
   */
  readonly isPreviousKnown: boolean
}

/** The keys of a secret, which it follows. */
export class Ring<Key> implements Keyring<Key> {
  readonly signer: CookieSigner
  readonly #options: CheckedKeyringOptions<Key>
  readonly #clock: CompleteClock
  readonly #live: LiveKeys<Key>
  readonly #events: Emitter<ErrorEvent> = new Emitter(['error'])
  readonly #byId = new Map<string, VersionKey<Key>>()
  readonly #searches: HeldBack
  readonly #previousReads: HeldBack
  readonly #unfollow: () => void
  #state: RingState<Key>
  #inUse: KeysInUse<Key>
  /** The version that was last looked at, whether or not its key could be used. */
  #seenVersionId: string
  /** The version that was current when a search last read AWSCURRENT. */
  #searchedAt: VersionKey<Key> | undefined
  #isLooking = false
  #isClosed = false
  #cancelTimer: () => void = () => {}

  constructor(options: CheckedKeyringOptions<Key>, { current, previous }: Versions) {
    const { cache, secretId, cooldownMs } = options
    this.#options = options
    this.#clock = cache.clock
    this.#live = new LiveKeys(secretId)
    this.#searches = new HeldBack(cache.clock, cooldownMs, () => this.#readAgain())
    this.#previousReads = new HeldBack(cache.clock, cooldownMs, () => this.#readPrevious())
    this.signer = createCookieSigner(secretId, () => this.#inUse)
    this.#seenVersionId = current.versionId
    this.#state = this.#firstState(versionKeyOf(current, options), previous)
    this.#inUse = this.#keysInUse()
    this.#unfollow = cache.handle(secretId).on('rotated', () => this.#moved())
    this.#show()
    // AWSCURRENT may have moved before the listener was added.
    this.#follow(cache.peek(secretId))
    hideValues(this, `Keyring { secretId: '${secretId}' }`)
  }

  get current(): IdentifiedKey<Key> {
    return this.#state.current.identified
  }

  get keys(): Key[] {
    return this.#live.keys
  }

  get passwords(): Record<string, Key> {
    return this.#live.passwords
  }

  find(kid: string): Promise<Key | undefined> {
    return this.#byId.get(kid)?.found ?? this.#search(kid)
  }

  readonly jwtKey = async (header: TokenHeader): Promise<Key> => {
    // Libraries may pass on what they have parsed from anything.
    const kid = (header as TokenHeader | null | undefined)?.kid
    const key = kid === undefined ? undefined : await this.find(kid)
    if (key === undefined) throw unknownKey(this.#options.secretId, kid)
    return key
  }

  readonly jwtKeyCallback = (header: TokenHeader, callback: (error: Error | null, key?: Key) => void): void => {
    const call = this.jwtKey(header).then(
      key => () => callback(null, key),
      error => () => callback(error),
    )
    // What the callback throws is an uncaught exception, as with any callback, and not a rejection of ours.
    void call.then(process.nextTick)
  }

  on(type: 'error', listener: (event: ErrorEvent) => void, options?: ListenerOptions): Listening {
    checkListenerOptions(options)
    return this.#events.on(type, listener, options)
  }

  close(): void {
    this.#isClosed = true
    this.#unfollow()
    this.#cancelTimer()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #firstState(current: VersionKey<Key>, secret: Secret | undefined): RingState<Key> {
    const previous = secret === undefined || secret.versionId === current.kid ? undefined : this.#usableKey(secret, 'AWSPREVIOUS')
    const waitMs = this.#waitSinceCreation(current.secret)
    // In the middle of a rotation, Secrets Manager may still have returned an older AWSPREVIOUS.
    const previousIs = waitMs > 0 ? 'assumed' : 'read'
    const isPreviousKnown = previous !== undefined && !isAfter(previous.secret, current.secret)
    return { current, previous, wait: new Wait(this.#clock, waitMs), previousIs, isPreviousKnown }
  }

  /** How long a version does not sign that this process learns of at its start, or so late that it is as good as that. */
  #waitSinceCreation({ createdDate }: Secret): number {
    const { signAfterMs } = this.#options
    const ageMs = createdDate === undefined ? 0 : Math.max(0, this.#clock.now() - createdDate.getTime())
    return Math.max(0, signAfterMs - ageMs)
  }

  /** The only place where the state changes after the start. */
  #become(state: RingState<Key>): void {
    this.#state = state
    this.#show()
  }

  #show(): void {
    this.#inUse = this.#keysInUse()
    const { current, previous } = this.#state
    this.#byId.clear()
    for (const version of [current, previous]) if (version !== undefined) this.#byId.set(version.kid, version)
    this.#live.show(this.#inUse)
    this.#setTimer()
  }

  #keysInUse(): KeysInUse<Key> {
    const { current, previous, wait } = this.#state
    const waits = previous !== undefined && wait.leftMs > 0
    return waits ? { current, signing: previous, verifying: current } : { current, signing: current, verifying: previous }
  }

  #setTimer(): void {
    this.#cancelTimer()
    if (this.#isClosed) return
    const { leftMs } = this.#state.wait
    this.#cancelTimer = this.#clock.setTimeout(
      () => {
        if (this.#keysInUse().signing === this.#inUse.signing) this.#setTimer()
        else this.#show()
        void this.#look()
      },
      leftMs > 0 ? Math.min(leftMs, lookEveryMs) : lookEveryMs,
    )
  }

  /** Reads the secret if its TTL is over, as a reader would. */
  async #look(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    const { cache, secretId } = this.#options
    try {
      if (cache.peek(secretId)?.stale !== false) this.#followNewest(await cache.getSecret(secretId))
      if (this.#state.previousIs === 'doubtful') await this.#previousReads.run()
    } catch (error) {
      // The cache reports other failures with its own event.
      if (isSecretCacheError(error) && error.code === 'ERR_SECRET_CACHE_CLOSED') this.close()
    } finally {
      this.#isLooking = false
    }
  }

  #moved(): void {
    const secret = this.#options.cache.peek(this.#options.secretId)
    if (secret === undefined) void this.#look()
    else this.#follow(secret)
  }

  /** By the time that a read resolves, the cache may hold a newer version than it returned. */
  #followNewest(read: Secret): void {
    const { cache, secretId } = this.#options
    this.#follow(cache.peek(secretId) ?? read)
  }

  #follow(secret: Secret | undefined): void {
    if (this.#isClosed || secret === undefined || secret.versionId === this.#seenVersionId) return
    this.#seenVersionId = secret.versionId
    const { current: before, previous, isPreviousKnown } = this.#state
    const { signing } = this.#keysInUse()
    const current = secret.versionId === before.kid ? undefined : this.#usableKey(secret, 'AWSCURRENT')
    if (current === undefined) return
    const { signAfterMs } = this.#options
    // The other processes know the key of a version that AWSCURRENT moves back to, too.
    const isKnown = current.kid === previous?.kid && (isPreviousKnown || signing === previous)
    // This process was frozen, or could not read: the other processes may have learned of the rotation long before.
    const isLate = before.secret.ageMs > signAfterMs
    const waitMs = isKnown ? 0 : isLate ? this.#waitSinceCreation(secret) : signAfterMs
    // A version that this process has missed has signed nothing yet, unless it was current for longer than that.
    const previousIs = isLate ? 'doubtful' : 'assumed'
    const wait = new Wait(this.#clock, waitMs)
    this.#become({ current, previous: before, wait, previousIs, isPreviousKnown: signing === before })
    if (isLate) void this.#look()
  }

  /** The key of a version, or undefined and an event. */
  #usableKey(secret: Secret, versionStage: string): VersionKey<Key> | undefined {
    try {
      return versionKeyOf(secret, this.#options)
    } catch (error) {
      const { secretId } = this.#options
      const { arn, name } = secret
      const tell = (): void =>
        this.#events.emit('error', () => ({ secretId, arn, name, versionStage, error: error as SecretCacheError }))
      // Whoever creates the keyring has no listener yet.
      setImmediate(tell)
      return undefined
    }
  }

  async #search(kid: string): Promise<Key | undefined> {
    if (this.#isClosed || !isKeyId(kid)) return undefined
    const { current } = this.#state
    await this.#searches.run()
    const { current: now, previousIs } = this.#state
    if (!this.#byId.has(kid) && now !== current && previousIs !== 'read') await this.#previousReads.run()
    return this.#byId.get(kid)?.key
  }

  /** Makes one call. While AWSPREVIOUS is only assumed, searches that find nothing read the two labels in turn. */
  #readAgain(): Promise<void> {
    const { current, previousIs } = this.#state
    return previousIs !== 'read' && this.#searchedAt === current ? this.#readPrevious() : this.#readCurrent()
  }

  async #readCurrent(): Promise<void> {
    const { cache, secretId } = this.#options
    this.#followNewest(await cache.refreshNow(secretId, { ifVersion: this.#seenVersionId }))
    this.#searchedAt = this.#state.current
  }

  async #readPrevious(): Promise<void> {
    const { current, previous: held } = this.#state
    const secret = await readPrevious(this.#options)
    if (this.#isClosed || this.#state.current !== current) return
    // What was current has become the previous version.
    if (secret?.versionId === current.kid) return this.#readCurrent()
    const isNews = secret !== undefined && secret.versionId !== held?.kid && isNewer(secret, held?.secret)
    const previous = isNews ? (this.#usableKey(secret, 'AWSPREVIOUS') ?? held) : held
    const isPreviousKnown = isNews ? !isAfter(secret, current.secret) : this.#state.isPreviousKnown
    this.#become({ ...this.#state, previous, previousIs: 'read', isPreviousKnown })
  }
}

/** Whether a version was created after another one. */
function isAfter({ createdDate }: Secret, other: Secret): boolean {
  return createdDate !== undefined && other.createdDate !== undefined && createdDate > other.createdDate
}

/** Whether a version is newer than the held one: shortly after a rotation, Secrets Manager may return what had the label before. */
function isNewer({ createdDate }: Secret, held: Secret | undefined): boolean {
  return createdDate === undefined || held?.createdDate === undefined || createdDate > held.createdDate
}
