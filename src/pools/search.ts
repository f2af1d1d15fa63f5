import type { CompleteClock } from '../core/time/clock.js'
import { type ErrorKind, isRefusal } from './error-kind.js'
import type { FollowedSecret, Version } from './followed-secret.js'
import { pauseBeforeLook } from './limits.js'
import type { Refusals } from './refusals.js'
import type { Refused } from './target.js'

/** What came of a search. */
export type Found<Login extends Version> =
  /** `insteadOf`: the version that is still AWSCURRENT, if it is AWSPENDING that works. */
  | { readonly kind: 'works'; readonly login: Login; readonly insteadOf?: string }
  /** The server has not judged the login: it was not reached, or has no room. */
  | { readonly kind: 'undecided'; readonly login: Login; readonly error: unknown }
  | { readonly kind: 'wrong'; readonly login: Login; readonly error: unknown }
  /** It has become needless. */
  | { readonly kind: 'given up' }

/** What a search does. */
export interface SearchParts<Login extends Version> {
  readonly clock: CompleteClock
  readonly secret: Pick<FollowedSecret<Login>, 'current' | 'readAgain' | 'readPending'>
  readonly refusals: Refusals<Login>
  readonly windowMs: number
  kindOf(error: unknown): ErrorKind
  /** Logs in once outside of the pool; resolves with what the driver says if that does not work. */
  prove(login: Login): Promise<unknown>
  /** Closes a connection, so that a proof finds room at the server. */
  makeRoom?(): void
  /** Whether an error passes by itself. */
  mayPass?(error: unknown): boolean
  /** Ends early if the secret moves. */
  pause(ms: number): Promise<void>
  /** Whether the outcome is still wanted. */
  isWanted(): boolean
  onWindow(phase: 'opened' | 'closed', login: Login): void
}

/**
 * Finds the login that works in the place of a refused one: the version that the secret has moved to; else AWSPENDING, which a database
 * knows first while one user's password is rotated; else what the secret moves to within the window.
 */
export class Search<Login extends Version> {
  readonly #parts: SearchParts<Login>
  readonly #refused: Refused<Login>
  /** AWSCURRENT, as far as is known. */
  #current: Login
  #error: unknown
  #kind: ErrorKind

  constructor(parts: SearchParts<Login>, refused: Refused<Login>) {
    this.#parts = parts
    this.#refused = refused
    this.#current = refused.login
    this.#error = refused.error
    this.#kind = parts.kindOf(refused.error)
  }

  async run(): Promise<Found<Login>> {
    const { login, hadWorked, atWork, insteadOf } = this.#refused
    const { refusals, secret } = this.#parts
    this.#current = await secret.readAgain(login, insteadOf)
    const isSame = this.#current.versionId === login.versionId
    // A version that never logged in may have been read a moment before the database knew it.
    const isTriedOnceMore = atWork || (!hadWorked && refusals.count(login) === 1)
    // A locked account only once its pause is over.
    const mayTry = this.#kind !== 'locked' || refusals.waitMs(login) === 0
    if (!isSame || (isTriedOnceMore && mayTry)) {
      const found = await this.#attempt(this.#current, { atOnce: isSame })
      if (found !== undefined) return found
    }
    if (!hadWorked || this.#kind === 'locked') return this.#wrong()
    return this.#inWindow()
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
    const { clock, secret, refusals, windowMs, isWanted } = this.#parts
    const openedAt = clock.elapsedMs()
    const looked = new Set([this.#current.versionId])
    const pending = await secret.readPending(this.#current)
    if (pending !== undefined && !refusals.isExhausted(pending)) {
      const found = await this.#attempt(pending, { insteadOf: this.#current.versionId })
      if (found !== undefined) return found
    }
    for (let round = 1; ; round += 1) {
      const pauseMs = pauseBeforeLook(round)
      if (clock.elapsedMs() - openedAt + pauseMs > windowMs || this.#kind === 'locked') return this.#wrong()
      // The secret may have moved since it was read: then nothing would end the pause.
      const versionId = secret.current()?.versionId ?? this.#current.versionId
      if (looked.has(versionId)) await this.#parts.pause(pauseMs)
      if (!isWanted()) return { kind: 'given up' }
      this.#current = await secret.readAgain(this.#current, this.#refused.insteadOf)
      looked.add(versionId).add(this.#current.versionId)
      const found = await this.#attempt(this.#current)
      if (found !== undefined) return found
    }
  }

  /** Undefined if the login is refused, or may not be tried yet. */
  async #attempt(
    login: Login,
    { atOnce = false, insteadOf }: { atOnce?: boolean; insteadOf?: string } = {},
  ): Promise<Found<Login> | undefined> {
    const { refusals, isWanted, kindOf } = this.#parts
    if (!isWanted()) return { kind: 'given up' }
    if (!atOnce && refusals.waitMs(login) > 0) return undefined
    const error = await this.#parts.prove(login)
    if (!isWanted()) return { kind: 'given up' }
    if (error === undefined) return { kind: 'works', login, ...(insteadOf !== undefined && { insteadOf }) }
    const kind = kindOf(error)
    if (this.#refused.hadWorked && this.#parts.mayPass?.(error)) return undefined
    if (kind === 'full' && this.#refused.hadWorked && this.#parts.makeRoom !== undefined) {
      // The next round tries again; what was refused before is what whoever waits is told.
      this.#parts.makeRoom()
      return undefined
    }
    if (!isRefusal(kind)) return { kind: 'undecided', login: this.#current, error }
    refusals.note(login, kind, error)
    this.#error = error
    this.#kind = kind
    return undefined
  }

  #wrong(): Found<Login> {
    return { kind: 'wrong', login: this.#current, error: this.#error }
  }
}
