import { hasCode } from '../database/error-code.js'
import { randomPassword } from '../password.js'
import { RotationRefusal } from '../rotation-error.js'
import type { AccountRow } from './account-options.js'
import { type GrantCopy, grantsOf, type MasterConnection, rightsBeyond } from './copy-grants.js'
import { currentAccount } from './current-account.js'
import { isDenial } from './denials.js'
import { type Account, accountName, type Dialect, parseAccount } from './dialect.js'
import { isGlobal } from './grants.js'
import { type KnownAccounts, refuseShared } from './refuse-shared.js'

/** A copy of grants, with the row of the account that they are copied from. */
export interface AccountCopy extends GrantCopy {
  from: AccountRow
}

/** Accounts that are to get the rights of others. */
export interface TakeOver extends KnownAccounts {
  copies: readonly AccountCopy[]
  /** Whether all accounts of the name are the pair's. */
  isOnlyOne: boolean
  /** Whether the same step, running twice at once, has finished. */
  isDone(): Promise<boolean>
}

/**
 * Makes sure that the rights that accounts are about to get are for nobody else. Returns the accounts whose only authentication method is
 * now a password; undefined if there is nothing left to do: an account that AWSCURRENT may already name must not lose its password.
 */
export async function takeOver(connection: MasterConnection, dialect: Dialect, by: TakeOver): Promise<GrantCopy[] | undefined> {
  const gaining: AccountCopy[] = []
  for (const copy of by.copies) {
    const isThere = by.there.some(({ host }) => host === copy.to.host)
    if (isThere && !(await wouldGain(connection, copy))) continue
    await refuseShared(connection, dialect, copy, by)
    if (isThere) gaining.push(copy)
  }
  if (by.isProven) return []
  for (const copy of gaining) {
    if (await by.isDone()) return undefined
    await shutOut(connection, dialect, copy, by.isOnlyOne)
  }
  return gaining
}

async function wouldGain(connection: MasterConnection, { from, to }: GrantCopy): Promise<boolean> {
  return rightsBeyond(await grantsOf(connection, from), await grantsOf(connection, to)).length > 0
}

/** Shuts out whoever has used an account until now, because its new rights are not for them. Until the end, nobody knows its password. */
async function shutOut(
  connection: MasterConnection,
  dialect: Dialect,
  { from, to, log }: AccountCopy,
  isOnlyOne: boolean,
): Promise<void> {
  const { run } = connection
  const name = accountName(to)
  if (dialect.keepsOldPassword) await run(`ALTER USER ${name} DISCARD OLD PASSWORD`)
  // In place of every other authentication method.
  await run(`ALTER USER ${name} ${dialect.identified(randomPassword(32), from.columns.plugin)}`)
  const whyNot = isOnlyOne ? await endSessions(connection, to) : 'there are other accounts with its name'
  if (whyNot !== undefined)
    log(
      'not-rotated',
      `open sessions of ${to.user}, if there are any, get its new rights, because they could not be found: ${whyNot}`,
    )
}

/** Ends the sessions of a user; returns why they cannot be found. */
async function endSessions(connection: MasterConnection, { user }: Account): Promise<string | undefined> {
  const { rows, run } = connection
  const sessions = await rows<{ Id: number; User: string }>('SHOW PROCESSLIST')
  for (const { Id } of sessions.filter(session => session.User === user)) {
    try {
      await run(`KILL ${Number(Id)}`)
    } catch (error) {
      if (hasCode(error, 'ER_NO_SUCH_THREAD')) continue
      if (!isDenial(error) && !hasCode(error, 'ER_KILL_DENIED_ERROR')) throw error
      throw new RotationRefusal(
        `${user} already exists, AWSPREVIOUS does not open it, and the master may not end its open sessions, which would get its new rights`,
        'End them, or give the master CONNECTION_ADMIN (on MariaDB CONNECTION ADMIN).',
      )
    }
  }
  const grants = await grantsOf(connection, parseAccount(await currentAccount(rows)))
  const everywhere = grants.filter(isGlobal).flatMap(({ items }) => items)
  return ['ALL PRIVILEGES', 'PROCESS'].some(item => everywhere.includes(item))
    ? undefined
    : 'the master lacks the privilege PROCESS'
}
