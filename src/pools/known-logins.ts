import type { ErrorKind } from './error-kind.js'
import type { FollowedLogins, Version } from './followed-logins.js'
import { LoginHistory } from './login-history.js'
import type { LoginTeller } from './login-teller.js'
import type { WindowEvent } from './pool-events.js'
import { Refusals } from './refusals.js'
import { Target } from './target.js'

/** What the follower of a driver knows about its logins. */
export interface LoginKind<Login extends Version> {
  /** Whether both are for one user of one server. */
  sameAccount(one: Login, other: Login): boolean
  /** Whether the two are the same to the server. */
  sameLogin(one: Login, other: Login): boolean
  kindOf(error: unknown): ErrorKind
  /** The message for a request that has waited too long although no login was rejected. */
  readonly lateMessage: string
}

/** What is known about the logins that are followed: which works, and which were rejected. Reports changes to the listeners. */
export class KnownLogins<Login extends Version> {
  readonly target: Target<Login>
  readonly history: LoginHistory
  readonly followed: FollowedLogins<Login>
  readonly refusals: Refusals<Login>
  readonly #teller: LoginTeller<Login>
  readonly #kind: LoginKind<Login>
  readonly kindOf: (error: unknown) => ErrorKind

  constructor(
    followed: FollowedLogins<Login>,
    teller: LoginTeller<Login>,
    kind: LoginKind<Login>,
    { loginsAtOnce }: { readonly loginsAtOnce?: number } = {},
  ) {
    const now = (): number => followed.clock.now()
    this.target = new Target(now)
    this.history = new LoginHistory(now)
    this.followed = followed
    this.refusals = new Refusals(followed.clock, kind.sameAccount, {
      atOnce: loginsAtOnce,
      pausesByAccount: !followed.hasWindows,
    })
    this.#teller = teller
    this.#kind = kind
    this.kindOf = error => kind.kindOf(error)
  }

  /** A login was tried; without an `error`, it worked. */
  tried(login: Login, error: unknown): void {
    const isInUse = this.target.login?.versionId === login.versionId
    if (error === undefined || error === null) this.history.loggedIn(isInUse)
    else this.history.failed(login.versionId, { kind: this.kindOf(error), error, isInUse })
  }

  /** A login works, and is the one to use. */
  works(login: Login, provenAt: number, insteadOf?: string): void {
    const { lastWorked } = this.target
    this.target.works(login, provenAt, insteadOf)
    if (lastWorked?.versionId === login.versionId) {
      this.refusals.workedAgain(login)
      return
    }
    this.refusals.forget()
    this.tellCredentials(login)
  }

  /** Whether this login, or one that is the same to the server, was the last that worked. */
  hasWorked(login: Login): boolean {
    const { lastWorked } = this.target
    return lastWorked !== undefined && this.#kind.sameLogin(lastWorked, login)
  }

  /** Whether it is worth trying again in place of a login that was found to be invalid. */
  mayTryAgain(login: Login): boolean {
    if (this.refusals.waitMs(login) === 0) return true
    if (!this.followed.hasMovedOnFrom(login)) return false
    // A secret may have moved to a version that contains no login.
    return this.followed.hasWindows || this.refusals.waitMs(this.followed.currentLogin()) === 0
  }

  /** The error of a request that has waited for as long as the driver allows. */
  lateError(): unknown {
    const { state } = this.target
    return 'error' in state ? state.error : Object.assign(new Error(this.#kind.lateMessage), { code: 'ETIMEDOUT' })
  }

  tellCredentials(login: Login): void {
    this.history.moved()
    this.#teller.credentials(login, { pending: this.target.insteadOf !== undefined })
  }

  tellWindow(phase: WindowEvent['phase'], login: Login): void {
    this.history.window(phase)
    this.#teller.window(login, phase)
  }

  tellRefused(version: Version, error: unknown, consequence: string): void {
    const kind = this.kindOf(error)
    this.history.refused(version.versionId, { kind, error })
    this.#teller.refused(version, error, { kind, consequence })
  }
}
