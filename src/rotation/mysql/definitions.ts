import type { MasterConnection } from './copy-grants.js'
import { type Account, literal } from './dialect.js'

/** A routine, view, trigger or event with its definer. */
export interface Definition {
  /** As SHOW GRANTS writes it for routines, such as `PROCEDURE`. */
  kind: string
  schema: string
  name: string
}

interface DefinitionRow extends Definition {
  definer: string
  /** By whose rights it works; triggers and events by the definer's always. */
  security: string
}

/** The views that tell definitions, and their columns. */
const views = [
  ['ROUTINES', 'ROUTINE_TYPE', 'ROUTINE_SCHEMA', 'ROUTINE_NAME', 'SECURITY_TYPE'],
  ['VIEWS', "'VIEW'", 'TABLE_SCHEMA', 'TABLE_NAME', 'SECURITY_TYPE'],
  ['TRIGGERS', "'TRIGGER'", 'TRIGGER_SCHEMA', 'TRIGGER_NAME', "'DEFINER'"],
  ['EVENTS', "'EVENT'", 'EVENT_SCHEMA', 'EVENT_NAME', "'DEFINER'"],
] as const

/** The routines that an account has made, as far as the master may see them. */
export async function routinesOf(connection: MasterConnection, account: Account): Promise<Definition[]> {
  return definedBy(connection, account, views[0])
}

/** What works with the rights of an account, whoever calls it, as far as the master may see it. */
export async function definitionsOf(connection: MasterConnection, account: Account): Promise<Definition[]> {
  const found: DefinitionRow[] = []
  for (const view of views) found.push(...(await definedBy(connection, account, view)))
  return found.filter(({ security }) => security === 'DEFINER')
}

async function definedBy(
  { rows }: MasterConnection,
  { user, host }: Account,
  [view, kind, schema, name, security]: (typeof views)[number],
): Promise<DefinitionRow[]> {
  const definer = `${user}@${host}`
  const found = await rows<DefinitionRow>(
    `SELECT ${kind} AS kind, ${schema} AS \`schema\`, ${name} AS name, DEFINER AS definer, ${security} AS security FROM information_schema.${view} WHERE DEFINER = ${literal(definer)}`,
  )
  // The views compare names without regard to case.
  return found.filter(row => row.definer === definer)
}
