import type { Role } from './roles.js'
import type { WorkRole } from './work-roles.js'

/**
 * Whether an existing second user keeps its way of working, as AWS's template leaves it: with rights of its own that it would lose if its
 * sessions began as the first user. What those are, nobody but an administrator can tell, who hands them over and sets the `role` of the
 * second user.
 */
export function keepsOwnWay(clone: Role, first: Role, found: readonly WorkRole[]): boolean {
  const hasOwn = clone.isMentioned || clone.memberOf.some(group => group !== first.name)
  return hasOwn && !worksAsFirst(clone, found)
}

/**
 * Whether the settings of the second user have all its sessions begin as the first user, or as another role that the first can become: that
 * of its own sessions, now or earlier.
 */
function worksAsFirst({ name }: Role, found: readonly WorkRole[]): boolean {
  // A setting that names a role which it cannot become has no effect.
  const effective = found.filter(({ of, isOpenToClone }) => of === 'clone' && isOpenToClone)
  return (
    effective.some(({ database }) => database === null) &&
    effective.every(({ value, isOpenToFirst }) => value !== 'none' && value !== name && isOpenToFirst)
  )
}

/** The reason for the log. */
export function ownWay(clone: string, first: string): string {
  return (
    `${clone} does not work as ${first}, because it may have objects or privileges of its own, and ${first} may have no rights to what it creates; ` +
    `docs/rotation.md says how to have it work as ${first}`
  )
}
