import { aFlag, type OptionRules, oneOf } from '../../core/options/check-options.js'
import { mysqlKindOf } from '../../pools/mysql-error.js'
import { verifiableAddress } from '../../pools/verifiable-address.js'
import { checkDatabaseOptions, type DatabaseEngineOptions, type Login, type Session } from '../database/database.js'
import { databaseEngine } from '../database/database-engine.js'
import type { RotationEngine } from '../engine.js'
import { RotationRefusal } from '../rotation-error.js'
import type { MysqlDriver } from './driver.js'
import { mysqlSession } from './mysql-session.js'

/** Options of `mysql()`. */
export interface MysqlEngineOptions extends DatabaseEngineOptions {
  /** The driver: `import mysql from 'mysql2/promise'`. */
  mysql: MysqlDriver
  /**
   * Which accounts alternating users copy, and give the new password, of several with the user's name and other hosts.
   *
   * - `login`: the one that the secret's login from this function ends up at. All others, which may be an administrator's, are left alone.
   * - `all`: each of them, of both users; they must all be the application's, for a login by one speaks for the others.
   *
   * @default 'login'
   */
  accounts?: 'login' | 'all' | undefined
  /**
   * Whether a single user's old password goes on working beside the new one until the next rotation, so that no login fails while
   * AWSCURRENT moves. MySQL 8.0.14 and newer can do that, if the user has the privilege `APPLICATION_PASSWORD_ADMIN`, and MariaDB, if the
   * user has `CREATE USER` or the secret names a master that has (`masterarn`). Where nobody may do it, `log` is told
   * `old-password-lost`, with the reason; a master that fails for another reason fails the step.
   *
   * With false the old password ends as the new one is set, and with it any older one. Who may not end that has the master do it; where
   * nobody may, the step fails before anything is changed.
   *
   * @default true
   */
  keepOldPassword?: boolean | undefined
}

const rules: OptionRules = { accounts: oneOf('login', 'all'), keepOldPassword: aFlag }

/**
 * The engine for MySQL 5.7 and newer and for MariaDB 10.4 and newer, on RDS, Aurora or anywhere. Which of the two it is, the server
 * says.
 *
 * MariaDB is sent the hash of a password, so that no log of it holds the password; MySQL cannot take one, and masks it in its own
 * logs. TLS is on, with the server's certificate checked, unless the secret says `"ssl": false`. With alternating users the grants and
 * options of the first user's account are carried over to the second's, or of all accounts of the user's name: `accounts`.
 *
 * @example
 * import { readFileSync } from 'node:fs'
 * import driver from 'mysql2/promise'
 * const engine = mysql({ mysql: driver, ca: readFileSync('global-bundle.pem', 'utf8') })
 */
export function mysql({ mysql: driver, ...options }: MysqlEngineOptions): RotationEngine {
  if (typeof driver?.createConnection !== 'function') {
    throw new TypeError("mysql must be the driver with promises: import mysql from 'mysql2/promise'.")
  }
  checkDatabaseOptions('mysql()', 'mysql', options, rules)
  const { ca, connectTimeoutMs = 5_000, accounts = 'login', keepOldPassword = true } = options
  // Without verifyIdentity mysql2 takes any certificate of the authority, whosever it is.
  const ssl = { rejectUnauthorized: true, verifyIdentity: true, ...(ca !== undefined && { ca: [ca].flat() }) } as const

  async function connect({ host, port, username, password, dbname, tls }: Login): Promise<Session> {
    const opening = driver.createConnection({
      ...(tls ? verifiableAddress(host, port) : { host, port }),
      user: username,
      password,
      ...(dbname !== undefined && { database: dbname }),
      connectTimeout: connectTimeoutMs,
      ...(tls && { ssl }),
    })
    const connection = await opening
    // A connection that breaks while nothing is asked of it must not end the process.
    connection.on('error', () => {})
    if (typeof opening.then !== 'function') throw new RotationRefusal('the driver is mysql2, not mysql2/promise')
    return mysqlSession(connection, { accounts, keepOldPassword })
  }

  const engines = ['mysql', 'aurora-mysql', 'mariadb']
  return databaseEngine({ engines, defaultPort: 3_306, longestUsername: 32, connect, kindOf: mysqlKindOf }, options)
}
