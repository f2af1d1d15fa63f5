/** A role, as read from the catalog. */
export interface Role {
  name: string
  /** Its attributes, such as `CREATEDB`. */
  attributes: readonly string[]
  connectionLimit: number
  /** When its password expires, as ISO 8601 text; null for never. */
  validUntil: string | null
  /** Its settings, such as `work_mem=64MB`, each with its database; null for all databases. */
  settings: readonly (readonly [database: string | null, setting: string])[]
  /** The roles that it is a direct member of. */
  memberOf: readonly string[]
  /** Its direct members, except for the master and superusers. */
  members: readonly string[]
  /** Whether anything anywhere belongs to it, or was granted to it or by it. */
  isMentioned: boolean
  /** Whether it has the privileges of the pair's other user, and can become it. */
  worksAsOther: boolean | null
  /**
   * The roles that it can become and the pair's other user cannot, with more rights than the master may give; among them the role itself, if
   * the reason is its own attributes.
   */
  beyond: readonly string[]
  /** The attributes of the master, which runs this query. */
  masterHas: readonly string[]
  /** The version of the server, such as 180004. */
  version: number
}

/** Since this version, a membership has options, and each grantor has its own membership. */
export const membershipOptions = 160_000

const serverVersion = `pg_catalog.current_setting('server_version_num'::pg_catalog.text)::pg_catalog.int4`

/** Whether the master may grant any role but a superuser's: before memberships had options, CREATEROLE was enough for that. */
const mayGrantAny = `me.rolcreaterole AND ${serverVersion} OPERATOR(pg_catalog.<) ${membershipOptions}`

/** The attributes that only a role which has them may give. */
const grantable = ['CREATEROLE', 'CREATEDB', 'REPLICATION', 'BYPASSRLS']
const attributes = [...grantable, 'SUPERUSER', 'INHERIT', 'LOGIN']
const columns: Readonly<Record<string, string>> = { SUPERUSER: 'rolsuper', LOGIN: 'rolcanlogin' }
const columnOf = (attribute: string): string => columns[attribute] ?? `rol${attribute.toLowerCase()}`

const attributesOf = (alias: string): string => `
      SELECT a.attribute FROM (VALUES
        ${attributes.map(attribute => `('${attribute}'::pg_catalog.text, ${alias}.${columnOf(attribute)})`).join(', ')}
      ) AS a (attribute, has) WHERE a.has`

/** The privilege of a membership that allows `SET ROLE`. */
export const toBecome: string = `CASE
      WHEN ${serverVersion} OPERATOR(pg_catalog.>=) ${membershipOptions}
      THEN 'SET'::pg_catalog.text ELSE 'MEMBER'::pg_catalog.text END`

/**
 * Reads the two roles of a pair from the catalogs that all databases share. Every name is qualified, including operators and types: the
 * owner of this database may have created others with the same name.
 */
export const rolesQuery: string = `
  SELECT r.rolname::pg_catalog.text AS name,
    ARRAY(${attributesOf('r')}) AS attributes,
    r.rolconnlimit AS "connectionLimit",
    r.rolvaliduntil::pg_catalog.text AS "validUntil",
    ARRAY(
      SELECT ARRAY[b.datname::pg_catalog.text, s.setting]
      FROM pg_catalog.pg_db_role_setting c
        LEFT JOIN pg_catalog.pg_database b ON b.oid OPERATOR(pg_catalog.=) c.setdatabase,
        pg_catalog.unnest(c.setconfig) AS s (setting)
      WHERE c.setrole OPERATOR(pg_catalog.=) r.oid
    ) AS settings,
    ARRAY(
      SELECT g.rolname::pg_catalog.text
      FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid OPERATOR(pg_catalog.=) m.roleid
      WHERE m.member OPERATOR(pg_catalog.=) r.oid
    ) AS "memberOf",
    ARRAY(
      SELECT g.rolname::pg_catalog.text
      FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid OPERATOR(pg_catalog.=) m.member
      WHERE m.roleid OPERATOR(pg_catalog.=) r.oid AND g.oid OPERATOR(pg_catalog.<>) me.oid AND NOT g.rolsuper
    ) AS members,
    EXISTS (
      SELECT FROM pg_catalog.pg_shdepend d
      WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_authid'::pg_catalog.regclass::pg_catalog.oid
        AND d.refobjid OPERATOR(pg_catalog.=) r.oid
    ) AS "isMentioned",
    pg_catalog.pg_has_role(r.oid, other.oid, 'USAGE'::pg_catalog.text)
      AND pg_catalog.pg_has_role(r.oid, other.oid, ${toBecome}) AS "worksAsOther",
    ARRAY(
      SELECT g.rolname::pg_catalog.text FROM pg_catalog.pg_roles g
      WHERE pg_catalog.pg_has_role(r.oid, g.oid, 'MEMBER'::pg_catalog.text)
        AND NOT pg_catalog.pg_has_role(other.oid, r.oid, 'MEMBER'::pg_catalog.text)
        AND NOT pg_catalog.pg_has_role(other.oid, g.oid, 'MEMBER'::pg_catalog.text)
        AND (g.rolsuper OR NOT me.rolsuper AND (
          ${grantable
            .map(columnOf)
            .map(column => `g.${column} AND NOT me.${column} AND NOT COALESCE(other.${column}, false)`)
            .join(' OR ')}
          OR g.oid OPERATOR(pg_catalog.<>) r.oid AND NOT (${mayGrantAny})
            AND NOT pg_catalog.pg_has_role(g.oid, 'MEMBER WITH ADMIN OPTION'::pg_catalog.text)
        ))
    ) AS "beyond",
    ARRAY(${attributesOf('me')}) AS "masterHas",
    ${serverVersion} AS version
  FROM pg_catalog.pg_roles r
    JOIN pg_catalog.pg_roles me ON me.rolname OPERATOR(pg_catalog.=) CURRENT_USER
    LEFT JOIN pg_catalog.pg_roles other ON other.oid OPERATOR(pg_catalog.<>) r.oid
      AND (other.rolname OPERATOR(pg_catalog.=) $1::pg_catalog.name OR other.rolname OPERATOR(pg_catalog.=) $2::pg_catalog.name)
  WHERE r.rolname OPERATOR(pg_catalog.=) $1::pg_catalog.name OR r.rolname OPERATOR(pg_catalog.=) $2::pg_catalog.name`

/** The sessions of a role: no rows if there are none. By the function, because a hardened server may hide the view. */
export const sessionsQuery: string = `
  SELECT s.pid FROM pg_catalog.pg_stat_get_activity(NULL::pg_catalog.int4) s
    JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) s.usesysid
  WHERE r.rolname OPERATOR(pg_catalog.=) $1::pg_catalog.name`
