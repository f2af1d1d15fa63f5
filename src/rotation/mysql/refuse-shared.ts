import { RotationRefusal } from '../rotation-error.js'
import type { GrantCopy, MasterConnection } from './copy-grants.js'
import { definitionsOf } from './definitions.js'
import { type Account, accountName, type Dialect, literal } from './dialect.js'
import { proofRemedy } from './proof-remedy.js'

/** What is known of the accounts of a name. */
export interface KnownAccounts {
  /** All existing ones. */
  there: readonly Account[]
  /** Whether they are known to be those of the other user of the pair. */
  isProven: boolean
}

/**
 * Refuses an account through which others would get the rights that it is given: as a role, as a proxy, or through objects of which it is
 * the definer. A dropped account may have left such things behind for the next one of its name.
 */
export async function refuseShared(
  connection: MasterConnection,
  dialect: Dialect,
  { from, to }: GrantCopy,
  { there, isProven }: KnownAccounts,
): Promise<void> {
  const isThere = there.some(({ host }) => host === to.host)
  const refusal = (why: string, hint: string): RotationRefusal =>
    new RotationRefusal(
      `${to.user} ${isThere ? 'already exists' : 'does not exist yet'}, and others would get the rights of ${from.user} through it: ${why}`,
      `${hint} the application a user with another name.`,
    )

  const others = (await thoseWhoAct(connection, dialect, to)).filter(({ user }) => user !== from.user)
  if (others.length > 0) throw refusal(`${others.map(accountName).join(', ')} may act as it`, 'Revoke that, or give')
  if (isThere && isProven) return
  const definitions = (await definitionsOf(connection, to, there)).map(
    ({ kind, schema, name }) => `${kind.toLowerCase()} ${schema}.${name}`,
  )
  if (definitions.length === 0) return
  throw isThere
    ? refusal(`AWSPREVIOUS does not open it, and it is the definer of ${definitions.join(', ')}`, `${proofRemedy} Otherwise give`)
    : refusal(`it is the definer of ${definitions.join(', ')}`, 'Drop it or change its definer, or give')
}

/** The accounts that have an account as a role or may be its proxy. */
async function thoseWhoAct({ rows }: MasterConnection, dialect: Dialect, account: Account): Promise<Account[]> {
  const holders = dialect.roleHolders === undefined ? [] : await rows<Account>(dialect.roleHolders(account))
  const proxies = await rows<Account>(
    `SELECT User AS user, Host AS host FROM mysql.proxies_priv WHERE Proxied_user = ${literal(account.user)} AND Proxied_host = ${literal(account.host)}`,
  )
  return [...holders, ...proxies]
}
