import { checkDatabaseOptions, type DatabaseEngineOptions, type Login, type Session } from '../database/database.js'
import { databaseEngine } from '../database/database-engine.js'
import type { RotationEngine } from '../engine.js'
import type { PgClient, PgDriver } from './driver.js'
import { identifier, type Role, rolesQuery, takeoverStatements } from './roles.js'
import { scramVerifier } from './scram-verifier.js'

/** Options of `postgres()`. */
export interface PostgresEngineOptions extends DatabaseEngineOptions {
  /** The driver: `import pg from 'pg'`. */
  pg: PgDriver
}

/**
 * The engine for PostgreSQL, on RDS, Aurora or anywhere.
 *
 * Passwords reach the server as SCRAM-SHA-256 verifiers only. TLS is on, with the server's certificate checked, unless the secret says
 * `"ssl": false`. With alternating users both work as one role, so that whatever either makes belongs to both.
 *
 * @example
 * import { readFileSync } from 'node:fs'
 * import pg from 'pg'
 * const engine = postgres({ pg, ca: readFileSync('global-bundle.pem', 'utf8') })
 */
export function postgres({ pg, ...options }: PostgresEngineOptions): RotationEngine {
  if (typeof pg?.Client !== 'function') throw new TypeError("pg must be the driver: import pg from 'pg'.")
  checkDatabaseOptions('postgres()', 'pg', options)
  const { ca, connectTimeoutMs = 5_000 } = options
  const ssl = { rejectUnauthorized: true, ...(ca !== undefined && { ca: [ca].flat() }) } as const

  async function connect({ host, port, username, password, dbname = 'postgres', tls }: Login): Promise<Session> {
    const client = new pg.Client({
      host,
      port,
      user: username,
      password,
      database: dbname,
      connectionTimeoutMillis: connectTimeoutMs,
      application_name: 'awscurrent-rotation',
      ssl: tls && ssl,
    })
    // A connection that breaks while nothing is asked of it must not end the process.
    client.on('error', () => {})
    try {
      await client.connect()
    } catch (error) {
      await client.end().catch(() => {})
      throw error
    }
    return sessionOf(client, username)
  }

  return databaseEngine({ engines: ['postgres', 'aurora-postgresql'], defaultPort: 5_432, longestUsername: 63, connect }, options)
}

function sessionOf(client: PgClient, username: string): Session {
  return {
    async account() {
      await client.query('SELECT NOW()')
      return username
    },
    async changeOwnPassword(user, password) {
      await client.query(`ALTER ROLE ${identifier(user)} PASSWORD '${await scramVerifier(password)}'`)
    },
    async provideUser({ username: user, password, like }) {
      const { rows } = await client.query(rolesQuery, [user, like])
      const statements = takeoverStatements({ username: user, like }, rows as Role[], await scramVerifier(password))
      await client.query(['BEGIN', ...statements, 'COMMIT'].join(';\n'))
    },
    close: () => client.end(),
  }
}
