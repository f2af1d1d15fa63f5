import { randomUUID } from 'node:crypto'
import { aClock, aFiniteDuration, aText, checkOptions } from '../core/options/check-options.js'
import { type Clock, type CompleteClock, completeClock } from '../core/time/clock.js'
import type { IssuedLogin } from '../pools/login-source.js'

/** The options of `FakeLoginIssuer`. */
export interface FakeLoginIssuerOptions {
  /** The user of its logins; `username` may be changed later. @default 'app' */
  username?: string | undefined
  /** How long a login opens connections, in milliseconds. @default 900_000, as tokens of RDS do */
  lifeMs?: number | undefined
  /** The clock of the ends. @default the clock of the machine */
  clock?: Clock | undefined
}

/** A login that the fake has issued. */
interface Issued {
  readonly username: string
  readonly endsAt: number
}

/**
 * A fake issuer of logins that end, such as tokens of IAM: it issues them to `credentialsFrom` of `awscurrent/iam`, and tells a fake server
 * which of them are valid.
 *
 * @example
 * const clock = new ManualClock()
 * const issuer = new FakeLoginIssuer({ clock })
 * const { password } = await issuer.issue()
 * issuer.accepts('app', password) // true
 * await clock.advance(900_000)
 * issuer.accepts('app', password) // false
 */
export class FakeLoginIssuer {
  /** The user of the logins that are issued from now on. */
  username: string
  /** How long a login that is issued from now on opens connections, in milliseconds. */
  lifeMs: number
  readonly #clock: CompleteClock
  readonly #issued = new Map<string, Issued>()
  #error: unknown
  #isHanging = false
  #asked = 0

  constructor(options: FakeLoginIssuerOptions = {}) {
    checkOptions('FakeLoginIssuer', options, { username: aText, lifeMs: aFiniteDuration, clock: aClock })
    const { username = 'app', lifeMs = 900_000, clock } = options
    this.username = username
    this.lifeMs = lifeMs
    this.#clock = completeClock(clock)
  }

  /** How many logins it has issued. */
  get issued(): number {
    return this.#issued.size
  }

  /** How many times it was asked for one, with or without success. */
  get asked(): number {
    return this.#asked
  }

  /** Issues a login, or does what it was told to do instead. */
  async issue({ signal }: { signal?: AbortSignal } = {}): Promise<IssuedLogin> {
    this.#asked += 1
    if (this.#isHanging) await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
    if (this.#error !== undefined) throw this.#error
    const password = randomUUID()
    const loginUntil = this.#clock.now() + this.lifeMs
    this.#issued.set(password, { username: this.username, endsAt: loginUntil })
    return { username: this.username, password, loginUntil }
  }

  /** Whether a server would let this user in with this password now. */
  accepts(username: string, password: string): boolean {
    const login = this.#issued.get(password)
    return login?.username === username && this.#clock.now() < login.endsAt
  }

  /** Makes all logins that were issued invalid at once, before they end. */
  revoke(): void {
    for (const [password, login] of this.#issued) this.#issued.set(password, { ...login, endsAt: Number.NEGATIVE_INFINITY })
  }

  /** From now on it rejects with this error. */
  fail(error: unknown = new Error('The issuer fails.')): void {
    this.#error = error
  }

  /** From now on it does not answer. */
  hang(): void {
    this.#isHanging = true
  }

  /** From now on it issues logins again. */
  recover(): void {
    this.#error = undefined
    this.#isHanging = false
  }
}
