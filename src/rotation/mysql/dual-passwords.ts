import type { OwnPasswordChange } from '../database/database.js'
import { codeOf, hasCode } from '../database/error-code.js'
import { randomPassword } from '../password.js'
import { RotationRefusal } from '../rotation-error.js'
import { byMaster } from './by-master.js'
import { isDenial } from './denials.js'
import { accountName, literal, parseAccount } from './dialect.js'

/** Runs a statement whose answer nobody reads. */
export type Run = (sql: string) => Promise<unknown>

/** A change of the password of the account that is logged in. */
export interface OwnChange extends OwnPasswordChange {
  password: string
}

/** A password is not what the policy of the server asks for. */
const policy = 'ER_NOT_VALID_PASSWORD'

const lacks = 'the user lacks the privilege APPLICATION_PASSWORD_ADMIN'

/** Why the server kept no old password beside the new one. */
export type Lost = string | undefined

/**
 * Sets a new password and keeps the current one beside it, as MySQL 8.0.14 and newer can. Returns why it could not keep it. A user without
 * the privilege changes the first password alone, and an older one beside it goes on working: so the master is to keep the current one in
 * its place, if the secret names one.
 *
 * An account has two passwords at most, and RETAIN keeps the first one, whichever that is: repeated, it would end the current one. REPLACE
 * guards against that, for it accepts nothing but the first password.
 */
export async function setBesideCurrent(run: Run, change: OwnChange): Promise<Lost> {
  try {
    await replace(run, change, 'RETAIN CURRENT PASSWORD')
    return undefined
  } catch (error) {
    if (!hasCode(error, 'ER_SPECIFIC_ACCESS_DENIED_ERROR')) throw error
  }
  const denial = await byMaster(change.asMaster, async (master, account) =>
    master.identify?.(account, [change.password, change.current]),
  )
  if (denial === undefined) return undefined
  const isOlder = await change.opensByOlder()
  await replace(run, change)
  if (!isOlder) return `${lacks}, and ${denial}; an older password of the account, if it has one, goes on working`
  change.log('not-rotated', `an older password of the account goes on working: ${lacks}, and ${denial}`)
  return lacks
}

/** As the master: sets a new password of an account and keeps the current one beside it, in the place of any other. */
export async function retainOf(run: Run, account: string, password: string, current: string): Promise<void> {
  const alter = `ALTER USER ${accountName(parseAccount(account))} IDENTIFIED BY`
  try {
    // After a rotation that was given up it is the second one, and RETAIN keeps the first.
    await run(`${alter} ${literal(current)}`)
  } catch (error) {
    // It is the first one already, or was so a short while ago; or it was set before the server had its policy.
    if (!hasCode(error, 'ER_CREDENTIALS_CONTRADICT_TO_HISTORY', policy)) throw error
  }
  await run(`${alter} ${literal(password)} RETAIN CURRENT PASSWORD`)
}

/**
 * Sets a new password and ends every older one. Who is to end it is settled before anything is changed: a password that has leaked and goes
 * on working must not look like success.
 */
export async function setInPlace(run: Run, change: OwnChange): Promise<undefined> {
  if (await mayKeepTwo(run)) {
    await replace(run, change)
    return endOwn(run)
  }
  const denial = await byMaster(change.asMaster, async (master, account) =>
    master.endOldPassword?.(account, () => replace(run, change)),
  )
  if (denial === undefined) return
  await refuseOlder(change, denial)
  await replaceFirst(run, change, denial)
  change.log('not-rotated', `an older password of the account, if it has one, goes on working: ${lacks}, and ${denial}`)
}

/** Ends what is kept beside the new password, by which this login was made. */
export async function endOldPassword(run: Run, change: OwnChange): Promise<void> {
  if (await mayKeepTwo(run)) return endOwn(run)
  const denial = await byMaster(change.asMaster, async (master, account) => master.endOldPassword?.(account, async () => {}))
  if (denial !== undefined) await refuseOlder(change, denial)
}

/** As the master: has the first password of an account changed, and ends the one beside it. That it lacks the privilege is found before. */
export async function endOldPasswordOf(run: Run, account: string, change: () => Promise<void>): Promise<void> {
  const discard = 'DISCARD OLD PASSWORD'
  try {
    // Nobody has this name: the statement does nothing but ask for the privilege.
    await run(`ALTER USER IF EXISTS ${accountName({ user: randomPassword(32), host: '%' })} ${discard}`)
  } catch (error) {
    // The privilege was checked before: the policy judges the password that is not there.
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

/** Whether the user may have two passwords, and end one: asked for by a statement that no password lets through, and that changes nothing. */
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
    `an older password opens the account, too, and would go on working: ${lacks}, and ${denial}`,
    "Grant it to the user, name a master that has CREATE USER in the user's secret (masterarn), or have an administrator end the password: ALTER USER … DISCARD OLD PASSWORD.",
  )
}

/** Replaces the first password only if it is that of this login: else that one would be the older one, which nobody may end. */
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
    // It has let us in, so it is the second one, and the first is that of a rotation that was given up. Only the first one is replaced.
    await run(`SET PASSWORD = ${literal(password)}`)
  }
}
