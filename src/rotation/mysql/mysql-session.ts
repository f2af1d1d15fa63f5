import type { ProvidedUser, Session } from '../database/database.js'
import { randomPassword } from '../password.js'
import { RotationRefusal } from '../rotation-error.js'
import { type Account, accountName, type Dialect, dialectOf, parseAccount } from './dialect.js'
import type { MysqlConnection } from './driver.js'
import { endOldPassword, type Run, setBesideCurrent, setInPlace } from './dual-passwords.js'
import { type AccountRow, accountsQuery, replayGrant, requirement } from './grants.js'

/** What the engine's options say of a session's work. */
export interface MysqlSessionOptions {
  accounts: 'login' | 'all'
  keepOldPassword: boolean
}

/** A login on MySQL or MariaDB. */
export function mysqlSession(connection: MysqlConnection, { accounts: which, keepOldPassword }: MysqlSessionOptions): Session {
  const rows = async <Row>(sql: string): Promise<Row[]> => (await connection.query(sql))[0] as Row[]
  const run: Run = sql => connection.query(sql)

  /** Asks for the dialect, and settles how this session's literals and SHOW GRANTS are quoted. */
  async function prepare(): Promise<Dialect> {
    await connection.query("SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES', sql_quote_show_create = 1")
    const [row] = await rows<{ version: string }>('SELECT VERSION() AS version')
    return dialectOf(row?.version ?? '')
  }

  /** Gives an account what another one has, save for the password. */
  async function copyAccount(from: AccountRow, to: Account, dialect: Dialect, exists: boolean): Promise<void> {
    // An account without a password would be open to all until the end. Nobody knows this one.
    if (!exists) await connection.query(`CREATE USER IF NOT EXISTS ${accountName(to)} ${dialect.identified(randomPassword(32))}`)
    await connection.query(`ALTER USER ${accountName(to)} ${requirement(from)}`)
    for (const row of await rows<Record<string, string>>(`SHOW GRANTS FOR ${accountName(from)}`)) {
      const [line = ''] = Object.values(row)
      await connection.query(replayGrant(line, from, to))
    }
    if (dialect.defaultRoles === undefined) return
    const roles = await rows<Account>(dialect.defaultRoles(from))
    if (roles.length > 0)
      await connection.query(`ALTER USER ${accountName(to)} DEFAULT ROLE ${roles.map(accountName).join(', ')}`)
  }

  return {
    async account() {
      const [row] = await rows<{ account: string }>('SELECT CURRENT_USER() AS account, NOW()')
      return row?.account ?? ''
    },

    async changeOwnPassword(_username, password, { current, onOldPasswordLost }) {
      const dialect = await prepare()
      if (!dialect.keepsOldPassword) {
        await run(`SET PASSWORD = ${dialect.password(password)}`)
        if (keepOldPassword) onOldPasswordLost('the server is older than MySQL 8.0.14')
      } else if (keepOldPassword) {
        const lost = await setBesideCurrent(run, { password, current })
        if (lost !== undefined) onOldPasswordLost(lost)
      } else {
        await setInPlace(run, { password, current })
      }
    },

    async completeOwnChange() {
      if (!keepOldPassword && (await prepare()).keepsOldPassword) await endOldPassword(run)
    },

    async provideUser({ username, password, like, likeAccount }: ProvidedUser) {
      const dialect = await prepare()
      const login = parseAccount(likeAccount)
      if (login.user !== like) throw new RotationRefusal('the login ends up at an account of another name')
      const accounts = await rows<AccountRow>(accountsQuery([username, like]))
      const isOurs = ({ host }: Account): boolean => which === 'all' || host === login.host
      const hostsOf = (user: string): string[] => accounts.filter(row => row.user === user && isOurs(row)).map(({ host }) => host)
      for (const from of accounts.filter(row => row.user === like && isOurs(row))) {
        await copyAccount(from, { user: username, host: from.host }, dialect, hostsOf(username).includes(from.host))
      }
      // The account by which we ourselves would log in comes last: a login with the new password means that all is done.
      const hosts = new Set([...hostsOf(username), ...hostsOf(like)])
      for (const host of [...[...hosts].filter(name => name !== login.host), login.host]) {
        const account = accountName({ user: username, host })
        // One that was kept beside the first, when it was rotated as a single user, would go on opening it.
        if (dialect.keepsOldPassword) await run(`ALTER USER ${account} DISCARD OLD PASSWORD`)
        await run(`SET PASSWORD FOR ${account} = ${dialect.password(password)}`)
      }
    },

    close: () => connection.end(),
  }
}
