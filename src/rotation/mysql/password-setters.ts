import type { ProvidedUser } from '../database/database.js'
import { RotationRefusal } from '../rotation-error.js'
import type { AccountRow } from './account-options.js'
import { identifiedAnew, namesOfOthers, requireSettable } from './auth-methods.js'
import type { MasterConnection } from './copy-grants.js'
import { accountName, type Dialect } from './dialect.js'
import { methodsOf } from './own-method.js'

/** The accounts that get a password. */
export interface AccountsToSet {
  /** The existing ones. */
  before: readonly AccountRow[]
  /** The accounts that these, and others that do not exist yet, are modelled on. */
  sources: readonly AccountRow[]
  user: Pick<ProvidedUser, 'password' | 'log'>
}

/**
 * The statements that set the password of accounts for which SET PASSWORD is not enough, by host. Refuses accounts whose password no
 * rotation could set.
 */
export function passwordSetters(
  connection: MasterConnection,
  dialect: Dialect,
  accounts: AccountsToSet,
): Promise<Map<string, string>> {
  return dialect.isMariadb ? amongOtherWays(connection, accounts) : byAnotherPlugin(dialect, accounts)
}

/** A MariaDB account may have several authentication methods; only its passwords change. */
async function amongOtherWays(
  { rows }: MasterConnection,
  { before, sources, user: { password, log } }: AccountsToSet,
): Promise<Map<string, string>> {
  const setters = new Map<string, string>()
  for (const account of before) {
    const name = accountName(account)
    const identified = identifiedAnew(await methodsOf(rows, name), password)
    if (identified !== undefined) setters.set(account.host, `ALTER USER ${name} ${identified}`)
  }
  for (const account of sources) {
    const methods = await methodsOf(rows, accountName(account))
    // This account's turn comes with the next rotation.
    requireSettable(methods)
    const others = namesOfOthers(methods)
    if (others !== undefined)
      log('not-rotated', `the current user has other authentication methods, which are not copied: ${others}`)
  }
  return setters
}

/** A MySQL account has one plugin. The second user gets that of the first, so that the same clients can log in as both. */
async function byAnotherPlugin(
  dialect: Dialect,
  { before, sources, user: { password } }: AccountsToSet,
): Promise<Map<string, string>> {
  const setters = new Map<string, string>()
  for (const source of sources) requirePassword(source)
  for (const account of before) {
    const source = sources.find(({ host }) => host === account.host) ?? account
    requirePassword(source)
    const { plugin } = source.columns
    if (plugin !== account.columns.plugin)
      setters.set(account.host, `ALTER USER ${accountName(account)} ${dialect.identified(password, plugin)}`)
  }
  return setters
}

/** The MySQL plugins whose passwords the server stores. */
const withPassword: ReadonlySet<unknown> = new Set(['caching_sha2_password', 'sha256_password', 'mysql_native_password'])

function requirePassword({ user, host, columns: { plugin } }: AccountRow): void {
  if (withPassword.has(plugin)) return
  throw new RotationRefusal(
    `${accountName({ user, host })} logs in by ${plugin}, not by a password that could be set`,
    'Have an administrator give the account one: ALTER USER … IDENTIFIED WITH caching_sha2_password BY ….',
  )
}
