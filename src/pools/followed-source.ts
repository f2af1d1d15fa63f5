import { type CompleteClock, completeClock } from '../core/time/clock.js'
import type { FollowedLogins, Seen, Version } from './followed-logins.js'
import { checkIssued } from './issued-login.js'
import type { ExpiringLogin, LoginSource } from './login-source.js'

/** How a login of a source is read. */
export interface SourceReading<Login> {
  fromSource(login: ExpiringLogin, source: LoginSource): Login
  sameAccount(one: Login, other: Login): boolean
}

/** A source of logins that end. */
export class FollowedSource<Login extends Version> implements FollowedLogins<Login> {
  readonly clock: CompleteClock
  readonly hasWindows = false
  readonly #source: LoginSource
  readonly #reading: SourceReading<Login>
  readonly #issued = new WeakMap<Login, ExpiringLogin>()
  /** The last one that was seen: the source forgets one that has ended. */
  #seen: ExpiringLogin | undefined
  #seenAt = Number.NEGATIVE_INFINITY
  #listener: () => void = () => {}
  #subscription: Promise<{ dispose(): void }> | undefined
  #isOver = false

  constructor(source: LoginSource, reading: SourceReading<Login>) {
    this.clock = completeClock(source.clock)
    this.#source = source
    this.#reading = reading
  }

  onMoved(listener: () => void): () => void {
    this.#listener = listener
    this.#isOver = false
    return () => {
      this.#listener = () => {}
      this.#isOver = true
      this.#subscription?.then(subscription => subscription.dispose()).catch(() => {})
      this.#subscription = undefined
    }
  }

  peek(): Seen | undefined {
    const login = this.#source.current()
    if (login === undefined) return undefined
    this.#see(login)
    return { versionId: login.id, stale: false, ageMs: this.clock.elapsedMs() - this.#seenAt }
  }

  current(): Version | undefined {
    const seen = this.#see(this.#source.current() ?? this.#seen)
    return seen && { versionId: seen.id }
  }

  currentLogin(): Login {
    this.current()
    return this.#loginOf(this.#seen as ExpiringLogin)
  }

  hasMovedOnFrom({ versionId }: Version): boolean {
    const current = this.current()
    return current !== undefined && current.versionId !== versionId
  }

  renewalOf(login: Login): Login | undefined {
    this.current()
    // The same password may have been given a later end.
    if (this.#seen === undefined || this.#seen === this.#issued.get(login)) return undefined
    const next = this.#loginOf(this.#seen)
    return this.#reading.sameAccount(login, next) ? next : undefined
  }

  hasEnded(login: Login): boolean {
    const { loginUntil = Number.POSITIVE_INFINITY, accountUntil = loginUntil } = this.#issued.get(login) ?? {}
    return Math.min(loginUntil, accountUntil) <= this.clock.now()
  }

  async read(): Promise<Login> {
    return this.#loginOf(this.#see(await this.#get()))
  }

  async readAgain(refused: Login): Promise<Login> {
    const issued = this.#issued.get(refused)
    try {
      return this.#loginOf(this.#see(issued === undefined ? await this.#source.get() : await this.#source.refresh(issued)))
    } catch {
      // The rejection by the server is what counts.
      return refused
    }
  }

  /** The address is not part of the login. */
  async lookForServer(): Promise<void> {}

  async readPending(): Promise<undefined> {
    return undefined
  }

  /** The first read subscribes: nothing is issued before it. */
  async #get(): Promise<ExpiringLogin> {
    if (this.#subscription !== undefined || this.#isOver) return this.#source.get()
    const subscribing = this.#source.subscribe({ onNext: () => this.#listener(), onError: () => {} })
    const subscription = subscribing.then(([, subscribed]) => subscribed)
    // Whoever reads gets the error.
    subscription.catch(() => {})
    this.#subscription = subscription
    try {
      const [login] = await subscribing
      return login
    } catch (error) {
      this.#subscription = undefined
      throw error
    }
  }

  #see<Seen extends ExpiringLogin | undefined>(login: Seen): Seen {
    if (login?.id !== this.#seen?.id) this.#seenAt = this.clock.elapsedMs()
    this.#seen = login
    return login
  }

  #loginOf(issued: ExpiringLogin): Login {
    checkIssued(issued, 'the source of logins')
    const login = this.#reading.fromSource(issued, this.#source)
    this.#issued.set(login, issued)
    return login
  }
}
