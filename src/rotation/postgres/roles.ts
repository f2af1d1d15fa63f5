import type { ProvidedUser } from '../database/database.js'
import { RotationRefusal } from '../rotation-error.js'

/** What the catalog says of a role. */
export interface Role {
  name: string
  /** Its settings, such as `role=app`. */
  settings: readonly string[] | null
  /** The roles that it is a direct member of. */
  memberOf: readonly string[]
  /** Whether anything in this database belongs to it. */
  ownsObjects: boolean
  /** Whether the session has its privileges. */
  isOurs: boolean
}

/** Reads the two roles of a pair. */
export const rolesQuery = `
  SELECT r.rolname AS name, r.rolconfig AS settings,
    ARRAY(SELECT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid) AS "memberOf",
    EXISTS (
      SELECT FROM pg_shdepend d JOIN pg_database b ON b.oid = d.dbid
      WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = r.oid AND d.deptype = 'o' AND b.datname = current_database()
    ) AS "ownsObjects",
    pg_has_role(r.oid, 'USAGE') AS "isOurs"
  FROM pg_roles r WHERE r.rolname IN ($1, $2)`

/**
 * The statements that make `username` able to take over from `like`, its password last. They run as one transaction.
 *
 * One role of the pair owns everything: the one that was there first. The other is a member of it and works as it (`SET role` at
 * every login), so that whatever either of them makes belongs to the owner and is there for both. Objects that the member made
 * before that are handed over.
 */
export function takeoverStatements(
  { username, like }: Pick<ProvidedUser, 'username' | 'like'>,
  roles: readonly Role[],
  verifier: string,
): string[] {
  const exists = roles.some(({ name }) => name === username)
  const owner = ownerOf({ username, like }, roles)
  const member = owner === username ? like : username
  const found = roles.find(({ name }) => name === member)
  return [
    ...(exists ? [] : [`CREATE ROLE ${identifier(username)} LOGIN`]),
    ...(found?.memberOf.includes(owner) ? [] : [`GRANT ${identifier(owner)} TO ${identifier(member)}`]),
    ...(found?.settings?.includes(`role=${owner}`) ? [] : [`ALTER ROLE ${identifier(member)} SET role TO ${identifier(owner)}`]),
    ...(found?.ownsObjects ? handOver({ member, owner }, roles) : []),
    `ALTER ROLE ${identifier(username)} PASSWORD '${verifier}'`,
  ]
}

/** A pair that is linked already stays as it is; of two strangers, the one without the suffix owns. */
function ownerOf({ username, like }: Pick<ProvidedUser, 'username' | 'like'>, roles: readonly Role[]): string {
  const pending = roles.find(({ name }) => name === username)
  if (pending === undefined || pending.memberOf.includes(like)) return like
  const current = roles.find(({ name }) => name === like)
  if (current?.memberOf.includes(username)) return username
  return username.length < like.length ? username : like
}

/** Only who has the privileges of both roles may hand over, and a master that is no superuser has to be given them for the moment. */
function handOver({ member, owner }: { member: string; owner: string }, roles: readonly Role[]): string[] {
  const foreign = [member, owner].filter(name => !roles.find(role => role.name === name)?.isOurs)
  return [
    // Tables are locked: better to fail and be called again than to keep the application's queries waiting behind us.
    "SET LOCAL lock_timeout = '3s'",
    ...foreign.map(name => `GRANT ${identifier(name)} TO CURRENT_USER`),
    `REASSIGN OWNED BY ${identifier(member)} TO ${identifier(owner)}`,
    ...foreign.map(name => `REVOKE ${identifier(name)} FROM CURRENT_USER`),
  ]
}

/** Quotes a name, so that it can only be a name. */
export function identifier(name: string): string {
  // The statement would end there.
  if (name.includes('\0')) throw new RotationRefusal('a name in the secret has a NUL character')
  return `"${name.replaceAll('"', '""')}"`
}
