import type { Session } from '../database/database.js'
import { currentAccount, type Rows } from './current-account.js'
import { type Dialect, dialectOf } from './dialect.js'
import type { MysqlConnection } from './driver.js'
import {
  endOldPassword,
  endOldPasswordOf,
  type Lost,
  type Run,
  retainOf,
  setBesideCurrent,
  setInPlace,
} from './dual-passwords.js'
import { leftAlone, othersOfOwnName } from './other-accounts.js'
import { endOlderMethod, identify, type OwnMethodChange, setOwnMethod } from './own-method.js'
import { provideUser } from './provide-user.js'

/** The options of the engine that a session needs. */
export interface MysqlSessionOptions {
  accounts: 'login' | 'all'
  keepOldPassword: boolean
}

/** A login on MySQL or MariaDB. */
export function mysqlSession(connection: MysqlConnection, { accounts: which, keepOldPassword }: MysqlSessionOptions): Session {
  const rows: Rows = async <Row>(sql: string) => (await connection.query(sql))[0] as Row[]
  const run: Run = sql => connection.query(sql)

  /** Determines the dialect, and sets how literals and SHOW GRANTS are quoted in this session and how long it waits for a lock. */
  async function prepare(): Promise<Dialect> {
    // A grant waits for a table that is locked, by default for a day and more: the function would have timed out long before.
    // And a server may show no more than so many rows of any list.
    await connection.query(
      "SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES', sql_quote_show_create = 1, lock_wait_timeout = 10, sql_select_limit = 18446744073709551615",
    )
    const [row] = await rows<{ version: string }>('SELECT VERSION() AS version')
    const dialect = dialectOf(row?.version ?? '')
    // For a lock on the tables of accounts, such as a backup's, MariaDB waits without limit, whatever the variable above says.
    if (dialect.isMariadb) await connection.query('SET SESSION max_statement_time = 20')
    return dialect
  }

  /** Sets the own password; returns why the current one was not kept, if it should have been. */
  async function setOwn(dialect: Dialect, change: OwnMethodChange): Promise<Lost> {
    if (dialect.isMariadb) return setOwnMethod({ rows, run }, change)
    if (dialect.keepsOldPassword) return keepOldPassword ? setBesideCurrent(run, change) : setInPlace(run, change)
    await run(`SET PASSWORD = ${dialect.password(change.password)}`)
    return keepOldPassword ? 'the server keeps only one password for an account: MySQL 8.0.14 and later keep two' : undefined
  }

  return {
    account: () => currentAccount(rows),

    async changeOwnPassword(password, change) {
      const lost = await setOwn(await prepare(), { ...change, password, keepOldPassword })
      const { log } = change
      if (lost !== undefined) log('old-password-lost', lost)
      // The password is set: a failure in what is only reported must not fail the step.
      const others = leftAlone(await othersOfOwnName(rows).catch(() => []))
      if (others !== undefined) log('not-rotated', others)
    },

    async completeOwnChange(password, own) {
      if (keepOldPassword) return
      const change = { ...own, password, keepOldPassword }
      const dialect = await prepare()
      if (dialect.isMariadb) await endOlderMethod({ rows, run }, change)
      else if (dialect.keepsOldPassword) await endOldPassword(run, change)
    },

    async identify(account, passwords) {
      const { isMariadb } = await prepare()
      const [password, current = password] = passwords
      if (isMariadb) await identify({ rows, run }, account, passwords)
      else await retainOf(run, account, password, current)
    },

    async endOldPassword(account, change) {
      await prepare()
      await endOldPasswordOf(run, account, change)
    },

    async provideUser(user) {
      await provideUser({ rows, run }, await prepare(), { ...user, which })
    },

    close: () => connection.end(),
  }
}
