import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { connectPostgres, type PostgresOptions, type PostgresServer, startPostgres } from '../../support/postgres.js'
import type { DatabaseFields } from '../../support/rotating.js'

/** A PostgreSQL for the tests of one file. */
export interface TestDatabase {
  readonly server: PostgresServer
  readonly admin: pg.Client
  /** A user with a schema of its own. */
  makeUser(): Promise<DatabaseFields>
  /** The secret of the superuser. */
  masterSecret(): DatabaseFields
  /** Runs statements as the user of a secret; resolves with the rows of all. */
  query(secret: DatabaseFields, ...statements: string[]): Promise<unknown[]>
}

/** Starts the server before the tests of the file and stops it after them. */
export function useTestDatabase(options: PostgresOptions = {}): TestDatabase {
  let server: PostgresServer
  let admin: pg.Client
  beforeAll(async () => {
    server = await startPostgres(options)
    admin = await connectPostgres(server)
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
    async makeUser() {
      const username = `app_${randomUUID().slice(0, 8)}`
      const password = randomUUID()
      await admin.query(`CREATE ROLE ${username} LOGIN PASSWORD '${password}'`)
      await admin.query(`CREATE SCHEMA ${username} AUTHORIZATION ${username}`)
      return { engine: 'postgres', host: server.host, port: server.port, username, password }
    },
    masterSecret() {
      const { host, port, username, password } = server
      return { engine: 'postgres', host, port, username, password }
    },
    async query({ username, password, dbname }, ...statements) {
      const client = await connectPostgres(server, {
        user: username,
        password,
        ...(dbname !== undefined && { database: dbname }),
      })
      try {
        const rows: unknown[] = []
        for (const statement of statements) rows.push(...(await client.query(statement)).rows)
        return rows
      } finally {
        await client.end()
      }
    },
  }
}
