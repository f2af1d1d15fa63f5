import type pg from 'pg'
import { connectPostgres, type PostgresOptions, type PostgresServer, startPostgres } from '../../support/postgres.js'
import { type TestDatabase as Database, useDatabase } from '../../support/test-database.js'

/** A PostgreSQL for the tests of one file. `query` resolves with the rows of all statements. */
export type TestDatabase = Database<PostgresServer, pg.Client, never>

/** Starts the server before the tests of the file and stops it after them. */
export function useTestDatabase(options: PostgresOptions | (() => PostgresOptions) = {}): TestDatabase {
  return useDatabase<PostgresServer, pg.Client>({
    engine: 'postgres',
    start: () => startPostgres(typeof options === 'function' ? options() : options),
    connect: connectPostgres,
    async createUser(admin, { username, password }) {
      await admin.query(`CREATE ROLE ${username} LOGIN PASSWORD '${password}'`)
      await admin.query(`CREATE SCHEMA ${username} AUTHORIZATION ${username}`)
      return {}
    },
    run: async (connection, statement) => (await connection.query(statement)).rows,
  })
}
