import type { ProvidedUser } from '../database/database.js'
import { RotationRefusal } from '../rotation-error.js'

/** What the catalog says of a role. */
export interface Role {
  name: string
  /** Its settings, such as `role=app`. */
  settings: readonly string[] | null
  /** The roles that it is a direct member of. */
  memberOf: readonly string[]
  /** Whether anything in the secret's database belongs to it. */
  ownsObjects: boolean
  /** Whether the session has its privileges. */
  isOurs: boolean
  /**
   * Roles that it can become and the pair's other user cannot, with more rights than the session may give: the role itself, if it is
   * for its attributes.
   */
  beyond: readonly string[]
}

/** Every attribute that only who has it may give. */
const attributes = ['rolcreaterole', 'rolcreatedb', 'rolreplication', 'rolbypassrls']

/**
 * Reads the two roles of a pair from the catalogs that all databases share. Every name is qualified, operators and types included: the
 * owner of this database may have laid out others of the same name.
 */
export const rolesQuery: string = `
  SELECT r.rolname::pg_catalog.text AS name, r.rolconfig AS settings,
    ARRAY(
      SELECT g.rolname::pg_catalog.text
      FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid OPERATOR(pg_catalog.=) m.roleid
      WHERE m.member OPERATOR(pg_catalog.=) r.oid
    ) AS "memberOf",
    EXISTS (
      SELECT FROM pg_catalog.pg_shdepend d JOIN pg_catalog.pg_database b ON b.oid OPERATOR(pg_catalog.=) d.dbid
      WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_authid'::pg_catalog.regclass::pg_catalog.oid
        AND d.refobjid OPERATOR(pg_catalog.=) r.oid
        AND d.deptype OPERATOR(pg_catalog.=) 'o'::pg_catalog."char"
        AND b.datname OPERATOR(pg_catalog.=) $3::pg_catalog.name
    ) AS "ownsObjects",
    pg_catalog.pg_has_role(r.oid, 'USAGE'::pg_catalog.text) AS "isOurs",
    ARRAY(
      SELECT g.rolname::pg_catalog.text FROM pg_catalog.pg_roles g
      WHERE pg_catalog.pg_has_role(r.oid, g.oid, 'MEMBER'::pg_catalog.text)
        AND NOT pg_catalog.pg_has_role(other.oid, r.oid, 'MEMBER'::pg_catalog.text)
        AND NOT pg_catalog.pg_has_role(other.oid, g.oid, 'MEMBER'::pg_catalog.text)
        AND (g.rolsuper OR NOT me.rolsuper AND (
          ${attributes.map(attribute => `g.${attribute} AND NOT me.${attribute}`).join(' OR ')}
          OR g.oid OPERATOR(pg_catalog.<>) r.oid
            AND NOT pg_catalog.pg_has_role(g.oid, 'MEMBER WITH ADMIN OPTION'::pg_catalog.text)
        ))
    ) AS "beyond"
  FROM pg_catalog.pg_roles r
    JOIN pg_catalog.pg_roles me ON me.rolname OPERATOR(pg_catalog.=) CURRENT_USER
    JOIN pg_catalog.pg_roles other ON other.rolname OPERATOR(pg_catalog.=) $2::pg_catalog.name
  WHERE r.rolname OPERATOR(pg_catalog.=) $1::pg_catalog.name OR r.rolname OPERATOR(pg_catalog.=) $2::pg_catalog.name`

/** Statements in the order of their transactions. */
export interface Takeover {
  link: string[]
  /** In the secret's database; empty if there is nothing to hand over. */
  handOver: string[]
  finish: string[]
}

/**
 * The statements that make `username` able to take over from `like`, its password last.
 *
 * One role of the pair owns everything: the one that was there first. The other is a member of it and works as it (`SET role` at
 * every login), so that whatever either of them makes belongs to the owner and is there for both. Objects that the member made
 * before that are handed over: after it has become a member, and before it works as the owner, so that it can use them throughout.
 */
export function takeover(
  { username, like }: Pick<ProvidedUser, 'username' | 'like'>,
  roles: readonly Role[],
  verifier: string,
): Takeover {
  const target = roles.find(({ name }) => name === username)
  requireNoMore(username, target?.beyond ?? [])
  const owner = ownerOf({ username, like }, roles)
  const member = owner === username ? like : username
  const found = roles.find(({ name }) => name === member)
  return {
    link: [
      ...(target !== undefined ? [] : [`CREATE ROLE ${identifier(username)} LOGIN`]),
      ...(found?.memberOf.includes(owner) ? [] : [`GRANT ${identifier(owner)} TO ${identifier(member)}`]),
    ],
    handOver: found?.ownsObjects ? handOver({ member, owner }, roles) : [],
    finish: [
      ...(found?.settings?.includes(`role=${owner}`)
        ? []
        : [`ALTER ROLE ${identifier(member)} SET role TO ${identifier(owner)}`]),
      `ALTER ROLE ${identifier(username)} PASSWORD '${verifier}'`,
    ],
  }
}

/** Who holds the current credentials must not get a user that may do more, made theirs by a master that could not give that itself. */
function requireNoMore(username: string, beyond: readonly string[]): void {
  if (beyond.includes(username)) {
    throw new RotationRefusal(
      `${username} has attributes, such as SUPERUSER or CREATEROLE, that the other user and the master lack`,
    )
  }
  if (beyond.length > 0)
    throw new RotationRefusal(`${username} is a member of ${beyond.join(', ')}, which the master may not grant`)
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
