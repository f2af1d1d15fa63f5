import { currentAccount, type Rows } from './current-account.js'
import { type Account, literal, parseAccount } from './dialect.js'

/** The log text about accounts that a rotation leaves alone; undefined if there are none. */
export function leftAlone(accounts: readonly Pick<Account, 'host'>[]): string | undefined {
  const hosts = [...new Set(accounts.map(({ host }) => host))].sort()
  return hosts.length > 0 ? `other accounts with the user's name keep their password: from ${hosts.join(', ')}` : undefined
}

/**
 * The other accounts of the own name, as far as the user may see any. Without the right to see them, this view is empty, whereas the table
 * of accounts would deny access, which may look like an attack to those who monitor the server.
 */
export async function othersOfOwnName(rows: Rows): Promise<Account[]> {
  const own = parseAccount(await currentAccount(rows))
  // The view puts quotes around names and does not escape those in them.
  const start = `'${own.user}'@'`
  const found = await rows<{ grantee: string }>(
    `SELECT DISTINCT GRANTEE AS grantee FROM information_schema.USER_PRIVILEGES WHERE LEFT(GRANTEE, ${[...start].length}) = ${literal(start)}`,
  )
  return found
    .filter(({ grantee }) => grantee.startsWith(start))
    .map(({ grantee }) => ({ user: own.user, host: grantee.slice(start.length, -1) }))
    .filter(({ host }) => host !== own.host && !host.includes("'"))
}
