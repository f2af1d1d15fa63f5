import type { CompleteClock } from '../core/time/clock.js'
import type { FollowedSecret, Version } from './followed-secret.js'
import { pauseBeforeLook } from './login-limits.js'

/** What came of a search. */
export type Found<Login extends Version> =
  /** `insteadOf`: the version that is still AWSCURRENT, if it is AWSPENDING that works. */
  | { readonly kind: 'works'; readonly login: Login; readonly insteadOf?: string }
  | { readonly kind: 'unreachable'; readonly login: Login; readonly error: unknown }
  | { readonly kind: 'wrong'; readonly login: Login; readonly error: unknown }
  /** It has become needless. */
  | { readonly kind: 'given up' }

/** What a search starts from. */
export interface Refusal<Login extends Version> {
  readonly login: Login
  readonly error: unknown
  /** Whether what was refused was work, which may have other reasons, and not a login: then the version is still to be tried. */
  readonly inWork?: boolean
  /** Whether the login worked before: then a rotation may be under way. */
  readonly hadWorked: boolean
}

/** What a search does. */
export interface SearchParts<Login extends Version> {
  readonly secret: Pick<FollowedSecret<Login>, 'peek' | 'readAgain' | 'readPending'>
  readonly clock: CompleteClock
  readonly windowMs: number
  /** How many refused logins are left. */
  readonly budget: { left: number }
  isAuthError(error: unknown): boolean
  /** Logs in once outside of the pool; resolves with what the driver says if that does not work. */
  failureOf(login: Login): Promise<unknown>
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
export async function findLogin<Login extends Version>(
  { hadWorked, inWork = false, ...refused }: Refusal<Login>,
  parts: SearchParts<Login>,
): Promise<Found<Login>> {
  const { secret, clock, windowMs, budget } = parts
  const tried = new Set(inWork ? [] : [refused.login.versionId])
  let { error } = refused

  /** Answers undefined if the login is refused, too. */
  const attempt = async (login: Login, insteadOf?: string): Promise<Found<Login> | undefined> => {
    if (!parts.isWanted()) return { kind: 'given up' }
    tried.add(login.versionId)
    const failure = await parts.failureOf(login)
    if (!parts.isWanted()) return { kind: 'given up' }
    if (failure === undefined) return { kind: 'works', login, ...(insteadOf !== undefined && { insteadOf }) }
    if (!parts.isAuthError(failure)) return { kind: 'unreachable', login: current, error: failure }
    budget.left -= 1
    error = failure
    return undefined
  }

  let current = await secret.readAgain(refused.login)
  const isNew = !tried.has(current.versionId)
  if (isNew || (!hadWorked && budget.left > 0)) {
    const found = await attempt(current)
    if (found !== undefined) return found
  }
  if (!hadWorked) return { kind: 'wrong', login: current, error }
  if (!parts.isWanted()) return { kind: 'given up' }

  const waitForRotation = async (): Promise<Found<Login>> => {
    const openedAt = clock.now()
    let pausedMs = 0
    const looked = new Set([current.versionId])
    const pending = await secret.readPending(current)
    if (pending !== undefined && !tried.has(pending.versionId)) {
      const found = await attempt(pending, current.versionId)
      if (found !== undefined) return found
    }
    for (let round = 1; ; round += 1) {
      const pauseMs = pauseBeforeLook(round)
      // By the pauses, too: a clock that is set back would prolong the window.
      if (Math.max(clock.now() - openedAt, pausedMs) + pauseMs > windowMs) return { kind: 'wrong', login: current, error }
      // The secret may have moved since it was read: then nothing would end the pause.
      const { versionId } = secret.peek() ?? current
      if (!parts.isWanted()) return { kind: 'given up' }
      if (looked.has(versionId)) await parts.pause(pauseMs)
      pausedMs += pauseMs
      if (!parts.isWanted()) return { kind: 'given up' }
      current = await secret.readAgain(current)
      looked.add(versionId).add(current.versionId)
      // A version that was not tried yet is tried whatever was refused before: many connections may have been at the same time.
      const found = budget.left > 1 || !tried.has(current.versionId) ? await attempt(current) : undefined
      if (found !== undefined) return found
    }
  }
  parts.onWindow('opened', current)
  const found = await waitForRotation()
  parts.onWindow('closed', current)
  return found
}
