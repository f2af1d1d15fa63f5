import type { ErrorKind } from './error-kind.js'
import type { Version } from './followed-logins.js'
import type { KnownLogins } from './known-logins.js'
import type { FollowerStatus, LoginState, VersionConnections } from './pool-status.js'

/** What each kind of follower adds to what is known about its logins. */
export interface FollowerParts<Login extends Version> extends Pick<FollowerStatus, 'kind' | 'secretId'> {
  readonly userOf: (login: Login) => string | undefined
  /** The version of each open connection. */
  readonly openVersions: Iterable<string | undefined> | undefined
}

/** The status of what follows a secret, from the states that it keeps. */
export function followerStatus<Login extends Version>(
  known: KnownLogins<Login>,
  { kind, secretId, userOf, openVersions }: FollowerParts<Login>,
): FollowerStatus {
  const { target, history } = known
  const { login } = target
  return {
    kind,
    secretId,
    versionId: login?.versionId,
    user: login && userOf(login),
    state: stateOf(known),
    since: Math.max(target.since, history.failing?.since ?? 0),
    connections: openVersions && counted(openVersions),
    lastFailure: history.lastFailure,
    lastEvent: history.lastEvent,
    counts: history.counts,
  }
}

function stateOf<Login extends Version>({ target, history, followed, kindOf }: KnownLogins<Login>): LoginState {
  const { state, insteadOf } = target
  switch (state.kind) {
    case 'empty':
      return 'unproven'
    case 'untried':
      return outOfReach(history.failing?.kind) ?? 'unproven'
    case 'proven': {
      const isPending = insteadOf !== undefined
      const found = isPending ? 'window' : followed.hasMovedOnFrom(state.login) ? 'moving' : 'working'
      return outOfReach(history.failing?.kind) ?? found
    }
    case 'refused':
      if (kindOf(state.error) === 'locked') return 'locked'
      return history.isWindowOpen ? 'window' : 'moving'
    case 'wrong':
      return kindOf(state.error) === 'locked' ? 'locked' : 'refused'
  }
}

function outOfReach(kind: ErrorKind | undefined): 'full' | 'unreachable' | undefined {
  return kind === 'full' || kind === 'unreachable' ? kind : undefined
}

function counted(versionIds: Iterable<string | undefined>): VersionConnections[] {
  const counts = new Map<string | undefined, number>()
  for (const versionId of versionIds) counts.set(versionId, (counts.get(versionId) ?? 0) + 1)
  return [...counts].map(([versionId, count]) => ({ versionId, count }))
}
