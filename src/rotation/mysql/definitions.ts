import type { MasterConnection } from './copy-grants.js'
import { type Account, literal, parseAccount } from './dialect.js'

/** An object that somebody has created. */
export interface Definition {
  /** Such as `PROCEDURE`. */
  kind: string
  schema: string
  name: string
}

interface DefinitionRow extends Definition {
  definer: string
  /** Whose rights it uses. */
  security: string
}

/** A view that lists definitions: the names of its columns, or an expression in place of one. */
interface View {
  view: string
  kind: string
  schema: string
  name: string
  definer: string
  security: string
}

const routines: View = {
  view: 'ROUTINES',
  kind: 'ROUTINE_TYPE',
  schema: 'ROUTINE_SCHEMA',
  name: 'ROUTINE_NAME',
  definer: 'DEFINER',
  security: 'SECURITY_TYPE',
}

/** Objects that use the rights of their definer, always or if they say so. */
const works: readonly View[] = [
  routines,
  { ...routines, view: 'VIEWS', kind: "'VIEW'", schema: 'TABLE_SCHEMA', name: 'TABLE_NAME' },
  { ...routines, view: 'TRIGGERS', kind: "'TRIGGER'", schema: 'TRIGGER_SCHEMA', name: 'TRIGGER_NAME', security: "'DEFINER'" },
  { ...routines, view: 'EVENTS', kind: "'EVENT'", schema: 'EVENT_SCHEMA', name: 'EVENT_NAME', security: "'DEFINER'" },
]

/** Objects to which a server grants their creator rights. */
const made: Readonly<Record<'ROUTINE' | 'LIBRARY', View>> = {
  // SHOW GRANTS has the names in lower case, as the server, not JavaScript, converts each letter.
  ROUTINE: { ...routines, name: 'LOWER(ROUTINE_NAME)' },
  LIBRARY: {
    view: 'LIBRARIES',
    kind: "'LIBRARY'",
    schema: 'LIBRARY_SCHEMA',
    name: 'LOWER(LIBRARY_NAME)',
    definer: 'CREATOR',
    security: "''",
  },
}

/** The routines or libraries that an account has created, as far as the master may see them, named as in SHOW GRANTS. */
export async function madeBy(connection: MasterConnection, account: Account, kind: keyof typeof made): Promise<Definition[]> {
  const found = await definitionsBy(connection, account, made[kind])
  return found.filter(({ definer }) => definer === `${account.user}@${account.host}`)
}

/**
 * The objects that use the rights of an account, whoever calls them, as far as the master may see them. A definer without an account uses
 * the rights of the account of its name that would accept a login from its host. So every object whose definer has the name counts, except
 * those of another account that exists.
 */
export async function definitionsOf(
  connection: MasterConnection,
  account: Account,
  there: readonly Account[],
): Promise<Definition[]> {
  const found: DefinitionRow[] = []
  for (const view of works) found.push(...(await definitionsBy(connection, account, view)))
  const others = there.filter(({ host }) => host !== account.host).map(({ host }) => host)
  return found.filter(({ definer, security }) => {
    const { user, host } = parseAccount(definer)
    return security === 'DEFINER' && user === account.user && !others.includes(host)
  })
}

/** Objects whose definer has the name of an account, or almost, because the views compare names without regard to case. */
async function definitionsBy(
  { rows }: MasterConnection,
  { user }: Account,
  { view, kind, schema, name, definer, security }: View,
): Promise<DefinitionRow[]> {
  const start = `${user}@`
  return rows<DefinitionRow>(
    `SELECT ${kind} AS kind, ${schema} AS \`schema\`, ${name} AS name, ${definer} AS definer, ${security} AS security FROM information_schema.${view} WHERE LEFT(${definer}, ${[...start].length}) = ${literal(start)}`,
  )
}
