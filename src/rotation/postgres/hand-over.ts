import { setTimeout as pause } from 'node:timers/promises'
import { RotationRefusal } from '../rotation-error.js'
import type { PgClient } from './driver.js'
import { identifier } from './quoting.js'
import { membershipOptions, type Role } from './roles.js'

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
 * The statements that hand over what a member of a pair owns in the database that they are run in.
 *
 * Only who has the privileges of both may do that. A superuser has; another master becomes the member for it, which has those of the owner,
 * and so has no more rights in a database that is not ours to trust than the application itself.
 */
export function handOverStatements(member: Role, owner: string): string[] {
  const reassign = `REASSIGN OWNED BY ${identifier(member.name)} TO ${identifier(owner)}`
  return [
    // Tables are locked one after the other. Whoever waits for one of those looks for a deadlock after a second (deadlock_timeout), and would be
    // its victim: we must have given up by then, and so keep no query waiting for long.
    "SET LOCAL lock_timeout TO '200ms'",
    // It takes as long as there are objects.
    'SET LOCAL statement_timeout TO 0',
    ...(member.masterHas.includes('SUPERUSER') ? [reassign] : asMember(member, reassign)),
  ]
}

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
export async function handOver(
  client: PgClient,
  { member, owner }: HandOver,
  { workRole, transaction }: { workRole: string | undefined; transaction(...statements: string[]): string },
): Promise<void> {
  const handOverTo = (owner: string): Promise<void> =>
    untilUnlocked(client, transaction(...handOverStatements(member, owner)), { member: member.name, owner })
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

/** Runs the transaction that hands over, again if a lock was not free. */
async function untilUnlocked(
  client: PgClient,
  transaction: string,
  { member, owner }: Record<'member' | 'owner', string>,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.query(transaction)
      return
    } catch (error) {
      const { code } = error as { code?: unknown }
      if (code === '42501') throw notHandedOver(member, owner)
      if ((code !== '55P03' && code !== '40P01') || attempt === tries) throw error
      await client.query('ROLLBACK')
      await pause(pauseMs)
    }
  }
}

function notHandedOver(member: string, owner: string): RotationRefusal {
  return new RotationRefusal(
    `what ${member} owns in the secret's database could not be handed over to ${owner}: permission denied`,
    `Has something there been made by a privilege that ${member} alone has, such as CREATE on a schema or on the database? Grant that to ${owner}, too, or have a superuser change the owner. The master must be able to grant itself ${member}.`,
  )
}
