import type { ErrorKind } from './error-kind.js'
import type { LoginCounts, LoginFailure } from './pool-status.js'
import { codeOf } from './refused-reason.js'

/** What has happened to the logins that are followed, for their status: what no state keeps. */
export class LoginHistory {
  readonly #now: () => number
  readonly #counts = { logins: 0, failures: 0, moves: 0, retired: 0, windows: 0 }
  #lastFailure: LoginFailure | undefined
  #lastEvent: { readonly type: string; readonly at: number } | undefined
  #failing: { readonly kind: ErrorKind; readonly since: number } | undefined
  #isWindowOpen = false

  constructor(now: () => number) {
    this.#now = now
  }

  get counts(): LoginCounts {
    return { ...this.#counts }
  }

  get lastFailure(): LoginFailure | undefined {
    return this.#lastFailure
  }

  get lastEvent(): { readonly type: string; readonly at: number } | undefined {
    return this.#lastEvent
  }

  /** Whether the last login with the version in use failed, and since when that has been so. */
  get failing(): { readonly kind: ErrorKind; readonly since: number } | undefined {
    return this.#failing
  }

  get isWindowOpen(): boolean {
    return this.#isWindowOpen
  }

  loggedIn(isInUse: boolean): void {
    this.#counts.logins += 1
    if (isInUse) this.#failing = undefined
  }

  failed(versionId: string, how: { kind: ErrorKind; error: unknown; isInUse: boolean }): void {
    this.#counts.failures += 1
    this.#note(versionId, how)
    if (!how.isInUse) return
    this.#failing = { kind: how.kind, since: this.#failing?.kind === how.kind ? this.#failing.since : this.#now() }
  }

  /** Another login is in use. */
  moved(): void {
    this.#counts.moves += 1
    this.#failing = undefined
    this.#happened('credentials')
  }

  retired(): void {
    this.#counts.retired += 1
    this.#happened('retired')
  }

  window(phase: 'opened' | 'closed'): void {
    this.#isWindowOpen = phase === 'opened'
    if (this.#isWindowOpen) this.#counts.windows += 1
    this.#happened('window')
  }

  refused(versionId: string, how: { kind: ErrorKind; error: unknown }): void {
    this.#note(versionId, how)
    this.#happened('refused')
  }

  #note(versionId: string, { kind, error }: { kind: ErrorKind; error: unknown }): void {
    this.#lastFailure = { kind, code: codeOf(error), versionId, at: this.#now() }
  }

  #happened(type: string): void {
    this.#lastEvent = { type, at: this.#now() }
  }
}
