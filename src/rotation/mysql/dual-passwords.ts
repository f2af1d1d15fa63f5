import type { OwnPasswordChange } from '../database/database.js'
import { codeOf, hasCode } from '../database/error-code.js'
import { randomPassword } from '../password.js'
import { RotationRefusal } from '../rotation-error.js'
import { byMaster } from './by-master.js'
import { isDenial } from './denials.js'
import { accountName, literal, parseAccount } from './dialect.js'

/** Runs a statement whose result is not needed. */
export type Run = (sql: string) => Promise<unknown>

/** A change of the password of the account that is logged in. */
export interface OwnChange extends OwnPasswordChange {
  password: string
}

/** The code for a password that violates the server's policy. */
const policy = 'ER_NOT_VALID_PASSWORD'

const lacks = 'the user lacks the privilege APPLICATION_PASSWORD_ADMIN'

/** Why the server kept no old password beside the new one. */
export type Lost = string | undefined

/**
 * Sets a new password and keeps the current one beside it, which MySQL 8.0.14 and newer can do. Returns why the current one was not kept. A
 * user without the privilege can only change the first password, and an older second one keeps working. So if the secret names a master,
 * the master keeps the current password in place of the older one.
 *
 * An account has at most two passwords, and RETAIN keeps the first one, whichever that is: if it is repeated, it ends the current one.
 * REPLACE prevents that, because it accepts only the first password.
 */
export async function setBesideCurrent(run: Run, change: OwnChange): Promise<Lost> {
  try {
    await replace(run, change, 'RETAIN CURRENT PASSWORD')
    return undefined
  } catch (error) {
    if (!hasCode(error, 'ER_SPECIFIC_ACCESS_DENIED_ERROR')) throw error
  }
  const denial = await byMaster(change, async (master, account) => master.identify?.(account, [change.password, change.current]))
  if (denial === undefined) return undefined
  const isOlder = await change.opensByOlder()
  await replace(run, change)
  if (!isOlder) return `${lacks}, and ${denial}; an older password of the account, if there is one, keeps working`
  change.log('not-rotated', `an older password of the account keeps working: ${lacks}, and ${denial}`)
  return lacks
}

/** As the master: sets a new password of an account and keeps the current one beside it, in place of any other. */
export async function retainOf(run: Run, account: string, password: string, current: string): Promise<void> {
  const alter = `ALTER USER ${accountName(parseAccount(account))} IDENTIFIED BY`
  try {
    // After a rotation that was given up, the current password is the second one, and RETAIN keeps the first.
    await run(`${alter} ${literal(current)}`)
  } catch (error) {
    // It is already the first one, or was so recently, or it was set before the server had its policy.
    if (!hasCode(error, 'ER_CREDENTIALS_CONTRADICT_TO_HISTORY', policy)) throw error
  }
  await run(`${alter} ${literal(password)} RETAIN CURRENT PASSWORD`)
}

/**
 * Sets a new password and ends every older one. Before anything is changed, it is decided who ends it: a leaked password that keeps working
 * must not look like success.
 */
export async function setInPlace(run: Run, change: OwnChange): Promise<undefined> {
  if (await mayKeepTwo(run)) {
    await replace(run, change)
    return endOwn(run)
  }
  const denial = await byMaster(change, async (master, account) => master.endOldPassword?.(account, () => replace(run, change)))
  if (denial === undefined) return
  await refuseOlder(change, denial)
  await replaceFirst(run, change, denial)
  change.log('not-rotated', `an older password of the account, if there is one, keeps working: ${lacks}, and ${denial}`)
}

/** Ends the password that is kept beside the new one, with which this login was made. */
export async function endOldPassword(run: Run, change: OwnChange): Promise<void> {
  if (await mayKeepTwo(run)) return endOwn(run)
  const denial = await byMaster(change, async (master, account) => master.endOldPassword?.(account, async () => {}))
  if (denial !== undefined) await refuseOlder(change, denial)
}

/** As the master: runs the change of an account's first password, and ends the second one. A missing privilege is found before the change. */
export async function endOldPasswordOf(run: Run, account: string, change: () => Promise<void>): Promise<void> {
  const discard = 'DISCARD OLD PASSWORD'
  try {
    // No account has this name: the statement only checks the privilege.
    await run(`ALTER USER IF EXISTS ${accountName({ user: randomPassword(32), host: '%' })} ${discard}`)
  } catch (error) {
    // The privilege was checked first: the policy then rejects the missing password.
    if (!hasCode(error, policy)) throw error
  }
  await change()
  try {
    await run(`ALTER USER ${accountName(parseAccount(account))} ${discard}`)
  } catch (error) {
    if (isDenial(error)) throw new RotationRefusal('the master may not end the older password of this account')
    throw error
  }
}

/** Whether the user may have two passwords and end one. Tested with a statement that cannot succeed with any password and changes nothing. */
async function mayKeepTwo(run: Run): Promise<boolean> {
  try {
    const [none, wrong] = [randomPassword(32), randomPassword(32)]
    await run(`SET PASSWORD = ${literal(none)} REPLACE ${literal(wrong)} RETAIN CURRENT PASSWORD`)
  } catch (error) {
    if (isDenial(error)) return false
    if (codeOf(error).startsWith('ER_')) return true
    throw error
  }
  throw new RotationRefusal('the server has accepted a password that cannot be the current one')
}

function endOwn(run: Run): Promise<undefined> {
  return run('ALTER USER USER() DISCARD OLD PASSWORD').then(() => undefined)
}

async function refuseOlder({ opensByOlder }: OwnChange, denial: string): Promise<void> {
  if (await opensByOlder()) throw olderGoesOn(denial)
}

function olderGoesOn(denial: string): RotationRefusal {
  return new RotationRefusal(
    `an older password also opens the account, and would keep working: ${lacks}, and ${denial}`,
    "Grant it to the user, name a master that has CREATE USER in the user's secret (masterarn), or have an administrator end the password: ALTER USER … DISCARD OLD PASSWORD.",
  )
}

/** Replaces the first password only if it is that of this login: otherwise the password of this login is the older one, which nobody may end. */
async function replaceFirst(run: Run, { password, current }: OwnChange, denial: string): Promise<void> {
  try {
    await run(`SET PASSWORD = ${literal(password)} REPLACE ${literal(current)}`)
  } catch (error) {
    if (hasCode(error, 'ER_INCORRECT_CURRENT_PASSWORD')) throw olderGoesOn(denial)
    throw error
  }
}

async function replace(run: Run, { password, current }: OwnChange, retain = ''): Promise<void> {
  try {
    await run(`SET PASSWORD = ${literal(password)} REPLACE ${literal(current)} ${retain}`.trimEnd())
  } catch (error) {
    if (!hasCode(error, 'ER_INCORRECT_CURRENT_PASSWORD')) throw error
    // The login worked, so its password is the second one, and the first is that of a rotation that was given up. Only the first one is
    // replaced.
    await run(`SET PASSWORD = ${literal(password)}`)
  }
}
