import { isRefusal } from './error-kind.js'
import { type FollowedLogins, unended, type Version } from './followed-logins.js'
import { pauseAfterFailure } from './limits.js'
import { Pause } from './pause.js'
import { Search, type SearchParts } from './search.js'
import type { Refused, Target } from './target.js'

/** What a mover needs, and what it reports. */
export interface MoverParts<Login extends Version> extends Omit<SearchParts<Login>, 'pause' | 'isWanted' | 'lastWorked'> {
  readonly followed: FollowedLogins<Login>
  readonly target: Target<Login>
  /** Whether the mover must prove the first login now. A pool proves it with its first connection instead. */
  provesFirst?(): boolean
  /** A login works. */
  onWorks(login: Login, insteadOf?: string): void
  /** The login in use has a new password, which needs no proof. */
  onRenewed(login: Login): void
  /** AWSPENDING, which is in use, has become AWSCURRENT. */
  onPendingBecameCurrent(login: Login): void
  /** Waiting requests must fail with this error: no login works for now, or the server was not reached. */
  onGivenUp(error: unknown): void
  /** A version does not work. `isInUse`: and there is no other. */
  onRefused(login: Login, error: unknown, how: { isInUse: boolean }): void
  /** A version contains no login. */
  onUnusable(versionId: string, error: unknown): void
}

/** What the mover is doing. */
type MoverState = { readonly kind: 'resting' | 'stopped' } | { readonly kind: 'moving'; readonly done: Promise<void> }

/**
 * Finds the login that works: the version that the secret has moved to or, in place of a rejected one, the result of `Search`.
 *
 * There is never more than one proof at a time, and a version replaces another only after it has worked.
 */
export class Mover<Login extends Version> {
  readonly #parts: MoverParts<Login>
  /** Ends early if the secret moves, a login is rejected, or the following ends. */
  readonly #pause: Pause
  #state: MoverState = { kind: 'resting' }
  /** A version that contains no login; this is reported once. */
  #unusable: string | undefined
  /** The version whose proof failed last, and how often it failed for a reason other than its credentials. */
  #failing: { readonly versionId: string; readonly failures: number } | undefined
  /** The search for a server that was not reached, while it is running. */
  #looking: Promise<void> | undefined
  /** The callers that wait for the outcome of the current attempts; undefined while there are none, as in a pause. */
  #trying: (() => void)[] | undefined

  constructor(parts: MoverParts<Login>) {
    this.#parts = parts
    this.#pause = new Pause(parts.clock)
  }

  get isStopped(): boolean {
    return this.#state.kind === 'stopped'
  }

  /** Reads the secret for the first login. Rejects with a `SecretCacheError`; a version that contains no login is reported as well. */
  async read(): Promise<void> {
    const { followed, target } = this.#parts
    try {
      const login = await followed.read()
      target.read(login, this.#lastWorked)
    } finally {
      this.look()
    }
  }

  /** The secret has moved, so every pause ends. */
  moved(): void {
    const { followed, refusals } = this.#parts
    const current = followed.current()
    // A new token says nothing about the server.
    if (current !== undefined && followed.hasWindows) refusals.movedTo(current)
    this.#pause.end()
    this.look()
  }

  /** Moves to the version that the secret has moved to, if there is one and nothing else is running. */
  look(): void {
    if (this.isStopped) return
    const isResting = this.#state.kind === 'resting'
    // A pool whose connections are all idle may never read the secret itself.
    if (isResting && this.#parts.followed.peek() !== undefined) this.#parts.target.regained(this.#lastWorked)
    this.#renew()
    if (!isResting) return
    if (!this.#parts.target.isRefused && this.#next() === undefined) return
    this.#trying = []
    this.#state = { kind: 'moving', done: this.#move() }
  }

  /** Searches for a login in place of a rejected one. */
  refused(refusal: Omit<Refused<Login>, 'kind' | 'insteadOf'>): void {
    this.#parts.target.refused(refusal)
    this.#pause.end()
    this.look()
  }

  /** Retries a login that was found to be invalid and whose pause is over. */
  probe({ login, error }: Pick<Refused<Login>, 'login' | 'error'>): void {
    this.refused({ login, error, hadWorked: false, atWork: true })
  }

  /** A version that never logged in hangs, or fails otherwise than by a rejection: resolves once it is known whether the last one works. */
  async goBack(): Promise<void> {
    const { refusals, target } = this.#parts
    const { state } = target
    const lastWorked = this.#lastWorked
    if (this.#state.kind !== 'resting' || state.kind !== 'untried' || lastWorked === undefined) return
    if (lastWorked.versionId === state.login.versionId || refusals.isHeldBack(lastWorked)) return
    this.#trying = []
    this.#state = { kind: 'moving', done: this.#move(lastWorked) }
    await this.#untilTried()
  }

  /** A server was not reached: its address may have changed. */
  unreachable(login: Login): void {
    if (this.isStopped) return
    this.#looking ??= this.#lookForServer(login)
  }

  /** Resolves once it is known whether there is a login other than this one, whose server was not reached. */
  async elsewhere(login: Login): Promise<void> {
    await this.#looking
    const { followed, target } = this.#parts
    if (target.login === login && followed.hasMovedOnFrom(login)) await this.#untilTried()
  }

  /** The login that worked last, if it may work again. */
  get #lastWorked(): Login | undefined {
    const { followed, target } = this.#parts
    return unended(followed, target.lastWorked)
  }

  #renew(): void {
    const { followed, target } = this.#parts
    const { lastWorked, login } = target
    const renewed = login && followed.renewalOf(login)
    const wasLast = lastWorked !== undefined && followed.renewalOf(lastWorked) !== undefined
    if (renewed === undefined || !target.renewed(renewed, wasLast)) return
    if (renewed.versionId !== login?.versionId) this.#parts.onRenewed(renewed)
  }

  async #lookForServer(login: Login): Promise<void> {
    const { followed, target } = this.#parts
    await followed.lookForServer(login, target.insteadOf)
    this.#looking = undefined
    this.look()
  }

  /** Ends every pause. Resolves once nothing is running. */
  async stop(): Promise<void> {
    const done = this.#state.kind === 'moving' ? this.#state.done : undefined
    this.#state = { kind: 'stopped' }
    this.#pause.end()
    await done
  }

  /** `back`: the version to try first. */
  async #move(back?: Login): Promise<void> {
    // Lets the caller finish first.
    await undefined
    try {
      if (back !== undefined) await this.#moveBackTo(back)
      while (!this.isStopped) {
        const { state } = this.#parts.target
        const next = this.#next()
        if (state.kind === 'refused') await this.#searchFor(state)
        else if (next !== undefined) await this.#moveTo(next)
        else break
      }
    } catch (error) {
      // For example, a getter of a foreign error has thrown. Waiting requests get the error, and the next change is followed again.
      this.#parts.onGivenUp(error)
    } finally {
      if (!this.isStopped) this.#state = { kind: 'resting' }
      this.#tried()
    }
  }

  async #take(pauseMs: number): Promise<void> {
    this.#tried()
    await this.#pause.take(pauseMs)
    this.#trying = []
  }

  #untilTried(): Promise<void> {
    return new Promise(resolve => (this.#trying === undefined ? resolve() : this.#trying.push(resolve)))
  }

  #tried(): void {
    const waiting = this.#trying ?? []
    this.#trying = undefined
    for (const goOn of waiting) goOn()
  }

  /** The version to move to, if there is one. */
  #next(): Login | undefined {
    const { followed, target } = this.#parts
    const current = followed.current()
    const { login, insteadOf } = target
    if (current === undefined || target.isRefused) return undefined
    const { versionId } = current
    if (versionId === insteadOf || versionId === this.#unusable) return undefined
    // The first login is read by the first request for a connection.
    if (login === undefined) return void this.#loginOf(current)
    if (versionId === login.versionId) {
      if (target.state.kind === 'untried' && this.#parts.provesFirst?.()) return login
      if (insteadOf !== undefined) {
        target.pendingBecameCurrent()
        this.#parts.onPendingBecameCurrent(login)
      }
      return undefined
    }
    return this.#loginOf(current)
  }

  /** Undefined, and reported once, if the version contains no login. */
  #loginOf(current: Version): Login | undefined {
    try {
      return this.#parts.followed.currentLogin()
    } catch (error) {
      this.#unusable = current.versionId
      this.#parts.onUnusable(current.versionId, error)
      return undefined
    }
  }

  async #moveTo(next: Login): Promise<void> {
    const { followed, refusals, target } = this.#parts
    const waitMs = refusals.waitMs(next)
    if (waitMs > 0) {
      await this.#take(waitMs)
      return
    }
    // Before any version has worked, the newest one is used: requests for the first client wait for that.
    if (this.#parts.provesFirst !== undefined && target.state.kind === 'untried' && target.lastWorked === undefined)
      target.undecided(next)
    const error = await this.#parts.prove(next)
    if (this.isStopped) return
    if (error === undefined) {
      this.#failing = undefined
      this.#parts.onWorks(next)
      return
    }
    const kind = this.#parts.kindOf(error)
    if (target.state.kind === 'untried' && target.login === next) {
      if (isRefusal(kind)) {
        refusals.note(next, kind, error)
        target.refused({ login: next, error, hadWorked: false, atWork: false })
      } else this.#parts.onGivenUp(error)
      return
    }
    const failing = this.#failing?.versionId === next.versionId ? this.#failing : undefined
    if (failing === undefined) this.#parts.onRefused(next, error, { isInUse: false })
    if (isRefusal(kind)) {
      refusals.note(next, kind, error)
      // No request asks for it. Another user is not replaced while the one before works: each may be a lease.
      const isNeeded = target.state.kind !== 'proven' || refusals.isOfAccount(next, target.state.login)
      if (isNeeded && !followed.hasWindows) await followed.readAgain(next, undefined)
    }
    if (kind === 'full') this.#parts.makeRoom?.()
    const failures = (failing?.failures ?? 0) + Number(!isRefusal(kind))
    this.#failing = { versionId: next.versionId, failures }
    // A change during the proof did not end any pause.
    const hasMoved = this.#next()?.versionId !== next.versionId
    if (!hasMoved && !isRefusal(kind)) await this.#take(pauseAfterFailure(failures))
  }

  async #moveBackTo(login: Login): Promise<void> {
    const { kindOf, onWorks, prove, refusals } = this.#parts
    const error = await prove(login)
    if (this.isStopped) return
    if (error === undefined) {
      onWorks(login)
      return
    }
    const kind = kindOf(error)
    if (isRefusal(kind)) refusals.note(login, kind, error)
  }

  async #searchFor(refused: Refused<Login>): Promise<void> {
    const parts = this.#parts
    const isWanted = (): boolean => parts.target.state === refused && !this.isStopped
    const search = { ...parts, isWanted, lastWorked: this.#lastWorked, pause: (ms: number) => this.#take(ms) }
    const found = await new Search(search, refused).run()
    if (!isWanted()) return
    if (found.kind === 'works') parts.onWorks(found.login, found.insteadOf)
    else if (found.kind === 'undecided') {
      parts.target.undecided(found.login)
      parts.onGivenUp(found.error)
    } else if (found.kind === 'wrong') {
      parts.target.wrong(found.login, found.error)
      parts.onGivenUp(found.error)
      if (found.isNews) parts.onRefused(found.login, found.error, { isInUse: true })
    }
  }
}
