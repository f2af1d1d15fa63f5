import { postgresKindOf } from '../../pools/postgres-error.js'
import { checkDatabaseOptions, type DatabaseEngineOptions, type Login, type Session } from '../database/database.js'
import { databaseEngine } from '../database/database-engine.js'
import type { RotationEngine } from '../engine.js'
import type { PgClient, PgDriver } from './driver.js'
import { postgresSession } from './postgres-session.js'

/**
 * Settings at the start of a session, in effect before anything that others have prepared for it can run, such as a login trigger. All
 * names in statements are qualified as well, for poolers that forbid these settings, and statements that write set them again.
 */
const pinned = '-c search_path=pg_catalog,pg_temp -c standard_conforming_strings=on'

/** The options of `postgres()`. */
export interface PostgresEngineOptions extends DatabaseEngineOptions {
  /** The driver: `import pg from 'pg'`. */
  pg: PgDriver
}

/**
 * The rotation engine for PostgreSQL, on RDS, Aurora or anywhere else.
 *
 * The server receives only the SCRAM-SHA-256 verifiers of passwords. TLS is on, with the server's certificate checked, unless the secret
 * says `"ssl": false`. With alternating users, both work as one role, so that what either creates belongs to both.
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

  async function openWith(options: string | undefined, login: Login): Promise<PgClient> {
    const { host, port, username, password, dbname = 'postgres', tls } = login
    const client = new pg.Client({
      host,
      port,
      user: username,
      password,
      database: dbname,
      connectionTimeoutMillis: connectTimeoutMs,
      application_name: 'awscurrent-rotation',
      ssl: tls && ssl,
      ...(options !== undefined && { options }),
    })
    // An idle connection that breaks must not end the process.
    client.on('error', () => {})
    try {
      await client.connect()
      return client
    } catch (error) {
      await client.end().catch(() => {})
      throw error
    }
  }

  async function open(login: Login): Promise<PgClient> {
    try {
      return await openWith(pinned, login)
    } catch (error) {
      if (!forbidsOptions(error)) throw error
      return openWith(undefined, login)
    }
  }

  async function connect(login: Login): Promise<Session> {
    return postgresSession(await open(login), login)
  }

  return databaseEngine(
    { engines: ['postgres', 'aurora-postgresql'], defaultPort: 5_432, longestUsername: 63, connect, kindOf: postgresKindOf },
    options,
  )
}

/** Some poolers pass on, or accept, only the start-up parameters that they know. */
function forbidsOptions(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  return (code === '08P01' || code === '0A000') && /\boptions\b/.test(String(message))
}
