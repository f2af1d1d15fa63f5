import { identifier } from './quoting.js'
import type { Role } from './roles.js'
import type { WorkRole } from './work-roles.js'

/**
 * Whether the second user goes on working as itself: it owns something, made before rotations by this function, to which it would lose its
 * rights as anybody else. Another owner takes locks in a database that is not ours to trust, at a time that its administrator knows best.
 */
export function staysItself({ ownsIn }: Role, found: readonly WorkRole[]): boolean {
  return ownsIn.length > 0 && !found.some(({ of, database }) => of === 'clone' && database === null)
}

/** What to say of what the second user owns; undefined if that is nothing. */
export function ownObjects({ name, ownsIn }: Role, first: string): string | undefined {
  if (ownsIn.length === 0) return undefined
  return (
    `${name} owns objects, to which ${first} may have no rights, in ${ownsIn.map(identifier).join(', ')}: have an administrator run ` +
    `REASSIGN OWNED BY ${identifier(name)} TO ${identifier(first)} there, when no long transaction is open`
  )
}
