import { isRefusal } from './error-kind.js'
import type { FollowedSecret, Version } from './followed-secret.js'
import { pauseAfterFailure } from './limits.js'
import { Pause } from './pause.js'
import { Search, type SearchParts } from './search.js'
import type { Refused, Target } from './target.js'

/** What a mover does and tells. */
export interface MoverParts<Login extends Version> extends Omit<SearchParts<Login>, 'pause' | 'isWanted'> {
  readonly secret: FollowedSecret<Login>
  readonly target: Target<Login>
  /** Whether the first login is for the mover to prove, now: a pool has its first connection for that. */
  provesFirst?(): boolean
  /** A login works. */
  onWorks(login: Login, insteadOf?: string): void
  /** AWSPENDING, which is logged in with, has become AWSCURRENT. */
  onPendingBecameCurrent(login: Login): void
  /** Who waits is to be told this error: no login works for now, or the server was not reached. */
  onGivenUp(error: unknown): void
  /** A version does not work; `isInUse`: and there is no other. */
  onRefused(login: Login, error: unknown, how: { isInUse: boolean }): void
  /** No login can be made of a version. */
  onUnusable(versionId: string, error: unknown): void
}

/** What the mover is doing. */
type MoverState =
  | { readonly kind: 'resting' }
  | { readonly kind: 'moving'; readonly done: Promise<void> }
  | { readonly kind: 'stopped' }

/**
 * Finds the login that works: the version that the secret has moved to, or, in the place of one that was refused, what `Search` finds.
 *
 * There is never more than one proof at a time, and a version takes the place of another only after it has worked.
 */
export class Mover<Login extends Version> {
  readonly #parts: MoverParts<Login>
  /** Ends early if the secret moves, a login is refused, or nobody follows any more. */
  readonly #pause: Pause
  #state: MoverState = { kind: 'resting' }
  /** A version that no login can be made of; that is said once. */
  #unusable: string | undefined
  /** The version whose proof has failed last, and how often for another reason than its credentials. */
  #failing: { readonly versionId: string; readonly failures: number } | undefined
  /** The look for a server that was not reached, while it is under way. */
  #looking: Promise<void> | undefined
  /** Who waits for what comes of the logins that are tried; undefined while none is, as in a pause. */
  #trying: (() => void)[] | undefined

  constructor(parts: MoverParts<Login>) {
    this.#parts = parts
    this.#pause = new Pause(parts.clock)
  }

  get isStopped(): boolean {
    return this.#state.kind === 'stopped'
  }

  /** The secret has moved: whatever is waited for, there is something new. */
  moved(): void {
    this.#pause.end()
    this.look()
  }

  /** Moves to what the secret has moved to, if it has and nothing else is under way. */
  look(): void {
    if (this.#state.kind !== 'resting') return
    // A pool whose connections are all idle may never ask for the secret by itself.
    if (this.#parts.secret.peek() !== undefined) this.#parts.target.regained()
    if (!this.#parts.target.isRefused && this.#next() === undefined) return
    this.#trying = []
    this.#state = { kind: 'moving', done: this.#move() }
  }

  /** Looks for a login in the place of one that was refused. */
  refused(refusal: Omit<Refused<Login>, 'kind' | 'insteadOf'>): void {
    this.#parts.target.refused(refusal)
    this.#pause.end()
    this.look()
  }

  /** Tries a login again that was found to be wrong, and whose pause is over. */
  probe({ login, error }: Pick<Refused<Login>, 'login' | 'error'>): void {
    this.refused({ login, error, hadWorked: false, atWork: true })
  }

  /** A server was not reached: its address may have moved. */
  unreachable(login: Login): void {
    if (this.isStopped) return
    this.#looking ??= this.#lookForServer(login)
  }

  /** Resolves once it is known whether there is another login than this, whose server was not reached. */
  async elsewhere(login: Login): Promise<void> {
    await this.#looking
    const { secret, target } = this.#parts
    if (target.login !== login || !secret.hasMovedOnFrom(login)) return
    await new Promise<void>(resolve => (this.#trying === undefined ? resolve() : this.#trying.push(resolve)))
  }

  async #lookForServer(login: Login): Promise<void> {
    const { secret, target } = this.#parts
    await secret.lookForServer(login, target.insteadOf)
    this.#looking = undefined
    this.look()
  }

  /** Ends every pause. Resolves once nothing is under way. */
  async stop(): Promise<void> {
    const done = this.#state.kind === 'moving' ? this.#state.done : undefined
    this.#state = { kind: 'stopped' }
    this.#pause.end()
    await done
  }

  async #move(): Promise<void> {
    // So that whoever has begun it is done with what they do.
    await undefined
    try {
      while (!this.isStopped) {
        const { state } = this.#parts.target
        const next = this.#next()
        if (state.kind === 'refused') await this.#searchFor(state)
        else if (next !== undefined) await this.#moveTo(next)
        else break
      }
    } catch (error) {
      // A getter of somebody's error has thrown, say. Who waits is told, and the next change is followed again.
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

  #tried(): void {
    const waiting = this.#trying ?? []
    this.#trying = undefined
    for (const goOn of waiting) goOn()
  }

  /** The version to move to, if there is one. */
  #next(): Login | undefined {
    const { secret, target } = this.#parts
    const current = secret.current()
    const { login, insteadOf } = target
    if (current === undefined || login === undefined || target.isRefused) return undefined
    const { versionId } = current
    if (versionId === insteadOf || versionId === this.#unusable) return undefined
    if (versionId === login.versionId) {
      if (target.state.kind === 'untried' && this.#parts.provesFirst?.()) return login
      if (insteadOf !== undefined) {
        target.pendingBecameCurrent()
        this.#parts.onPendingBecameCurrent(login)
      }
      return undefined
    }
    try {
      return secret.loginOf(current)
    } catch (error) {
      this.#unusable = versionId
      this.#parts.onUnusable(versionId, error)
      return undefined
    }
  }

  async #moveTo(next: Login): Promise<void> {
    const { refusals, target } = this.#parts
    const waitMs = refusals.waitMs(next)
    if (waitMs > 0) {
      await this.#take(waitMs)
      return
    }
    // While nothing has worked, the version to use is the newest: who waits for the first client waits for that.
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
    if (isRefusal(kind)) refusals.note(next, kind, error)
    if (kind === 'full') this.#parts.makeRoom?.()
    const failures = (failing?.failures ?? 0) + (isRefusal(kind) ? 0 : 1)
    this.#failing = { versionId: next.versionId, failures }
    // What happened during the proof has woken nobody.
    const hasMoved = target.isRefused || this.#next()?.versionId !== next.versionId
    if (!hasMoved && !isRefusal(kind)) await this.#take(pauseAfterFailure(failures))
  }

  async #searchFor(refused: Refused<Login>): Promise<void> {
    const parts = this.#parts
    const isWanted = (): boolean => parts.target.state === refused && !this.isStopped
    const found = await new Search({ ...parts, isWanted, pause: ms => this.#take(ms) }, refused).run()
    if (!isWanted()) return
    if (found.kind === 'works') parts.onWorks(found.login, found.insteadOf)
    else if (found.kind === 'undecided') {
      parts.target.undecided(found.login)
      parts.onGivenUp(found.error)
    } else if (found.kind === 'wrong') {
      parts.target.wrong(found.login, found.error)
      parts.onGivenUp(found.error)
      parts.onRefused(found.login, found.error, { isInUse: true })
    }
  }
}
