import { aFlag, type OptionRules, oneOf } from '../../core/options/check-options.js'
import { hasExpired, mysqlKindOf } from '../../pools/mysql-error.js'
import { verifiableAddress } from '../../pools/verifiable-address.js'
import { checkDatabaseOptions, type DatabaseEngineOptions, type Login, type Session } from '../database/database.js'
import { databaseEngine } from '../database/database-engine.js'
import type { RotationEngine } from '../engine.js'
import { RotationRefusal } from '../rotation-error.js'
import type { MysqlDriver } from './driver.js'
import { mysqlSession } from './mysql-session.js'

/** The options of `mysql()`. */
export interface MysqlEngineOptions extends DatabaseEngineOptions {
  /** The driver: `import mysql from 'mysql2/promise'`. */
  mysql: MysqlDriver
  /**
   * Which accounts alternating users copy and give the new password, if several accounts have the user's name and different hosts.
   *
   * - `login`: the one that the secret's login from this function ends up at. All others, which may be an administrator's, are left alone.
   * - `all`: all of them, of both users. They must all belong to the application, because a login with one speaks for the others.
   *
   * @default 'login'
   */
  accounts?: 'login' | 'all' | undefined
  /**
   * Whether a single user's old password keeps working beside the new one until the next rotation, so that no login fails while AWSCURRENT
   * moves. MySQL 8.0.14 and newer can do that if the user has the privilege `APPLICATION_PASSWORD_ADMIN`, and MariaDB if the user has
   * `CREATE USER`, or if the secret names a master (`masterarn`) that may do it. If nobody may, `log` receives `old-password-lost` with the
   * reason; a master that fails for another reason fails the step.
   *
   * With false, the old password ends when the new one is set, and so does any older one. If the user may not end it, the master does; if
   * nobody may, the step fails before anything is changed.
   *
   * @default true
   */
  keepOldPassword?: boolean | undefined
}

const rules: OptionRules = { accounts: oneOf('login', 'all'), keepOldPassword: aFlag }

/**
 * The rotation engine for MySQL 5.7 and newer and for MariaDB 10.4 and newer, on RDS, Aurora or anywhere else. It asks the server which of
 * the two it is.
 *
 * MariaDB receives the hash of a password, so none of its logs contains the password; MySQL accepts only the password, and masks it in its
 * own logs. TLS is on, with the server's certificate checked, unless the secret says `"ssl": false`. With alternating users, the grants and
 * options of the first user's account are copied to the second user's, or those of all accounts with the user's name: see `accounts`.
 *
 * @example
 * import { readFileSync } from 'node:fs'
 * import driver from 'mysql2/promise'
 * const engine = mysql({ mysql: driver, ca: readFileSync('global-bundle.pem', 'utf8') })
 */
export function mysql({ mysql: driver, ...options }: MysqlEngineOptions): RotationEngine {
  if (typeof driver?.createConnection !== 'function') {
    throw new TypeError("mysql must be the promise API of the driver: import mysql from 'mysql2/promise'.")
  }
  checkDatabaseOptions('mysql()', 'mysql', options, rules)
  const { ca, connectTimeoutMs = 5_000, accounts = 'login', keepOldPassword = true } = options
  // Without verifyIdentity, mysql2 accepts any certificate of the authority, for whatever host it was issued.
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
    // An idle connection that breaks must not end the process.
    connection.on('error', () => {})
    if (typeof opening.then !== 'function') throw new RotationRefusal('the driver is mysql2, not mysql2/promise')
    return mysqlSession(connection, { accounts, keepOldPassword })
  }

  const engines = ['mysql', 'aurora-mysql', 'mariadb']
  const database = { engines, defaultPort: 3_306, longestUsername: 32, connect, kindOf: mysqlKindOf, hasExpired }
  return databaseEngine(database, options)
}
