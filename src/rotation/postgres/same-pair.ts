import type { ProvidedUser } from '../database/database.js'
import { RotationRefusal } from '../rotation-error.js'
import { identifier } from './quoting.js'
import type { Role } from './roles.js'

/** Two users that should be a pair. */
export interface Pair extends Pick<ProvidedUser, 'username' | 'like' | 'isFirst'> {
  /** Whether AWSPREVIOUS opens the user. */
  isProven: boolean
}

/**
 * Refuses a user that may be somebody else's and only has the name of the other user of a pair. Nothing is granted before that is known:
 * otherwise those who can read the secret would get a stranger's rights, or the members of a group called `app_clone` would get those of
 * `app`.
 */
export function requireSamePair({ username, like, isFirst, isProven }: Pair, roles: readonly Role[]): void {
  const target = roles.find(({ name }) => name === username)
  const current = roles.find(({ name }) => name === like)
  requireNoMore(username, target?.beyond ?? [])
  if (isFirst) requireFirst({ username, like, isProven }, target, current)
  else if (target !== undefined) requireClone({ username, like, isProven }, target)
}

/** Those who have the current credentials must not get a user that may do more from a master that could not grant that itself. */
function requireNoMore(username: string, beyond: readonly string[]): void {
  if (beyond.includes(username)) {
    throw new RotationRefusal(
      `${username} has attributes, such as SUPERUSER or CREATEROLE, that the other user and the master lack`,
    )
  }
  if (beyond.length > 0)
    throw new RotationRefusal(`${username} is a member of ${beyond.join(', ')}, which the master may not grant`)
}

function requireFirst(
  { username, like, isProven }: Omit<Pair, 'isFirst'>,
  target: Role | undefined,
  current: Role | undefined,
): void {
  if (target === undefined) {
    throw new RotationRefusal(
      `there is no role ${username}, and the name of ${like} makes it the second user of that role`,
      'Give the application a user whose name does not end in _clone, which is the suffix of second users.',
    )
  }
  if (isProven || current?.memberOf.includes(username)) return
  throw new RotationRefusal(
    `${like} is not a member of ${username}, which may belong to somebody else: a name alone does not make a pair`,
    `Give the application a user whose name does not end in _clone. If the two are a pair: GRANT ${identifier(username)} TO ${identifier(like)}.`,
  )
}

function requireClone({ username, like, isProven }: Omit<Pair, 'isFirst'>, target: Role): void {
  // Its members already have the rights of the first user.
  if (target.memberOf.includes(like)) return
  if (isProven) {
    if (target.members.length === 0 || isMemberOfTarget(like, target)) return
    throw new RotationRefusal(
      `${username} has members (${target.members.join(', ')}), who would get the rights of ${like}`,
      `Revoke ${identifier(username)} from them. If they are meant to have those rights: GRANT ${identifier(like)} TO ${identifier(username)}.`,
    )
  }
  if (!isBare(target)) throw mayBeForeign(username, like, 'members, memberships, objects or privileges')
}

/** Whether it may belong to anybody: a clone whose making was cut off, or somebody else's new role. */
function isBare({ members, memberOf, isMentioned }: Role): boolean {
  return members.length === 0 && memberOf.length === 0 && !isMentioned
}

/** Whether it must have no open sessions: they would get the rights of the first user, too. */
export function mustHaveNoSessions({ username, isFirst, isProven }: Pair, roles: readonly Role[]): boolean {
  const target = roles.find(({ name }) => name === username)
  return !isFirst && !isProven && target !== undefined && isBare(target)
}

/** The refusal of a role with these things, which may be somebody else's. */
export function mayBeForeign(username: string, like: string, things: string): RotationRefusal {
  return new RotationRefusal(
    `${username} exists and is not a member of ${like}: it may belong to somebody else, since it has ${things}`,
    `Rename that role. If it is the second user of ${like}: GRANT ${identifier(like)} TO ${identifier(username)}.`,
  )
}

/** A pair that AWS's template has linked the other way round, from a user whose name ended in `_clone`: nothing is granted then. */
function isMemberOfTarget(like: string, { members }: Role): boolean {
  return members.includes(like)
}
