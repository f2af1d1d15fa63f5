import type { Role } from './roles.js'
import type { WorkRole } from './work-roles.js'

/**
 * Whether an existing second user keeps its way of working, as AWS's template leaves it: as itself, with rights of its own that it would
 * lose if its sessions began as the first user. What those are, nobody but an administrator can tell, who hands them over and sets the
 * `role` of the second user.
 */
export function keepsOwnWay(clone: Role, first: Role, found: readonly WorkRole[]): boolean {
  const hasOwn = clone.isMentioned || clone.memberOf.some(group => group !== first.name)
  return hasOwn && !found.some(setting => isOfAnother(setting, clone))
}

/** A setting by which the sessions of the second user begin as another role. One that names a role which it cannot become has no effect. */
function isOfAnother({ of, database, value, isOpenToClone }: WorkRole, { name }: Role): boolean {
  return of === 'clone' && database === null && isOpenToClone && value !== 'none' && value !== name
}

/** The reason for the log. */
export function ownWay(clone: string, first: string): string {
  return (
    `${clone} keeps working as itself, because it may have objects or privileges of its own, and ${first} may have no rights to what it creates; ` +
    `docs/rotation.md says how to have it work as ${first}`
  )
}
