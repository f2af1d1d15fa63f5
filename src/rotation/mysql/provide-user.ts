import type { ProvidedUser } from '../database/database.js'
import { randomPassword } from '../password.js'
import { RotationRefusal } from '../rotation-error.js'
import { accountOptions, accountRow, accountsQuery } from './account-options.js'
import { identifiedAnew, namesOfOthers } from './auth-methods.js'
import { currentAccount, type Rows } from './current-account.js'
import { type Account, accountName, type Dialect, parseAccount } from './dialect.js'
import type { Run } from './dual-passwords.js'
import { replayGrant } from './grants.js'
import { leftAlone } from './other-accounts.js'
import { methodsOf } from './own-method.js'

/** A connection of the master. */
export interface MasterConnection {
  rows: Rows
  run: Run
}

/** The user to be provided, and which accounts of its name. */
export interface ProvidedAccounts extends ProvidedUser {
  which: 'login' | 'all'
}

/**
 * Makes the accounts of a user, or completes them: grants and options of another user's, then the password.
 *
 * The password is not set before it is certain that the master may give all that these accounts have. Else who can write a secret could
 * have the password set of somebody who may do more than the master.
 */
export async function provideUser(connection: MasterConnection, dialect: Dialect, user: ProvidedAccounts): Promise<void> {
  const { rows, run } = connection
  const { username, password, like, likeAccount, which, log } = user
  const login = parseAccount(likeAccount)
  if (login.user !== like) throw new RotationRefusal('the login ends up at an account of another name')
  await refuseMaster(connection, user)
  const accounts = (await rows<Record<string, unknown>>(accountsQuery(dialect, [username, like]))).map(accountRow)
  const ours = accounts.filter(({ host }) => which === 'all' || host === login.host)
  const before = ours.filter(account => account.user === username)
  const sources = ours.filter(account => account.user === like)
  const targets = new Map([...before, ...sources].map(({ host }) => [host, { user: username, host }]))

  const setters = await passwordSetters(connection, dialect, { before, sources, user })
  const made = [...targets.values()].filter(({ host }) => !before.some(account => account.host === host))
  // An account without a password would be open to all until the end. Nobody knows this one.
  for (const account of made)
    await run(`CREATE USER IF NOT EXISTS ${accountName(account)} ${dialect.identified(randomPassword(32))}`)
  const lacking = new Set<string>()
  for (const target of targets.values()) {
    const from = sources.find(({ host }) => host === target.host)
    for (const grant of await grantsFor(connection, target, from)) if (!(await tryGrant(connection, grant))) lacking.add(grant)
  }
  if (lacking.size > 0) {
    for (const account of made) await run(`DROP USER ${accountName(account)}`)
    throw new RotationRefusal(`the user has more than the master may give (WITH GRANT OPTION): ${[...lacking].join('; ')}`)
  }

  for (const from of sources) {
    const to = accountName({ user: username, host: from.host })
    await run(
      `ALTER USER ${to} ${accountOptions(
        from,
        before.find(({ host }) => host === from.host),
      )}`,
    )
    const roles = dialect.defaultRoles === undefined ? [] : await rows<Account>(dialect.defaultRoles(from))
    if (roles.length > 0) await run(`ALTER USER ${to} DEFAULT ROLE ${roles.map(accountName).join(', ')}`)
  }
  const others = leftAlone(accounts.filter(account => !ours.includes(account)))
  if (others !== undefined) log('not-rotated', others)
  // The account by which we ourselves would log in comes last: a login with the new password means that all is done.
  for (const host of [...[...targets.keys()].filter(name => name !== login.host), login.host]) {
    const account = accountName({ user: username, host })
    // One that was kept beside the first, when it was rotated as a single user, would go on opening it.
    if (dialect.keepsOldPassword) await run(`ALTER USER ${account} DISCARD OLD PASSWORD`)
    await run(setters.get(host) ?? `SET PASSWORD FOR ${account} = ${dialect.password(password)}`)
  }
}

/** How accounts of several ways to log in, which MariaDB knows, get their password, by their hosts. Refuses what could go wrong. */
async function passwordSetters(
  { rows }: MasterConnection,
  { isMariadb }: Dialect,
  { before, sources, user: { password, log } }: { before: Account[]; sources: Account[]; user: ProvidedAccounts },
): Promise<Map<string, string>> {
  const setters = new Map<string, string>()
  if (!isMariadb) return setters
  for (const account of before) {
    const name = accountName(account)
    const identified = identifiedAnew(await methodsOf(rows, name), password)
    if (identified !== undefined) setters.set(account.host, `ALTER USER ${name} ${identified}`)
  }
  for (const account of sources) {
    const others = namesOfOthers(await methodsOf(rows, accountName(account)))
    if (others !== undefined) log('not-rotated', `the current user has other ways to log in, which are not copied: ${others}`)
  }
  return setters
}

async function refuseMaster({ rows }: MasterConnection, { username, like }: ProvidedUser): Promise<void> {
  const { user: master } = parseAccount(await currentAccount(rows))
  if (master !== username && master !== like) return
  throw new RotationRefusal(`${master} is the master, whose password another secret holds`)
}

/**
 * What a target has, and what it is to have like another account, each once. What it has is given to it again, which changes nothing:
 * the server says by it whether the master may.
 */
async function grantsFor({ rows }: MasterConnection, target: Account, from: Account | undefined): Promise<Set<string>> {
  const grantsOf = async (account: Account): Promise<string[]> => {
    const lines = await rows<Record<string, string>>(`SHOW GRANTS FOR ${accountName(account)}`)
    return lines.map(line => replayGrant(Object.values(line)[0] ?? '', account, target))
  }
  return new Set([...(await grantsOf(target)), ...(from === undefined ? [] : await grantsOf(from))])
}

/** Whether the master may give it. */
async function tryGrant({ run }: MasterConnection, grant: string): Promise<boolean> {
  try {
    await run(grant)
    return true
  } catch (error) {
    if (isDenied(error)) return false
    throw error
  }
}

/** The codes by which a server says that one may not grant something, or not touch an account. */
const denials = new Set([
  'ER_ACCESS_DENIED_ERROR',
  'ER_DBACCESS_DENIED_ERROR',
  'ER_SPECIFIC_ACCESS_DENIED_ERROR',
  'ER_TABLEACCESS_DENIED_ERROR',
  'ER_COLUMNACCESS_DENIED_ERROR',
  'ER_ROLE_NOT_GRANTED',
])

function isDenied(error: unknown): boolean {
  return denials.has(String((error as { code?: unknown } | null)?.code))
}
