import type { ProvidedUser } from '../database/database.js'
import { RotationRefusal } from '../rotation-error.js'
import type { AccountRow } from './account-options.js'
import { identifiedAnew, namesOfOthers, requireSettable } from './auth-methods.js'
import type { MasterConnection } from './copy-grants.js'
import { accountName, type Dialect } from './dialect.js'
import { methodsOf } from './own-method.js'

/** Accounts that are to have a password. */
export interface AccountsToSet {
  /** Those that are there. */
  before: readonly AccountRow[]
  /** Those that they, and others that are yet to be made, are to be like. */
  sources: readonly AccountRow[]
  user: Pick<ProvidedUser, 'password' | 'log'>
}

/** How accounts get their password where SET PASSWORD is not enough, by their hosts. Refuses what no rotation could set a password for. */
export function passwordSetters(
  connection: MasterConnection,
  dialect: Dialect,
  accounts: AccountsToSet,
): Promise<Map<string, string>> {
  return dialect.isMariadb ? amongOtherWays(connection, accounts) : byAnotherPlugin(dialect, accounts)
}

/** An account of MariaDB may have several ways to log in, of which the passwords alone change. */
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
    // Its own turn comes with the next rotation.
    requireSettable(methods)
    const others = namesOfOthers(methods)
    if (others !== undefined) log('not-rotated', `the current user has other ways to log in, which are not copied: ${others}`)
  }
  return setters
}

/** An account of MySQL has one plugin. What the second user's clients can do is what the first user's can: they have the same. */
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

/** The plugins of MySQL whose passwords the server keeps. */
const withPassword: ReadonlySet<unknown> = new Set(['caching_sha2_password', 'sha256_password', 'mysql_native_password'])

function requirePassword({ user, host, columns: { plugin } }: AccountRow): void {
  if (withPassword.has(plugin)) return
  throw new RotationRefusal(
    `${accountName({ user, host })} logs in by ${plugin}, and not by a password that could be set`,
    'Have an administrator give the account one: ALTER USER … IDENTIFIED WITH caching_sha2_password BY ….',
  )
}
