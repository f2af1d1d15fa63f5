import type { CompleteClock } from '../core/time/clock.js'

/** One version of a login, or what is derived from it. */
export interface Version {
  readonly versionId: string
}

/** A version that is known without a call. */
export interface Seen extends Version {
  /** Whether it is due to be read again. */
  readonly stale: boolean
  /** How long ago it was read. */
  readonly ageMs: number
}

/** The origin of the logins that a pool or another client follows. */
export interface FollowedLogins<Login extends Version> {
  readonly clock: CompleteClock
  /** Whether the server may have a version before it is the current one: then a rejected login may be in the middle of a rotation. */
  readonly hasWindows: boolean
  /** Calls the listener when there is another version. The returned function ends that. */
  onMoved(listener: () => void): () => void
  /** The version that may be used now, without a call. */
  peek(): Seen | undefined
  /** The version that is the current one, as far as is known. */
  current(): Version | undefined
  /** The login of that version. Throws if it contains none. */
  currentLogin(): Login
  /** Whether the current version is known to be another one. */
  hasMovedOnFrom(version: Version): boolean
  /** The current login, if it is this one with a new password that needs no proof: what the old one has opened stays as good. */
  renewalOf(login: Login): Login | undefined
  /** Reads the current version as any reader does. */
  read(): Promise<Login>
  /** Whether its end is over: no server accepts it any more. */
  hasEnded(login: Login): boolean
  /**
   * Reads the current version after `refused` was rejected, with a call unless another version is known already. Resolves with `refused` if
   * that fails. `insteadOf`: the version that was the current one when `refused`, which is still to become it, took its place.
   */
  readAgain(refused: Login, insteadOf: string | undefined): Promise<Login>
  /** Reads the current version again after its server was not reached, because the address may have changed without an event. */
  lookForServer(unreached: Login, insteadOf: string | undefined): Promise<void>
  /** A version that is to become the current one, if the server may already have it. */
  readPending(current: Login): Promise<Login | undefined>
}

/** The login, unless it has ended. */
export function unended<Login extends Version>(
  followed: Pick<FollowedLogins<Login>, 'hasEnded'>,
  login: Login | undefined,
): Login | undefined {
  return login !== undefined && followed.hasEnded(login) ? undefined : login
}
