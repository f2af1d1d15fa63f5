import { setTimeout as pause } from 'node:timers/promises'
import { hasCode } from '../database/error-code.js'
import { RotationRefusal } from '../rotation-error.js'
import type { PgClient } from './driver.js'
import { identifier } from './quoting.js'
import { relationsQuery } from './relations.js'
import { membershipOptions, type Role } from './roles.js'
import { begin, transaction } from './transaction.js'

/** How long locks are waited for altogether: the function itself has half a minute. */
const mostMs = 6_000
const pauseMs = 250

/** What a hand-over is between. */
export interface HandOver {
  /** The member of the pair that owns what it is not to own. */
  member: Role
  /** The one that is to own it. */
  owner: string
}

/** How long a hand-over waits for locks: not at all, for less than others wait before they look for a deadlock, or for one lock alone. */
type Patience = 'none' | 'bounded' | { readonly relation: string }

/**
 * The statements that hand over what a member of a pair owns in the database that they are run in: all of it, or one relation.
 *
 * Only who has the privileges of both may do that. A superuser has; another master becomes the member for it, which has those of the owner,
 * and so has no more rights in a database that is not ours to trust than the application itself.
 */
export function handOverStatements(member: Role, owner: string, patience: Patience): string[] {
  const [from, to] = [identifier(member.name), identifier(owner)]
  const isOne = typeof patience === 'object'
  const statement = isOne ? `ALTER TABLE ${patience.relation} OWNER TO ${to}` : `REASSIGN OWNED BY ${from} TO ${to}`
  return [
    patience === 'none' ? noLockTimeout : lockTimeout,
    // It takes as long as there are objects, unless it waits for locks.
    patience === 'bounded' ? totalTimeout : 'SET LOCAL statement_timeout TO 0',
    ...(member.masterHas.includes('SUPERUSER') ? [statement] : asMember(member, statement)),
  ]
}

const noLockTimeout = "SET LOCAL lock_timeout TO '1ms'"

// Whoever waits for a lock of ours looks for a deadlock after this time, and would be its victim: we must have given up by then.
const ofDeadlockTimeout = (name: string, ms: string): string =>
  `SELECT pg_catalog.set_config('${name}'::pg_catalog.text, (${ms})::pg_catalog.text, true) FROM pg_catalog.pg_settings s WHERE s.name OPERATOR(pg_catalog.=) 'deadlock_timeout'::pg_catalog.text`
const lockTimeout = ofDeadlockTimeout(
  'lock_timeout',
  'GREATEST(1, LEAST(200, s.setting::pg_catalog.int8 OPERATOR(pg_catalog./) 2))',
)
const totalTimeout = ofDeadlockTimeout(
  'statement_timeout',
  'GREATEST(1, s.setting::pg_catalog.int8 OPERATOR(pg_catalog.*) 4 OPERATOR(pg_catalog./) 5)',
)

function asMember(member: Role, statement: string): string[] {
  const [opening, closing] = member.isOpenToMaster ? [[], []] : membershipFor(member)
  return [...opening, `SET LOCAL ROLE ${identifier(member.name)}`, statement, 'SET LOCAL ROLE NONE', ...closing]
}

/** A membership of the master for the moment; what it has given itself before is left with the options that it had. */
function membershipFor({ name, version, isOfMastersGrant }: Role): [string[], string[]] {
  const grant = `GRANT ${identifier(name)} TO CURRENT_USER`
  const revoke = `REVOKE ${identifier(name)} FROM CURRENT_USER`
  if (version < membershipOptions) return [[grant], [revoke]]
  if (isOfMastersGrant) return [[`${grant} WITH SET TRUE`], [`${grant} WITH SET FALSE`]]
  return [[`${grant} WITH INHERIT FALSE, SET TRUE`], [revoke]]
}

/**
 * Hands over what the member owns in the database that the client is connected to: to the role that the owner works as there by a setting of
 * its own, or to the owner itself. The member may lack the privileges of the former, and only it or a superuser can hand over.
 */
export async function handOver(client: PgClient, { member, owner }: HandOver, workRole: string | undefined): Promise<void> {
  const handOverTo = (to: string): Promise<void> => untilUnlocked(client, { member, owner: to })
  if (workRole !== undefined && workRole !== member.name) {
    try {
      return await handOverTo(workRole)
    } catch (error) {
      if (!(error instanceof RotationRefusal)) throw error
      await client.query('ROLLBACK')
    }
  }
  await handOverTo(owner)
}

/** Hands over all at once, so that nothing which reads something else of the member's is without rights to that for a moment. */
async function untilUnlocked(client: PgClient, { member, owner }: HandOver): Promise<void> {
  const endsAt = performance.now() + mostMs
  for (;;) {
    if (await isHandedOver(client, { member, owner }, 'none')) return
    await handOverRelations(client, { member, owner }, endsAt)
    const isLast = performance.now() >= endsAt
    if (await isHandedOver(client, { member, owner }, 'bounded', isLast)) return
    await pause(pauseMs)
  }
}

/** False if a lock was not free, which is no reason to throw until the last attempt. */
async function isHandedOver(client: PgClient, { member, owner }: HandOver, patience: Patience, isLast = false): Promise<boolean> {
  try {
    await client.query(transaction(...handOverStatements(member, owner, patience)))
    return true
  } catch (error) {
    if (hasCode(error, '42501')) throw notHandedOver(member.name, owner)
    if (!isLocked(error) || isLast) throw error
    await client.query('ROLLBACK')
    return false
  }
}

/**
 * Hands over one relation after the other, each by itself, if what else there is of the member's goes on reading it: whoever waits for one waits
 * for nothing else of ours.
 */
async function handOverRelations(client: PgClient, { member, owner }: HandOver, endsAt: number): Promise<void> {
  await client.query(begin)
  const { rows } = await client.query(relationsQuery, [member.name, owner])
  await client.query('COMMIT')
  for (const { name } of rows as { name: string }[]) {
    if (performance.now() >= endsAt) return
    try {
      await client.query(transaction(...handOverStatements(member, owner, { relation: name })))
    } catch (error) {
      // Locked, or gone by now, or of a schema in which the owner may make nothing, which does not matter when all is handed over at once.
      if (!isLocked(error) && !hasCode(error, '42501', '42P01', '3F000')) throw error
      await client.query('ROLLBACK')
    }
  }
}

function isLocked(error: unknown): boolean {
  return hasCode(error, '55P03', '40P01', '57014')
}

function notHandedOver(member: string, owner: string): RotationRefusal {
  return new RotationRefusal(
    `what ${member} owns in the secret's database could not be handed over to ${owner}: permission denied`,
    `Has something there been made by a privilege that ${member} alone has, such as CREATE on a schema or on the database? Grant that to ${owner}, too, or have a superuser change the owner. The master must be able to grant itself ${member}.`,
  )
}
