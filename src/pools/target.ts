import type { Version } from './followed-secret.js'

/**
 * What is known of the login that is used now.
 *
 * ```
 * empty ─ the secret is read ─▶ untried ─ it logs in ─▶ proven ◀──────────── it logs in again ────────────┐
 *   ▲                             │                        │  ▲                                           │
 *   │                             └────── refused ─────────┤  └─ another login, which the mover has found ┤
 *   └─ the cache has let it go                             ▼                                              │
 *                                                       refused ── none was found ──▶ wrong ── a probe ───┘
 * ```
 */
export type TargetState<Login extends Version> =
  | { readonly kind: 'empty' }
  | { readonly kind: 'untried'; readonly login: Login }
  | { readonly kind: 'proven'; readonly login: Login; readonly provenAt: number }
  | Refused<Login>
  | { readonly kind: 'wrong'; readonly login: Login; readonly error: unknown }

/** The mover looks for a login that works. */
export interface Refused<Login extends Version> {
  readonly kind: 'refused'
  readonly login: Login
  readonly error: unknown
  /** Whether it had worked before: then a rotation may be under way. */
  readonly hadWorked: boolean
  /** Whether what was refused was work, which may have other reasons: then the version itself is still to be tried. */
  readonly atWork: boolean
  /** The version that was AWSCURRENT when it was last seen, if it is AWSPENDING that was refused. */
  readonly insteadOf?: string
}

/** The login that a pool or a swap uses: one state, which changes here only. */
export class Target<Login extends Version> {
  #state: TargetState<Login> = { kind: 'empty' }
  #lastWorked: Login | undefined
  #insteadOf: string | undefined

  get state(): TargetState<Login> {
    return this.#state
  }

  get login(): Login | undefined {
    return this.#state.kind === 'empty' ? undefined : this.#state.login
  }

  /** The last login that worked, whatever has become of it. */
  get lastWorked(): Login | undefined {
    return this.#lastWorked
  }

  /** While AWSPENDING is logged in with: the version that is still AWSCURRENT, though the database refuses it. */
  get insteadOf(): string | undefined {
    return this.#insteadOf
  }

  get isRefused(): boolean {
    return this.#state.kind === 'refused'
  }

  /** The secret was read. What has worked is used until a newer version is proven. */
  read(login: Login): void {
    if (this.#state.kind !== 'empty') return
    this.#state =
      this.#lastWorked === undefined
        ? { kind: 'untried', login }
        : { kind: 'proven', login: this.#lastWorked, provenAt: Number.NEGATIVE_INFINITY }
  }

  /** The cache has let the secret go: denied, or out of reach for longer than it may be kept. */
  lost(): void {
    if (this.#state.kind === 'proven' || this.#state.kind === 'untried') this.#state = { kind: 'empty' }
  }

  /** The cache has the secret again. */
  regained(): void {
    if (this.#lastWorked !== undefined) this.read(this.#lastWorked)
  }

  works(login: Login, provenAt: number, insteadOf: string | undefined = this.#keptInsteadOf(login)): void {
    this.#lastWorked = login
    this.#insteadOf = insteadOf
    this.#state = { kind: 'proven', login, provenAt }
  }

  /** Nobody is to take it that the login still works, until one has shown it. */
  doubt(): void {
    if (this.#state.kind === 'proven') this.#state = { ...this.#state, provenAt: Number.NEGATIVE_INFINITY }
  }

  refused(refusal: Omit<Refused<Login>, 'kind' | 'insteadOf'>): void {
    this.#state = { ...refusal, kind: 'refused', ...(this.#insteadOf !== undefined && { insteadOf: this.#insteadOf }) }
  }

  wrong(login: Login, error: unknown): void {
    this.#insteadOf = undefined
    this.#state = { kind: 'wrong', login, error }
  }

  /** The server did not answer: that says nothing about the login. */
  undecided(login: Login): void {
    this.#insteadOf = undefined
    this.#state = { kind: 'untried', login }
  }

  /** AWSPENDING, which is logged in with, has become AWSCURRENT. */
  pendingBecameCurrent(): void {
    this.#insteadOf = undefined
  }

  #keptInsteadOf(login: Login): string | undefined {
    return this.login?.versionId === login.versionId ? this.#insteadOf : undefined
  }
}
