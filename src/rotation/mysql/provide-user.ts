import type { ProvidedUser } from '../database/database.js'
import { randomPassword } from '../password.js'
import { RotationRefusal } from '../rotation-error.js'
import { type AccountRow, accountOptions, accountRows, accountsQuery } from './account-options.js'
import { copyGrants, grantsOf, type MasterConnection, rightsBeyond } from './copy-grants.js'
import { currentAccount, ofAnother } from './current-account.js'
import { type Account, accountName, type Dialect, parseAccount } from './dialect.js'
import { leftAlone } from './other-accounts.js'
import { passwordSetters } from './password-setters.js'
import { proofRemedy } from './proof-remedy.js'
import { refuseSharedNames } from './refuse-shared-names.js'
import { shareRoutines } from './share-routines.js'
import { type AccountCopy, takeOver } from './take-over.js'

/** The user to provide, and which accounts of its name. */
export interface ProvidedAccounts extends ProvidedUser {
  which: 'login' | 'all'
}

/** The accounts of both users that a rotation changes or copies. */
interface PairOfAccounts {
  /** The account that the current user's login ends up at. */
  login: Account
  /** The existing accounts of the user to provide. */
  before: AccountRow[]
  /** The accounts that it is modelled on: none for the first user of a pair. */
  sources: AccountRow[]
}

/**
 * Creates or completes the accounts of a user: first the grants and options of another user's, then the password. For the first user of a
 * pair, only the password changes, and it gets the rights to what the second has created.
 *
 * Existing accounts get neither grants nor the password of this secret unless they are known to belong to the pair, or may do nothing that
 * the current user may not. Otherwise anyone who can write a secret could use it to take over a user that may do more.
 */
export async function provideUser(connection: MasterConnection, dialect: Dialect, user: ProvidedAccounts): Promise<void> {
  const { rows } = connection
  const { username, like, likeAccount, which, isFirst, isDone, log } = user
  const login = parseAccount(likeAccount)
  if (login.user !== like) throw new RotationRefusal(ofAnother)
  await refuseMaster(connection, user)
  const accounts = accountRows(await rows<Record<string, unknown>>(accountsQuery(dialect, [username, like])))
  const ours = accounts.filter(({ host }) => which === 'all' || host === login.host)
  const before = ours.filter(account => account.user === username)
  const likeAccounts = ours.filter(account => account.user === like)
  if (isFirst) requireAccount(before, { user: username, host: login.host })
  const there = accounts.filter(account => account.user === username)
  const isProven = await isProvenBy(user, { login, isOnlyOne: there.length === before.length }, () =>
    rows<object>(accountsQuery(dialect, [''])),
  )
  if (!isProven) await refuseForeign(connection, before, likeAccounts, user)
  if (!isFirst) await refuseSharedNames(connection, { login, username, ours, accounts })

  const pair = { login, before, sources: isFirst ? [] : likeAccounts }
  const setters = await passwordSetters(connection, dialect, { ...pair, user })
  const takenOver = await takeOver(connection, dialect, {
    copies: copiesTo(username, pair.sources, log),
    there,
    isOnlyOne: there.length === before.length,
    isProven,
    isDone,
  })
  if (takenOver === undefined) return
  for (const { to } of takenOver) setters.delete(to.host)
  await makeAlike(connection, dialect, { ...pair, user })
  if (isFirst) for (const copy of copiesTo(username, likeAccounts, log)) await shareRoutines(connection, copy)
  const others = leftAlone(accounts.filter(account => !ours.includes(account)))
  if (others !== undefined) log('not-rotated', others)
  await setPasswords(connection, dialect, { ...pair, user }, setters)
}

/** Whether the accounts that are about to change have been the other user's of this pair. */
async function isProvenBy(
  { username, which, proof }: ProvidedAccounts,
  { login, isOnlyOne }: { login: Account; isOnlyOne: boolean },
  anonymous: () => Promise<object[]>,
): Promise<boolean> {
  if (proof === undefined) return false
  // The server does not say whose password has expired. An anonymous account takes any name for which no other fits better.
  if (proof === 'expired') return isOnlyOne && (await anonymous()).length === 0
  // The login may end up at another account than the one that is about to change. Where all are the application's, one speaks for the others.
  const proven = parseAccount(proof.account)
  return proven.user === username && (which === 'all' || proven.host === login.host)
}

/** The account with which this function would log in is last: a login with the new password means that everything is done. */
async function setPasswords(
  { run }: MasterConnection,
  dialect: Dialect,
  { login, before, sources, user: { username, password } }: PairOfAccounts & { user: ProvidedAccounts },
  setters: ReadonlyMap<string, string>,
): Promise<void> {
  const hosts = new Set([...before, ...sources].map(({ host }) => host))
  hosts.delete(login.host)
  for (const host of [...hosts, login.host]) {
    const account = accountName({ user: username, host })
    // A second password, kept when the account was rotated as a single user, would still open it.
    if (dialect.keepsOldPassword) await run(`ALTER USER ${account} DISCARD OLD PASSWORD`)
    await run(setters.get(host) ?? `SET PASSWORD FOR ${account} = ${dialect.password(password)}`)
  }
}

/** From each account of a user to that of the other user with the same host. */
function copiesTo(username: string, accounts: readonly AccountRow[], log: ProvidedUser['log']): AccountCopy[] {
  return accounts.map(from => ({ from, to: { user: username, host: from.host }, log }))
}

/**
 * Gives the second user's accounts what the first user's have. Accounts that were created here are dropped if this is refused. They stay
 * after a transient failure, and the next attempt continues with them: meanwhile another attempt may have made them those of AWSCURRENT.
 */
async function makeAlike(
  connection: MasterConnection,
  dialect: Dialect,
  { before, sources, user: { username, log, isDone } }: PairOfAccounts & { user: ProvidedAccounts },
): Promise<void> {
  const { rows, run } = connection
  const copies = copiesTo(username, sources, log)
  const made: Account[] = []
  try {
    for (const { from, to } of copies) {
      if (before.some(({ host }) => host === to.host)) continue
      // An account without a password would be open to all until the end. Nobody knows this password.
      await run(`CREATE USER ${accountName(to)} ${dialect.identified(randomPassword(32), from.columns.plugin)}`)
      made.push(to)
    }
    const denied = new Set<string>()
    for (const copy of copies) for (const grant of await copyGrants(connection, copy)) denied.add(grant)
    if (denied.size > 0)
      throw new RotationRefusal(`the user has more than the master may give (WITH GRANT OPTION): ${[...denied].join('; ')}`)
    for (const { from, to } of copies) {
      const had = before.find(({ host }) => host === from.host)
      await run(`ALTER USER ${accountName(to)} ${accountOptions(from, had)}`)
      if (dialect.defaultRoles === undefined) continue
      const roles = await rows<Account>(dialect.defaultRoles(from))
      if (roles.length > 0 || (had !== undefined && (await rows(dialect.defaultRoles(to))).length > 0))
        await run(`ALTER USER ${accountName(to)} DEFAULT ROLE ${roles.map(accountName).join(', ') || 'NONE'}`)
    }
  } catch (error) {
    if (error instanceof RotationRefusal && !(await isDone().catch(() => true)))
      for (const account of made) await run(`DROP USER IF EXISTS ${accountName(account)}`).catch(() => {})
    throw error
  }
}

/** The first user is created by an administrator, never by a rotation. */
function requireAccount(before: readonly Account[], { user, host }: Account): void {
  if (before.some(account => account.host === host)) return
  throw new RotationRefusal(
    `it has no account with the host ${host}, which the current user's account has`,
    `The second user of a pair is modelled on the first, not the other way round: have an administrator create ${user}, or give the application a user whose name does not end in _clone.`,
  )
}

/** Refuses accounts that may be somebody else's and may do what the current user may not. */
async function refuseForeign(
  connection: MasterConnection,
  accounts: readonly Account[],
  likeAccounts: readonly Account[],
  { username, like, likeAccount }: ProvidedAccounts,
): Promise<void> {
  for (const account of accounts) {
    const other = likeAccounts.find(({ host }) => host === account.host) ?? parseAccount(likeAccount)
    const beyond = rightsBeyond(await grantsOf(connection, account), await grantsOf(connection, other))
    if (beyond.length === 0) continue
    throw new RotationRefusal(
      `${username} already exists, AWSPREVIOUS does not open it, and it has rights that ${like} lacks: ${beyond.join('; ')}`,
      `${proofRemedy} Giving both the same grants helps, too. If it belongs to somebody else, give the application a user with another name.`,
    )
  }
}

async function refuseMaster({ rows }: MasterConnection, { username, like }: ProvidedUser): Promise<void> {
  const { user: master } = parseAccount(await currentAccount(rows))
  if (master !== username && master !== like) return
  throw new RotationRefusal(`${master} is the master, whose password another secret holds`)
}
