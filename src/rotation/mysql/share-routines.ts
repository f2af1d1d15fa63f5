import { type GrantCopy, grantsOf, type MasterConnection, tryGrant } from './copy-grants.js'
import { madeBy } from './definitions.js'
import { quotedName } from './dialect.js'
import { grantStatement, grantsBeyond, grantText } from './grants.js'

/** The privileges that a server grants the creator of a routine, unless that user already has them. */
const ofMakers = ['EXECUTE', 'ALTER ROUTINE']

/**
 * Gives the first user of a pair the rights that the second has as the creator of routines. A rotation changes no other right of the first
 * user.
 */
export async function shareRoutines(connection: MasterConnection, { from, to, log }: GrantCopy): Promise<void> {
  const grants = await grantsOf(connection, from)
  const routines = await madeBy(connection, from, 'ROUTINE')
  // A server without libraries has no view of them.
  if (grants.some(({ on }) => on.startsWith('LIBRARY '))) routines.push(...(await madeBy(connection, from, 'LIBRARY')))
  const made = new Set(routines.map(({ kind, schema, name }) => `${kind} ${quotedName(schema)}.${quotedName(name)}`))
  const ofMaker = grants
    .filter(({ verb, on }) => verb === 'GRANT' && made.has(on))
    .map(grant => ({ ...grant, items: grant.items.filter(item => ofMakers.includes(item)) }))
  const denied: string[] = []
  for (const grant of grantsBeyond(ofMaker, await grantsOf(connection, to)))
    if ((await tryGrant(connection, grantStatement(grant, to))) === 'denied') denied.push(grantText(grant))
  if (denied.length > 0)
    log(
      'not-rotated',
      `${to.user} has no rights to what ${from.user} has created, because the master may not grant them: ${denied.join('; ')}`,
    )
}
