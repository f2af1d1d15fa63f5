import { identifier } from './quoting.js'
import type { Role } from './roles.js'

/**
 * Why the second user keeps working as itself: what it would lose if its sessions worked as the first, which AWS's template does not make
 * them do. To hand that over takes locks in a database that is not ours to trust, at a time that its administrator knows best.
 *
 * Undefined if it would lose nothing, or works as another role already.
 */
export function ownAffairs(clone: Role, first: Role): string | undefined {
  if (worksAsAnother(clone)) return undefined
  const groups = clone.memberOf.filter(group => group !== first.name && !first.memberOf.includes(group))
  const reasons = [
    ...(clone.usedIn.length > 0 ? [`has objects or privileges of its own in ${list(clone.usedIn)}`] : []),
    ...(groups.length > 0 ? [`is a member of ${list(groups)}, which ${first.name} is not`] : []),
  ]
  if (reasons.length === 0) return undefined
  return (
    `${clone.name} keeps working as itself, because it ${reasons.join(', and ')}; ` +
    `docs/rotation.md says how to hand that over to ${first.name}, which may lack rights to it`
  )
}

/** Whether its sessions begin as another role by a setting of its own for all databases. */
function worksAsAnother({ name, settings }: Role): boolean {
  return settings.some(
    ([database, setting]) => database === null && setting.startsWith('role=') && !['role=none', `role=${name}`].includes(setting),
  )
}

const list = (names: readonly string[]): string => names.map(identifier).join(', ')
