import type mysql from 'mysql2/promise'
import { inject } from 'vitest'
import { startMariadb } from '../../support/mariadb.js'
import { startMysql } from '../../support/mysql.js'
import { connectMysql, type MysqlServer, type MysqlServerOptions } from '../../support/mysql-server.js'
import { type TestDatabase as Database, useDatabase } from '../../support/test-database.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** Which server the suite runs on: but for what is MariaDB's own, on both in turn. */
    mysqlServer: 'mariadb' | 'mysql'
  }
}

/** One account for each host, and what follows GRANT. */
interface UserOptions {
  hosts?: readonly string[]
  options?: string
}

/** A MariaDB or a MySQL for the tests of one file. `query` resolves with the answer to each statement. */
export type TestDatabase = Database<MysqlServer, mysql.Connection, UserOptions>

/** Starts the server that the suite runs on. */
export function startServer(options: MysqlServerOptions = {}): Promise<MysqlServer> {
  return inject('mysqlServer') === 'mysql' ? startMysql(options) : startMariadb(options)
}

/** Starts the server before the tests of the file and stops it after them. */
export function useTestDatabase(options: MysqlServerOptions = {}): TestDatabase {
  return useDatabase<MysqlServer, mysql.Connection, UserOptions>({
    engine: inject('mysqlServer'),
    start: () => startServer(options),
    connect: connectMysql,
    async createUser(admin, { username, password }, { hosts = ['%'], options = '' } = {}) {
      await admin.query(`CREATE DATABASE ${username}`)
      for (const host of hosts) {
        await admin.query(`CREATE USER ${username}@'${host}' IDENTIFIED BY '${password}'`)
        await admin.query(`GRANT ALL PRIVILEGES ON ${username}.* TO ${username}@'${host}' ${options}`)
      }
      return { dbname: username }
    },
    run: async (connection, statement) => [(await connection.query(statement))[0]],
  })
}
