import type { CompleteClock } from '../core/time/clock.js'
import { type ErrorKind, isRefusal } from './error-kind.js'
import type { FollowedLogins, Version } from './followed-logins.js'
import { pauseBeforeLook } from './limits.js'
import type { Refusals } from './refusals.js'
import type { Refused } from './target.js'

/** The outcome of a search. */
export type Found<Login extends Version> =
  /** `insteadOf`: the version that is still AWSCURRENT, if AWSPENDING is the one that works. */
  | { readonly kind: 'works'; readonly login: Login; readonly insteadOf?: string }
  /** The server has not decided on the login: it was not reached, or has no room. */
  | { readonly kind: 'undecided'; readonly login: Login; readonly error: unknown }
  /** `isNews`: it has just been rejected. */
  | { readonly kind: 'wrong'; readonly login: Login; readonly error: unknown; readonly isNews: boolean }
  /** The search is no longer needed. */
  | { readonly kind: 'given up' }

/**
 * In the first of so many rounds, AWSPENDING is read: it may have come since, or a read of it has failed. AWSCURRENT is read in each, because
 * it ends the window.
 */
const roundsForPending = 4

/** What a search needs. */
export interface SearchParts<Login extends Version> {
  readonly clock: CompleteClock
  readonly followed: Pick<
    FollowedLogins<Login>,
    'current' | 'currentLogin' | 'hasEnded' | 'hasWindows' | 'readAgain' | 'readPending'
  >
  readonly refusals: Refusals<Login>
  readonly windowMs: number
  kindOf(error: unknown): ErrorKind
  /** Logs in once outside the pool; resolves with the driver's error if that does not work. */
  prove(login: Login): Promise<unknown>
  /** The last login that worked. */
  readonly lastWorked: Login | undefined
  /** Whether a login in progress, one that hangs among them, tries the version once more anyway. */
  isTried?(): boolean
  /** Resolves once the logins in progress have ended: the server may reject them too. */
  whenQuiet?(): Promise<void>
  /** Closes a connection, so that a proof has room at the server. */
  makeRoom?(): void
  /** Whether an error is transient. */
  mayPass?(error: unknown): boolean
  /** Ends early if the secret moves. */
  pause(ms: number): Promise<void>
  /** Whether the outcome is still needed. */
  isWanted(): boolean
  onWindow(phase: 'opened' | 'closed', login: Login): void
}

/**
 * Finds the login that works in place of a rejected one: the version that the secret has moved to; otherwise AWSPENDING, which a database
 * has first while one user's password is rotated; otherwise a version that the secret moves to within the rotation window, or the one that
 * worked last.
 */
export class Search<Login extends Version> {
  readonly #parts: SearchParts<Login>
  readonly #refused: Refused<Login>
  /** AWSCURRENT, as far as is known. */
  #current: Login
  /** AWSPENDING, until it is tried. */
  #pending: Login | undefined
  /** The login that was rejected last. */
  #rejected: Login
  #error: unknown
  #kind: ErrorKind
  /** Whether a login was rejected, here or before: a probe may come a moment after another try. */
  #isNews: boolean

  constructor(parts: SearchParts<Login>, refused: Refused<Login>) {
    this.#parts = parts
    this.#refused = refused
    this.#current = refused.login
    this.#rejected = refused.login
    this.#error = refused.error
    this.#kind = parts.kindOf(refused.error)
    this.#isNews = !isProbe(refused)
  }

  async run(): Promise<Found<Login>> {
    const { login, hadWorked, atWork, insteadOf } = this.#refused
    const { followed, refusals } = this.#parts
    if (hadWorked) refusals.reconsider(login)
    const inHand = isProbe(this.#refused) ? this.#inHand() : undefined
    const foundInHand = inHand && (await this.#attempt(inHand))
    if (foundInHand !== undefined) return foundInHand
    const rejected = inHand ?? login
    this.#current = await followed.readAgain(rejected, insteadOf)
    const isSame = this.#current.versionId === rejected.versionId
    // A version that never logged in may have been read just before the database had it.
    const isTriedOnceMore = atWork || (!hadWorked && refusals.count(login) === 1 && !this.#parts.isTried?.())
    // A locked account is tried only once its pause is over.
    const mayTry = this.#kind !== 'locked' || refusals.waitMs(login) === 0
    if (!isSame || (isTriedOnceMore && mayTry && inHand === undefined)) {
      const found = await this.#attempt(this.#current, { atOnce: isSame })
      if (found !== undefined) return found
    }
    if (!hadWorked || !followed.hasWindows || this.#kind === 'locked') return (await this.#attemptLast()) ?? this.#wrong()
    return this.#inWindow()
  }

  /**
   * The login to try before it is replaced: a server may accept one only a moment after it was issued, and each new one would be rejected.
   * Undefined for a secret, of which a read issues nothing.
   */
  #inHand(): Login | undefined {
    const { followed, refusals } = this.#parts
    if (followed.hasWindows || followed.current() === undefined) return undefined
    const login = followed.currentLogin()
    return followed.hasEnded(login) || refusals.waitMs(login) > 0 ? undefined : login
  }

  /** The login that worked last may work again: a server may reject everything for a while. */
  async #attemptLast(): Promise<Found<Login> | undefined> {
    const { lastWorked, refusals } = this.#parts
    if (lastWorked === undefined || lastWorked.versionId === this.#current.versionId) return undefined
    return refusals.isHeldBack(lastWorked) ? undefined : this.#attempt(lastWorked)
  }

  async #inWindow(): Promise<Found<Login>> {
    const { onWindow, isWanted } = this.#parts
    if (!isWanted()) return { kind: 'given up' }
    onWindow('opened', this.#current)
    const found = await this.#waitForRotation()
    onWindow('closed', this.#current)
    return found
  }

  async #waitForRotation(): Promise<Found<Login>> {
    const { clock, followed, windowMs, isWanted } = this.#parts
    const openedAt = clock.elapsedMs()
    const looked = new Set([this.#current.versionId])
    for (let round = 1; ; round += 1) {
      if (round % roundsForPending === 1) this.#pending ??= await followed.readPending(this.#current)
      const found = (await this.#attemptPending()) ?? (round > 1 ? await this.#attemptAgain() : undefined)
      if (found !== undefined) return found
      const pauseMs = pauseBeforeLook(round)
      if (clock.elapsedMs() - openedAt + pauseMs > windowMs || this.#kind === 'locked') return this.#wrong()
      // If the secret has moved since it was read, nothing would end the pause.
      const before = this.#current.versionId
      const versionId = followed.current()?.versionId ?? before
      if (looked.has(versionId)) await this.#parts.pause(pauseMs)
      if (!isWanted()) return { kind: 'given up' }
      this.#current = await followed.readAgain(this.#current, this.#refused.insteadOf)
      looked.add(versionId).add(this.#current.versionId)
      if (this.#current.versionId !== before) this.#pending = undefined
    }
  }

  /** Its account may have received too many rejections already: then its one try waits for room, before all others. */
  async #attemptPending(): Promise<Found<Login> | undefined> {
    const pending = this.#pending
    if (pending === undefined || this.#parts.refusals.isExhausted(pending)) return undefined
    this.#pending = undefined
    return this.#attempt(pending, { insteadOf: this.#current.versionId })
  }

  async #attemptAgain(): Promise<Found<Login> | undefined> {
    return (await this.#attempt(this.#current)) ?? (await this.#attemptLast())
  }

  /** Undefined if the login is rejected, or may not be tried yet. */
  async #attempt(
    login: Login,
    { atOnce = false, insteadOf }: { atOnce?: boolean; insteadOf?: string } = {},
  ): Promise<Found<Login> | undefined> {
    const { refusals, isWanted, kindOf } = this.#parts
    await this.#parts.whenQuiet?.()
    if (!isWanted()) return { kind: 'given up' }
    if (!atOnce && refusals.waitMs(login) > 0) return undefined
    const error = await this.#parts.prove(login)
    if (!isWanted()) return { kind: 'given up' }
    if (error === undefined) return { kind: 'works', login, ...(insteadOf !== undefined && { insteadOf }) }
    const kind = kindOf(error)
    if (this.#refused.hadWorked && this.#parts.mayPass?.(error)) return undefined
    if (kind === 'full' && this.#refused.hadWorked && this.#parts.makeRoom !== undefined) {
      // The next round tries again; waiting requests are given the error of the earlier rejection.
      this.#parts.makeRoom()
      return undefined
    }
    if (!isRefusal(kind)) return { kind: 'undecided', login: this.#current, error }
    refusals.note(login, kind, error)
    this.#isNews = true
    this.#rejected = login
    this.#error = error
    this.#kind = kind
    return undefined
  }

  #wrong(): Found<Login> {
    // The replacement of a rejected login may not have been tried yet.
    const login = this.#parts.followed.hasWindows ? this.#current : this.#rejected
    return { kind: 'wrong', login, error: this.#error, isNews: this.#isNews }
  }
}

/** Whether a login that was found to be invalid is tried again, after its pause. */
function isProbe({ atWork, hadWorked }: Pick<Refused<never>, 'atWork' | 'hadWorked'>): boolean {
  return atWork && !hadWorked
}
