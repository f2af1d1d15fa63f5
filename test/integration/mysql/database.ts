import { randomUUID } from 'node:crypto'
import type mysql from 'mysql2/promise'
import { afterAll, beforeAll, inject } from 'vitest'
import { startMariadb } from '../../support/mariadb.js'
import { startMysql } from '../../support/mysql.js'
import { connectMysql, type MysqlServer, type MysqlServerOptions } from '../../support/mysql-server.js'
import type { DatabaseFields } from '../../support/rotating.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** Which server the suite runs on: but for what is MariaDB's own, on both in turn. */
    mysqlServer: 'mariadb' | 'mysql'
  }
}

/** A MariaDB or a MySQL for the tests of one file. */
export interface TestDatabase {
  readonly server: MysqlServer
  readonly admin: mysql.Connection
  /** A user with a database of its own, with one account for each host. */
  makeUser(options?: { hosts?: readonly string[]; options?: string }): Promise<DatabaseFields>
  /** The secret of the administrator. */
  masterSecret(): DatabaseFields
  /** Runs statements as the user of a secret; resolves with the answers to all. */
  query(secret: DatabaseFields, ...statements: string[]): Promise<unknown[]>
}

/** Starts the server that the suite runs on. */
export function startServer(options: MysqlServerOptions = {}): Promise<MysqlServer> {
  return inject('mysqlServer') === 'mysql' ? startMysql(options) : startMariadb(options)
}

/** Starts the server before the tests of the file and stops it after them. */
export function useTestDatabase(options: MysqlServerOptions = {}): TestDatabase {
  const engine = inject('mysqlServer')
  let server: MysqlServer
  let admin: mysql.Connection
  beforeAll(async () => {
    server = await startServer(options)
    admin = await connectMysql(server)
  })
  afterAll(async () => {
    await admin?.end()
    await server?.stop()
  })

  return {
    get server() {
      return server
    },
    get admin() {
      return admin
    },
    async makeUser({ hosts = ['%'], options = '' } = {}) {
      const username = `app_${randomUUID().slice(0, 8)}`
      const password = randomUUID()
      await admin.query(`CREATE DATABASE ${username}`)
      for (const host of hosts) {
        await admin.query(`CREATE USER ${username}@'${host}' IDENTIFIED BY '${password}'`)
        await admin.query(`GRANT ALL PRIVILEGES ON ${username}.* TO ${username}@'${host}' ${options}`)
      }
      return { engine, host: server.host, port: server.port, username, password, dbname: username }
    },
    masterSecret() {
      const { host, port, username, password } = server
      return { engine, host, port, username, password }
    },
    async query({ username, password, dbname }, ...statements) {
      const as = { user: username, password, ...(dbname !== undefined && { database: dbname }) }
      const connection = await connectMysql(server, as)
      try {
        const answers: unknown[] = []
        for (const statement of statements) answers.push((await connection.query(statement))[0])
        return answers
      } finally {
        await connection.end()
      }
    },
  }
}
