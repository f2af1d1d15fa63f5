import { identifier } from './quoting.js'
import { toBecome } from './roles.js'

/** A setting of `role`, which determines the role that sessions begin as. */
export interface WorkRole {
  /** The database that it is for; null for all databases. */
  database: string | null
  /** Whose sessions it applies to: those of the pair's first user, of its second, or of everybody. */
  of: 'first' | 'clone' | 'all'
  /** Its value: the name of a role, or `none`. */
  value: string
  /** Whether the first user can become that role. If not, its sessions begin as if the setting did not exist. */
  isOpenToFirst: boolean
  /** Whether the second user can become that role. */
  isOpenToClone: boolean
}

/**
 * Reads the roles that the sessions of a pair begin as, from the catalogs that all databases share: `$1` is the first user, `$2` the
 * second; there are no rows while that does not exist. Every name is qualified, as in the query of the roles.
 */
export const workRolesQuery: string = `
  SELECT b.datname::pg_catalog.text AS database,
    CASE WHEN c.setrole OPERATOR(pg_catalog.=) u.oid THEN 'first'::pg_catalog.text
      WHEN c.setrole OPERATOR(pg_catalog.=) clone.oid THEN 'clone'::pg_catalog.text
      ELSE 'all'::pg_catalog.text END AS of,
    v.value,
    v.value OPERATOR(pg_catalog.=) 'none'::pg_catalog.text
      OR COALESCE(pg_catalog.pg_has_role(u.oid, g.oid, ${toBecome}), false) AS "isOpenToFirst",
    v.value OPERATOR(pg_catalog.=) 'none'::pg_catalog.text
      OR COALESCE(pg_catalog.pg_has_role(clone.oid, g.oid, ${toBecome}), false) AS "isOpenToClone"
  FROM pg_catalog.pg_roles u
    JOIN pg_catalog.pg_roles clone ON clone.rolname OPERATOR(pg_catalog.=) $2::pg_catalog.name
    JOIN pg_catalog.pg_db_role_setting c ON c.setrole OPERATOR(pg_catalog.=) u.oid
      OR c.setrole OPERATOR(pg_catalog.=) clone.oid OR c.setrole OPERATOR(pg_catalog.=) 0::pg_catalog.oid
    LEFT JOIN pg_catalog.pg_database b ON b.oid OPERATOR(pg_catalog.=) c.setdatabase
    CROSS JOIN LATERAL pg_catalog.unnest(c.setconfig) AS s (setting)
    CROSS JOIN LATERAL (SELECT pg_catalog.substr(s.setting, 6) AS value) AS v
    LEFT JOIN pg_catalog.pg_roles g ON g.rolname::pg_catalog.text OPERATOR(pg_catalog.=) v.value
  WHERE u.rolname OPERATOR(pg_catalog.=) $1::pg_catalog.name
    AND pg_catalog.substr(s.setting, 1, 5) OPERATOR(pg_catalog.=) 'role='::pg_catalog.text`

/**
 * The statements that make the second user's sessions begin, in each database, as the role that the first user's begin as there, or as the
 * first user if those have no such role. Nobody gains a right by that: as a member of the first user, the second can become whatever the
 * first can.
 */
export function workAs(
  { username, like }: Record<'username' | 'like', string>,
  found: readonly WorkRole[],
): { statements: string[]; withheld: string[] } {
  const wanted = new Map<string | null, string>([[null, like]])
  let withheld: string[] = []
  for (const database of new Set([null, ...found.map(setting => setting.database)])) {
    const { value, isOpenToClone } = beginningIn(database, found)
    // A superuser can become roles that it is not a member of.
    if (!isOpenToClone) withheld = ['role']
    const role = value === 'none' || !isOpenToClone ? like : value
    if (database === null || role !== wanted.get(null)) wanted.set(database, role)
  }
  const had = new Map(found.filter(({ of }) => of === 'clone').map(({ database, value }) => [database, value]))
  const alter = (database: string | null, what: string): string =>
    `ALTER ROLE ${identifier(username)}${database === null ? '' : ` IN DATABASE ${identifier(database)}`} ${what}`
  return {
    statements: [
      ...[...had.keys()].filter(database => !wanted.has(database)).map(database => alter(database, 'RESET role')),
      ...[...wanted]
        .filter(([database, role]) => had.get(database) !== role)
        .map(([database, role]) => alter(database, `SET role TO ${identifier(role)}`)),
    ],
    withheld,
  }
}

/** The setting by which the first user's sessions begin in a database: the most specific that they can follow. */
function beginningIn(database: string | null, found: readonly WorkRole[]): Pick<WorkRole, 'value' | 'isOpenToClone'> {
  const open = found.filter(({ isOpenToFirst }) => isOpenToFirst)
  const order = [
    [database, 'first'],
    [null, 'first'],
    [database, 'all'],
    [null, 'all'],
  ] as const
  for (const [place, whose] of order) {
    const setting = open.find(({ database, of }) => database === place && of === whose)
    if (setting !== undefined) return setting
  }
  return { value: 'none', isOpenToClone: true }
}
