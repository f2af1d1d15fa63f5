import type { OwnPasswordChange } from '../database/database.js'
import { hasCode } from '../database/error-code.js'
import { RotationRefusal } from '../rotation-error.js'
import {
  type AuthMethod,
  authMethods,
  hasOlderPassword,
  identifiedBy,
  namesOfOthers,
  requireOwnPassword,
} from './auth-methods.js'
import { byMaster } from './by-master.js'
import { currentAccount, ofAnother, type Rows } from './current-account.js'
import { accountName, literal, nativeHash, parseAccount } from './dialect.js'
import type { Lost, Run } from './dual-passwords.js'

/** A connection to MariaDB. */
export interface MariadbConnection {
  rows: Rows
  run: Run
}

/** A change of the password of the MariaDB account that is logged in. */
export interface OwnMethodChange extends OwnPasswordChange {
  password: string
  keepOldPassword: boolean
}

/**
 * Sets the password of the MariaDB account that is logged in, and keeps its authentication methods that are not passwords. Returns why the
 * current password was not kept, if it should have been.
 */
export async function setOwnMethod(connection: MariadbConnection, change: OwnMethodChange): Promise<Lost> {
  const methods = await methodsOf(connection.rows)
  requireOwnPassword(methods, change.current)
  const lost = await (change.keepOldPassword ? setBesideCurrent(connection, change) : setAlone(connection, change, methods))
  const others = namesOfOthers(methods)
  if (others !== undefined)
    change.log('not-rotated', `the account has other authentication methods, which stay as they are: ${others}`)
  return lost
}

/** Gives an account exactly these passwords, in this order. Repeated, it changes nothing. */
export async function identify({ rows, run }: MariadbConnection, account: string, passwords: readonly string[]): Promise<void> {
  const name = accountName(parseAccount(account))
  await run(`ALTER USER ${name} ${identifiedBy(await methodsOf(rows, name), passwords)}`)
}

/** The authentication methods of an account, by default of the one that is logged in. */
export async function methodsOf(rows: Rows, account = ''): Promise<AuthMethod[]> {
  const [row] = await rows<Record<string, string>>(`SHOW CREATE USER ${account}`.trimEnd())
  return authMethods(Object.values(row ?? {})[0] ?? '')
}

async function setBesideCurrent(connection: MariadbConnection, change: OwnMethodChange): Promise<Lost> {
  const { password, current } = change
  // The new one first, because a later change by hand is meant for it, and changes the first password.
  const denial = await identifyOwn(connection, change, [password, current])
  if (denial === undefined) return undefined
  await setFirst(connection, change)
  const methods = await methodsOf(connection.rows)
  // A password of a rotation that was given up, which was before the current one, has been replaced, and the current one stays.
  if (methods.some(({ hash }) => hash === nativeHash(current))) return undefined
  if (hasOlderPassword(methods)) change.log('not-rotated', `an older password of the account keeps working: ${denial}`)
  return denial
}

/** Makes the new password the only one. */
async function setAlone(
  connection: MariadbConnection,
  change: OwnMethodChange,
  methods: readonly AuthMethod[],
): Promise<undefined> {
  await (hasOlderPassword(methods) ? identifyAlone(connection, change) : setFirst(connection, change))
}

/** Ends the other password of the account; this login was made with the new one. */
export async function endOlderMethod(connection: MariadbConnection, change: OwnMethodChange): Promise<void> {
  const methods = await methodsOf(connection.rows)
  if (!hasOlderPassword(methods)) return
  requireOwnPassword(methods, change.current)
  await identifyAlone(connection, change)
}

/** Refuses before anything is changed if nobody may do it: a leaked password that keeps working must not look like success. */
async function identifyAlone(connection: MariadbConnection, change: OwnMethodChange): Promise<void> {
  const denial = await identifyOwn(connection, change, [change.password])
  if (denial === undefined) return
  throw new RotationRefusal(
    `an older password of the account would keep working: ${denial}`,
    "Grant CREATE USER to the user, name a master that has it in the user's secret (masterarn), or have an administrator end the older password.",
  )
}

/** Sets exactly these passwords of the account that is logged in, as the user or as the master; returns why neither could do it. */
async function identifyOwn(
  connection: MariadbConnection,
  change: OwnMethodChange,
  passwords: readonly [password: string, ...older: string[]],
): Promise<string | undefined> {
  const account = await currentAccount(connection.rows)
  if (parseAccount(account).user !== change.username) return ofAnother
  try {
    await identify(connection, account, passwords)
    return undefined
  } catch (error) {
    if (!hasCode(error, 'ER_SPECIFIC_ACCESS_DENIED_ERROR')) throw error
  }
  const denial = await byMaster(change, async (master, account) => master.identify?.(account, passwords))
  return denial && `the user lacks the privilege CREATE USER, and ${denial}`
}

/** Changes the first password of the account that is logged in, which needs no privilege. */
async function setFirst({ rows, run }: MariadbConnection, { password }: OwnMethodChange): Promise<void> {
  const hash = nativeHash(password)
  try {
    await run(`SET PASSWORD = ${literal(hash)}`)
  } catch (error) {
    // MariaDB 10.11 reports this error for a unix_socket before the password, although it has changed the password.
    if (!hasCode(error, 'ER_SET_PASSWORD_AUTH_PLUGIN') || !(await methodsOf(rows)).some(method => method.hash === hash))
      throw error
  }
}
