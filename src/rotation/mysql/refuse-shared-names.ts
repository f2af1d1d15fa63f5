import { RotationRefusal } from '../rotation-error.js'
import { grantsOf, type MasterConnection } from './copy-grants.js'
import { type Account, accountName, literal } from './dialect.js'
import { type Grant, grantText, isGlobal } from './grants.js'

/** The accounts of both users' names, some of which a rotation is about. */
interface SharedNames {
  /** The account that the current user's login ends up at. */
  login: Account
  /** The user that is modelled on the current one. */
  username: string
  ours: readonly Account[]
  accounts: readonly Account[]
}

/**
 * Refuses to grant rights where accounts share names. On a database, table or routine on which its own account has no rights, a session has
 * the rights of another account of its user's name, if the host matches. So others would get the second user's rights, or the second user
 * would lack rights that the first has through another account.
 */
export async function refuseSharedNames(
  connection: MasterConnection,
  { login, username, ours, accounts }: SharedNames,
): Promise<void> {
  const left = accounts.filter(account => !ours.includes(account))
  const strangers = left.filter(({ user }) => user === username)
  if (strangers.length > 0) {
    throw new RotationRefusal(
      `${strangers.map(accountName).join(', ')} exists, too: accounts with one name share their rights, so it would get those of ${login.user}`,
      `If all accounts of both names belong to the application, pass the option accounts: 'all'. Otherwise drop it, or give the application a user with another name.`,
    )
  }
  if (left.length === 0) return
  const own = await grantsOf(connection, login)
  for (const account of left) {
    if (!(await covers(connection, account.host, login.host))) continue
    const lent = (await grantsOf(connection, account)).filter(grant => isShared(grant) && !own.some(has => covered(grant, has)))
    if (lent.length === 0) continue
    throw new RotationRefusal(
      `${accountName(login)} has some rights only through ${accountName(account)}, so ${username} would lack: ${lent.map(grantText).join('; ')}`,
      `Grant them to ${accountName(login)}, too. If all accounts of ${login.user} belong to the application, the option accounts: 'all' copies them all.`,
    )
  }
}

/** Whether an account does not need another one's grant: its own grant on the same object takes precedence, and one on more may include it. */
function covered({ on, items }: Grant, own: Grant): boolean {
  if (own.on === on) return true
  const [, schema] = /^(?:[A-Z ]+ )?(`(?:[^`]|``)*`)\./.exec(on) ?? []
  if (own.verb !== 'GRANT' || (own.on !== '*.*' && own.on !== `${schema}.*`)) return false
  const wanted = items.flatMap(item => (item === 'ALL PRIVILEGES' ? allOnSchema : [item.replace(/ \(.*$/s, '')]))
  return own.items.includes('ALL PRIVILEGES') || wanted.every(item => own.items.includes(item))
}

/** What MySQL lists for ALL PRIVILEGES on everything. */
const allOnSchema =
  'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, REFERENCES, INDEX, ALTER, CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, EVENT, TRIGGER'.split(
    ', ',
  )

/** Whether a grant applies to all accounts of a name: global grants, roles and PROXY do not. */
function isShared(grant: Grant): boolean {
  return grant.verb === 'GRANT' && grant.on !== '' && !isGlobal(grant) && !grant.items.includes('PROXY')
}

/** Whether an account's host is a pattern that matches another's. */
async function covers({ rows }: MasterConnection, pattern: string, host: string): Promise<boolean> {
  const [row] = await rows<{ fits: unknown }>(`SELECT ${literal(host)} LIKE ${literal(pattern)} AS fits`)
  return Number(row?.fits) === 1
}
