import { randomUUID } from 'node:crypto'
import type mysql from 'mysql2/promise'
import { afterAll, beforeAll } from 'vitest'
import { connectMariadb, type MariadbServer, startMariadb } from '../../support/mariadb.js'
import type { DatabaseFields } from '../../support/rotating.js'

/** A MariaDB for the tests of one file. */
export interface TestDatabase {
  readonly server: MariadbServer
  readonly admin: mysql.Connection
  /** A user with a database of its own, with one account for each host. */
  makeUser(options?: { hosts?: readonly string[]; options?: string }): Promise<DatabaseFields>
  /** The secret of the administrator. */
  masterSecret(): DatabaseFields
  /** Runs statements as the user of a secret; resolves with the answers to all. */
  query(secret: DatabaseFields, ...statements: string[]): Promise<unknown[]>
}

/** Starts the server before the tests of the file and stops it after them. */
export function useTestDatabase(): TestDatabase {
  let server: MariadbServer
  let admin: mysql.Connection
  beforeAll(async () => {
    server = await startMariadb()
    admin = await connectMariadb(server)
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
      return { engine: 'mariadb', host: server.host, port: server.port, username, password, dbname: username }
    },
    masterSecret() {
      const { host, port, username, password } = server
      return { engine: 'mariadb', host, port, username, password }
    },
    async query({ username, password, dbname }, ...statements) {
      const as = { user: username, password, ...(dbname !== undefined && { database: dbname }) }
      const connection = await connectMariadb(server, as)
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
