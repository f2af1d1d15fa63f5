import type { Version } from './followed-logins.js'

/**
 * What is known about the login that is in use.
 *
 * ```
 * empty ─ the secret is read ─▶ untried ─ it logs in ─▶ proven ◀──────────── it logs in again ────────────┐
 *   ▲                             │                        │  ▲                                           │
 *   │                             └────── rejected ────────┤  └─ another login, which the mover has found ┤
 *   └─ the cache has dropped it                            ▼                                              │
 *                                                       refused ── none was found ──▶ wrong ── a probe ───┘
 * ```
 */
export type TargetState<Login extends Version> =
  | { readonly kind: 'empty' }
  | { readonly kind: 'untried'; readonly login: Login }
  | { readonly kind: 'proven'; readonly login: Login; readonly provenAt: number }
  | Refused<Login>
  | { readonly kind: 'wrong'; readonly login: Login; readonly error: unknown }

/** The mover searches for a login that works. */
export interface Refused<Login extends Version> {
  readonly kind: 'refused'
  readonly login: Login
  readonly error: unknown
  /** Whether it had worked before: then a rotation may be in progress. */
  readonly hadWorked: boolean
  /** Whether work was rejected rather than a login. That may have other reasons, so the version itself must still be tried. */
  readonly atWork: boolean
  /** The version that was AWSCURRENT when it was last read, if it is AWSPENDING that was rejected. */
  readonly insteadOf?: string
}

/** The login that a pool or a swap uses: one state, which changes only here. */
export class Target<Login extends Version> {
  readonly #now: () => number
  #state: TargetState<Login> = { kind: 'empty' }
  #since: number
  #lastWorked: Login | undefined
  #insteadOf: string | undefined

  /** `now`: the wall clock. */
  constructor(now: () => number) {
    this.#now = now
    this.#since = now()
  }

  get state(): TargetState<Login> {
    return this.#state
  }

  /** When the state, or the version in it, was another one for the last time, by the wall clock. */
  get since(): number {
    return this.#since
  }

  get login(): Login | undefined {
    return this.#state.kind === 'empty' ? undefined : this.#state.login
  }

  /** The last login that worked, whatever has happened to it since. */
  get lastWorked(): Login | undefined {
    return this.#lastWorked
  }

  /** While AWSPENDING is in use: the version that is still AWSCURRENT, though the database rejects it. */
  get insteadOf(): string | undefined {
    return this.#insteadOf
  }

  get isRefused(): boolean {
    return this.#state.kind === 'refused'
  }

  /** The secret was read. The login that worked `last`, if it may still work, is used until a newer version is proven. */
  read(login: Login, last: Login | undefined): void {
    if (this.#state.kind !== 'empty') return
    this.#become(
      last === undefined ? { kind: 'untried', login } : { kind: 'proven', login: last, provenAt: Number.NEGATIVE_INFINITY },
    )
  }

  /** The cache has dropped the secret: access was denied, or it could not be read for longer than it may be kept. */
  lost(): void {
    if (this.#state.kind === 'proven' || this.#state.kind === 'untried') this.#become({ kind: 'empty' })
  }

  /** The cache has the secret again. */
  regained(last: Login | undefined): void {
    if (last !== undefined) this.read(last, last)
  }

  works(login: Login, provenAt: number, insteadOf: string | undefined = this.#keptInsteadOf(login)): void {
    this.#lastWorked = login
    this.#insteadOf = insteadOf
    this.#become({ kind: 'proven', login, provenAt })
  }

  /** A new password of the login in use, which needs no proof. `wasLast`: and of the last one that worked. */
  renewed(login: Login, wasLast: boolean): boolean {
    if (this.#state.kind !== 'untried' && this.#state.kind !== 'proven') return false
    this.#become({ ...this.#state, login })
    if (wasLast) this.#lastWorked = login
    return true
  }

  /** The login is not assumed to work any more until it has logged in again. */
  doubt(): void {
    if (this.#state.kind === 'proven') this.#become({ ...this.#state, provenAt: Number.NEGATIVE_INFINITY })
  }

  refused(refusal: Omit<Refused<Login>, 'kind' | 'insteadOf'>): void {
    this.#become({ ...refusal, kind: 'refused', ...(this.#insteadOf !== undefined && { insteadOf: this.#insteadOf }) })
  }

  wrong(login: Login, error: unknown): void {
    this.#insteadOf = undefined
    this.#become({ kind: 'wrong', login, error })
  }

  /** The server did not respond, which says nothing about the login. */
  undecided(login: Login): void {
    this.#insteadOf = undefined
    this.#become({ kind: 'untried', login })
  }

  /** AWSPENDING, which is in use, has become AWSCURRENT. */
  pendingBecameCurrent(): void {
    this.#insteadOf = undefined
  }

  #become(state: TargetState<Login>): void {
    const { kind, login } = { login: undefined, ...this.#state }
    this.#state = state
    if (kind !== state.kind || login?.versionId !== this.login?.versionId) this.#since = this.#now()
  }

  #keptInsteadOf(login: Login): string | undefined {
    return this.login?.versionId === login.versionId ? this.#insteadOf : undefined
  }
}
