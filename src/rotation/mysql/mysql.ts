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
}

/**
 * The engine for MySQL 5.7 and newer and for MariaDB 10.4 and newer, on RDS, Aurora or anywhere. Which of the two it is, the server
 * says.
 *
 * MariaDB is sent the hash of a password, so that no log of it holds the password; MySQL cannot take one, and masks it in its own
 * logs. TLS is on, with the server's certificate checked, unless the secret says `"ssl": false`. With alternating users the grants,
 * their options and the host parts of all accounts are carried over.
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
  checkDatabaseOptions('mysql()', 'mysql', options)
  const { ca, connectTimeoutMs = 5_000 } = options
  // Without verifyIdentity mysql2 takes any certificate of the authority, whosever it is.
  const ssl = { rejectUnauthorized: true, verifyIdentity: true, ...(ca !== undefined && { ca: [ca].flat() }) } as const

  async function connect({ host, port, username, password, dbname, tls }: Login): Promise<Session> {
    const opening = driver.createConnection({
      host,
      port,
      user: username,
      password,
      ...(dbname !== undefined && { database: dbname }),
      connectTimeout: connectTimeoutMs,
      ...(tls && { ssl }),
    })
    if (typeof opening.then !== 'function') throw new RotationRefusal('the driver is mysql2, not mysql2/promise')
    const connection = await opening
    // A connection that breaks while nothing is asked of it must not end the process.
    connection.on('error', () => {})
    return mysqlSession(connection)
  }

  const engines = ['mysql', 'aurora-mysql', 'mariadb']
  return databaseEngine({ engines, defaultPort: 3_306, longestUsername: 32, connect }, options)
}
