import type { CompleteClock } from '../core/time/clock.js'
import type { ErrorKind } from './error-kind.js'
import type { Version } from './followed-logins.js'
import type { Reading } from './followed-secret.js'
import { accountWindowMs, isWithin, lockedForMs, mostRefusals, pauseAfterRefusal } from './limits.js'

/** How often a version, or an account, was rejected, and how long it is left alone. */
interface Pause<Login> {
  /** The login that was rejected last. */
  readonly login: Login
  readonly count: number
  /** How many versions in a row were rejected. */
  readonly versions: number
  /** Which of the pauses this is. */
  readonly step: number
  readonly at: number
  readonly ms: number
  readonly error: unknown
}

/** A login that the database has rejected. */
interface Refused<Login> {
  readonly login: Login
  readonly at: number
  readonly kind: ErrorKind
}

/**
 * What the database has rejected since a login last worked, and when it may be tried again.
 *
 * A rejected version is worth another try only because a replica may lag behind, and each try may be the one that locks the account.
 */
export class Refusals<Login extends Version> {
  readonly #clock: CompleteClock
  readonly #sameAccount: Reading<Login>['sameAccount']
  readonly #most: number
  readonly #shareOne: (one: Login, other: Login) => boolean
  #pauses: Pause<Login>[] = []
  /** The most recent rejections, the oldest first. */
  #recent: Refused<Login>[] = []

  /**
   * `atOnce`: this many logins may be rejected together because of one change, and one more try must be left for AWSPENDING.
   * `pausesByAccount`: the versions of an account share a pause. Only the first version after a rejected one may be tried at once: the
   * clock, and each rejection in any pool, lead to new ones.
   */
  constructor(
    clock: CompleteClock,
    sameAccount: Reading<Login>['sameAccount'],
    { atOnce = 1, pausesByAccount = false }: { atOnce?: number | undefined; pausesByAccount?: boolean } = {},
  ) {
    this.#clock = clock
    this.#shareOne = pausesByAccount ? sameAccount : (one, other) => one.versionId === other.versionId
    this.#sameAccount = sameAccount
    this.#most = Math.max(mostRefusals, atOnce + 1)
  }

  /** How often a version was rejected. */
  count(login: Login): number {
    return this.#pauseOf(login)?.count ?? 0
  }

  /** The error of the last rejection of a version. */
  errorOf(login: Login): unknown {
    return this.#pauseOf(login)?.error
  }

  note(login: Login, kind: ErrorKind, error: unknown): void {
    const now = this.#clock.elapsedMs()
    const before = this.#pauseOf(login)
    // Logins that were in progress together, and the one more try after them, lead to one pause.
    const isSamePause = before !== undefined && remaining(before.ms, before.at, now) > 0
    const step = before === undefined ? 0 : before.step + (isSamePause ? 0 : 1)
    const ms = pauseAfterRefusal(step + 1)
    const versions = (before?.versions ?? 0) + (before?.login.versionId === login.versionId ? 0 : 1)
    this.#pauses = this.#pauses.filter(pause => pause !== before)
    this.#pauses.push({ login, count: (before?.count ?? 0) + 1, versions, step, at: now, ms, error })
    this.#recent = [...this.#recent.filter(({ at }) => isWithin(lockedForMs, at, now)), { login, at: now, kind }]
  }

  /** Another login than before works: what was rejected may work again. */
  forget(): void {
    this.#pauses = []
    this.#recent = []
  }

  /** A login works, as before: the database counts its account anew, but other versions keep their pauses. */
  workedAgain(login: Login): void {
    this.#pauses = this.#pauses.filter(pause => !this.#shareOne(pause.login, login))
    this.#recent = this.#recent.filter(refused => !this.#sameAccount(refused.login, login))
  }

  /** A login that worked is rejected, so the database has changed: what it rejected before may work now, as far as the accounts may be tried. */
  reconsider(rejected: Login): void {
    this.#end(({ login }) => !this.#shareOne(login, rejected))
  }

  /** The secret has moved to this version: the database may have changed since it rejected it. Its account keeps its limit. */
  movedTo({ versionId }: Version): void {
    this.#end(({ login }) => login.versionId === versionId)
  }

  /** How long to leave a version alone. 0 for one that was never rejected, unless its account is locked. */
  waitMs(login: Login): number {
    const now = this.#clock.elapsedMs()
    const locked = this.#ofAccount(login).filter(({ kind }) => kind === 'locked')
    const waits = locked.map(({ at }) => remaining(lockedForMs, at, now))
    const pause = this.#pauseOf(login)
    const isFirstReplacement = pause?.versions === 1 && pause.login.versionId !== login.versionId
    if (pause !== undefined) {
      waits.push(this.#accountWaitMs(login, now), isFirstReplacement ? 0 : remaining(pause.ms, pause.at, now))
    }
    return Math.max(0, ...waits)
  }

  /** Whether a version must be left alone, or its account. */
  isHeldBack(login: Login): boolean {
    return this.waitMs(login) > 0 || this.isExhausted(login)
  }

  /** Whether the account has received as many rejections as it may for now. */
  isExhausted(login: Login): boolean {
    return this.#accountWaitMs(login, this.#clock.elapsedMs()) > 0
  }

  #pauseOf(login: Login): Pause<Login> | undefined {
    return this.#pauses.find(pause => this.#shareOne(pause.login, login))
  }

  /** What they leave alone may be tried now. */
  #end(which: (pause: Pause<Login>) => boolean): void {
    this.#pauses = this.#pauses.map(pause => (which(pause) ? { ...pause, step: -1, ms: 0 } : pause))
  }

  #accountWaitMs(login: Login, now: number): number {
    const recent = this.#ofAccount(login).filter(({ at }) => isWithin(accountWindowMs, at, now))
    const oldest = recent.at(-this.#most)
    return oldest === undefined ? 0 : remaining(accountWindowMs, oldest.at, now)
  }

  /** Whether two versions have the same user. */
  isOfAccount(one: Login, other: Login): boolean {
    return this.#sameAccount(one, other)
  }

  #ofAccount(login: Login): Refused<Login>[] {
    return this.#recent.filter(refused => this.#sameAccount(refused.login, login))
  }
}

function remaining(ms: number, since: number, now: number): number {
  return Math.max(0, since + ms - now)
}
