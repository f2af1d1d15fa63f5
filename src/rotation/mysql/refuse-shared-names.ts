import { RotationRefusal } from '../rotation-error.js'
import { grantsOf, type MasterConnection } from './copy-grants.js'
import { type Account, accountName, literal } from './dialect.js'
import { type Grant, grantText, isGlobal } from './grants.js'

/** The accounts of both users' names, of which a rotation is about some. */
interface SharedNames {
  /** The account that the current user's login ends up at. */
  login: Account
  /** The user that is to be like the current one. */
  username: string
  ours: readonly Account[]
  accounts: readonly Account[]
}

/**
 * Refuses to give rights where accounts share names. On a database, a table or a routine on which its own account has nothing, a
 * session has what another account of its user's name has, if the host fits: so others would get the second user's rights, or the second user would lack
 * what the first has by another account.
 */
export async function refuseSharedNames(
  connection: MasterConnection,
  { login, username, ours, accounts }: SharedNames,
): Promise<void> {
  const left = accounts.filter(account => !ours.includes(account))
  const has = (user: string, host: string): boolean => accounts.some(account => account.user === user && account.host === host)
  const strangers = left.filter(({ user, host }) => user === username && !has(login.user, host))
  if (strangers.length > 0) {
    throw new RotationRefusal(
      `there is ${strangers.map(accountName).join(', ')}, too, which would get the rights of ${login.user} by its name`,
      `Drop it if it is not needed, or give the application a user of another name: ${login.user} has no account from there, so it is not the pair's.`,
    )
  }
  for (const account of left.filter(({ user, host }) => user === login.user && !has(username, host))) {
    if (!(await covers(connection, account.host, login.host))) continue
    const own = await grantsOf(connection, login)
    // What an account has on something itself comes in the place of what the others have.
    const lent = (await grantsOf(connection, account)).filter(grant => isShared(grant) && !own.some(({ on }) => on === grant.on))
    if (lent.length === 0) continue
    throw new RotationRefusal(
      `${accountName(login)} works with rights of ${accountName(account)}, which ${username} would lack: ${lent.map(grantText).join('; ')}`,
      `Grant them to ${accountName(login)}, too. If each account of ${login.user} is the application's, the option accounts: 'all' copies them all.`,
    )
  }
}

/** Whether a grant counts for all accounts of a name: neither what is global, nor a role, nor to be a proxy does. */
function isShared(grant: Grant): boolean {
  return grant.verb === 'GRANT' && grant.on !== '' && !isGlobal(grant) && !grant.items.includes('PROXY')
}

/** Whether an account's host is a pattern that fits another's. */
async function covers({ rows }: MasterConnection, pattern: string, host: string): Promise<boolean> {
  const [row] = await rows<{ fits: unknown }>(`SELECT ${literal(host)} LIKE ${literal(pattern)} AS fits`)
  return Number(row?.fits) === 1
}
