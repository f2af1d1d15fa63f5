import { codeOf } from '../database/error-code.js'
import type { RotationContext } from '../engine.js'
import { RotationRefusal } from '../rotation-error.js'
import type { Rows } from './current-account.js'
import { isDenial } from './denials.js'
import { type Account, accountName } from './dialect.js'
import type { Run } from './dual-passwords.js'
import { type Grant, grantStatement, grantsBeyond, grantText, isGlobal, readGrant, restrictionsOn } from './grants.js'

/** A connection of the master. */
export interface MasterConnection {
  rows: Rows
  run: Run
}

/** The account whose grants are copied, and the one that gets them. */
export interface GrantCopy {
  from: Account
  to: Account
  log: RotationContext['log']
}

/** Reads the grants of an account. */
export async function grantsOf({ rows }: Pick<MasterConnection, 'rows'>, account: Account): Promise<Grant[]> {
  const lines = await rows<Record<string, string>>(`SHOW GRANTS FOR ${accountName(account)}`)
  return lines.map(line => readGrant(Object.values(line)[0] ?? '', account))
}

/**
 * Gives an account the grants of another one that it lacks, and the partial revokes. Returns the grants that the master was denied.
 *
 * Existing grants of the account are not repeated: a global privilege that is granted again loses its restrictions.
 */
export async function copyGrants(connection: MasterConnection, copy: GrantCopy): Promise<string[]> {
  const { from, to } = copy
  const wanted = await grantsOf(connection, from)
  const gone: Grant[] = []
  const denied: string[] = []
  const give = async (grant: Grant, more = ''): Promise<void> => {
    const outcome = await tryGrant(connection, grantStatement(grant, to) + more)
    if (outcome === 'denied') denied.push(grantText(grant))
    else if (outcome === 'gone' && grant.items.length === 1) gone.push(grant)
    // One of its columns does not exist: the others are granted one by one.
    else if (outcome === 'gone') for (const item of grant.items) await give({ ...grant, items: [item] }, more)
  }

  const had = await grantsOf(connection, to)
  const lacking = grantsBeyond(wanted, had).filter(({ verb }) => verb !== 'REVOKE')
  // Together with the other account's restrictions on it: an account that is in use must not be without them for a moment.
  const restricted = restrictionsOn(wanted, wanted).length > 0 ? ` AS ${accountName(from)}` : ''
  for (const grant of lacking) await give(grant, isGlobal(grant) ? restricted : '')
  if (!wanted.some(isDefaultRole)) for (const grant of had.filter(isDefaultRole)) await give({ ...grant, items: ['NONE'] })

  const { put, lift } = restrictionsBetween(wanted, await grantsOf(connection, to))
  for (const grant of put) await give(grant)
  for (const grant of lift) await give({ ...grant, verb: 'GRANT' })
  if (denied.length > 0) return denied

  requireAlike(wanted, await grantsOf(connection, to), gone)
  for (const on of new Set(gone.map(grant => grant.on)))
    copy.log('not-rotated', `a grant on ${on} is not copied, because the object does not exist or is invalid`)
  return []
}

function isDefaultRole({ verb }: Grant): boolean {
  return verb === 'SET DEFAULT ROLE'
}

/** The restrictions on one account's global privileges that the other lacks, and those that only the other has. */
function restrictionsBetween(wanted: readonly Grant[], had: readonly Grant[]): { put: Grant[]; lift: Grant[] } {
  const [put, lift] = [restrictionsOn(wanted, wanted), restrictionsOn(had, wanted)]
  return { put: grantsBeyond(put, had), lift: grantsBeyond(lift, put) }
}

/** The server decides what an account has: the master's own restrictions apply to everything that it grants. */
function requireAlike(wanted: readonly Grant[], had: readonly Grant[], gone: readonly Grant[]): void {
  const { put, lift } = restrictionsBetween(wanted, had)
  const lacking = grantsBeyond(grantsBeyond(wanted, had), gone).filter(({ verb }) => verb === 'GRANT')
  const different = [...lacking, ...put, ...lift]
  if (different.length === 0) return
  throw new RotationRefusal(`its grants still differ from those of the current user: ${different.map(grantText).join('; ')}`)
}

/** What the account may do and the other may not: its own grants, and privileges that are restricted only for the other one. */
export function rightsBeyond(own: readonly Grant[], others: readonly Grant[]): string[] {
  const granted = grantsBeyond(own, others).filter(({ verb }) => verb === 'GRANT')
  const unrestricted = grantsBeyond(restrictionsOn(others, own), own)
  return [...granted, ...unrestricted].map(grantText)
}

/** The outcome of a grant. */
type Outcome = 'given' | 'denied' | 'gone'

/** Runs a grant, if the master may and its object exists. */
export async function tryGrant({ run }: MasterConnection, statement: string): Promise<Outcome> {
  try {
    await run(statement)
    return 'given'
  } catch (error) {
    if (isDenial(error)) return 'denied'
    if (absences.has(codeOf(error))) return 'gone'
    throw error
  }
}

/** The codes for a grant on an object that does not exist, or lacks a part: a grant may outlive its object. */
const absences = new Set([
  'ER_BAD_DB_ERROR',
  'ER_NO_SUCH_TABLE',
  'ER_BAD_FIELD_ERROR',
  'ER_SP_DOES_NOT_EXIST',
  'ER_VIEW_INVALID',
  // A view whose definer does not exist.
  'ER_NO_SUCH_USER',
  // A table of the engine MERGE, one of whose tables does not exist.
  'ER_WRONG_MRG_TABLE',
])
