import { setTimeout as pause } from 'node:timers/promises'
import { RotationRefusal } from '../rotation-error.js'
import type { PgClient } from './driver.js'
import { identifier } from './quoting.js'
import { relationsQuery } from './relations.js'
import { membershipOptions, type Role } from './roles.js'
import { begin, transaction } from './transaction.js'

const tries = 8
const pauseMs = 250

/** What a hand-over is between. */
export interface HandOver {
  /** The member of the pair that owns what it is not to own. */
  member: Role
  /** The one that is to own it. */
  owner: string
}

/**
 * The statements that hand over what a member of a pair owns in the database that they are run in: all of it, or one relation.
 *
 * Only who has the privileges of both may do that. A superuser has; another master becomes the member for it, which has those of the owner,
 * and so has no more rights in a database that is not ours to trust than the application itself.
 */
export function handOverStatements(member: Role, owner: string, relation?: string): string[] {
  const [names, to] = [identifier(member.name), identifier(owner)]
  const statement = relation === undefined ? `REASSIGN OWNED BY ${names} TO ${to}` : `ALTER TABLE ${relation} OWNER TO ${to}`
  return [
    // Whoever waits for a lock of ours looks for a deadlock after a while, and would be its victim: we must have given up by then. Of many
    // relations one after the other is locked, so then we wait for none.
    relation === undefined ? "SET LOCAL lock_timeout TO '1ms'" : waitsForOneLock,
    // It takes as long as there are objects.
    'SET LOCAL statement_timeout TO 0',
    ...(member.masterHas.includes('SUPERUSER') ? [statement] : asMember(member, statement)),
  ]
}

const waitsForOneLock = `SELECT pg_catalog.set_config('lock_timeout'::pg_catalog.text, LEAST(200, s.setting::pg_catalog.int4 OPERATOR(pg_catalog./) 2)::pg_catalog.text, true) FROM pg_catalog.pg_settings s WHERE s.name OPERATOR(pg_catalog.=) 'deadlock_timeout'::pg_catalog.text`

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

/** Hands over all at once while nothing is locked; else what is locked by itself, and all the rest then. */
async function untilUnlocked(client: PgClient, { member, owner }: HandOver): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.query(transaction(...handOverStatements(member, owner)))
      return
    } catch (error) {
      if (hasCode(error, '42501')) throw notHandedOver(member.name, owner)
      if (!isLocked(error) || attempt === tries) throw error
      await client.query('ROLLBACK')
      if (attempt > 1) await pause(pauseMs)
      await handOverRelations(client, { member, owner })
    }
  }
}

/** Hands over one relation after the other, each by itself: whoever waits for it waits for nothing else of ours. */
async function handOverRelations(client: PgClient, { member, owner }: HandOver): Promise<void> {
  await client.query(begin)
  const { rows } = await client.query(relationsQuery, [member.name])
  await client.query('COMMIT')
  for (const { name } of rows as { name: string }[]) {
    try {
      await client.query(transaction(...handOverStatements(member, owner, name)))
    } catch (error) {
      // Locked, or gone by now, or of a schema in which the owner may make nothing, which does not matter when all is handed over at once.
      if (!isLocked(error) && !['42501', '42P01', '3F000'].some(code => hasCode(error, code))) throw error
      await client.query('ROLLBACK')
    }
  }
}

function isLocked(error: unknown): boolean {
  return hasCode(error, '55P03') || hasCode(error, '40P01')
}

function hasCode(error: unknown, code: string): boolean {
  return (error as { code?: unknown }).code === code
}

function notHandedOver(member: string, owner: string): RotationRefusal {
  return new RotationRefusal(
    `what ${member} owns in the secret's database could not be handed over to ${owner}: permission denied`,
    `Has something there been made by a privilege that ${member} alone has, such as CREATE on a schema or on the database? Grant that to ${owner}, too, or have a superuser change the owner. The master must be able to grant itself ${member}.`,
  )
}
