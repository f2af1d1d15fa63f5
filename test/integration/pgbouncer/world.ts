import pg from 'pg'
import { createPool } from '../../../src/pg/index.js'
import type { PoolWorld } from '../../support/pool-scene.js'
import type { TestDatabase } from '../postgres/database.js'
import { postgresWorld, whoAmI } from '../postgres/world.js'

/** A pool of pg behind a PgBouncer. The secret names the server itself, unless a test says otherwise. */
export function pgbouncerWorld(database: TestDatabase, bouncer: { readonly server: { readonly port: number } }): PoolWorld {
  return {
    ...postgresWorld(database),
    open({ size, connectTimeoutMs, ...options }) {
      const address = { host: '127.0.0.1', port: bouncer.server.port, ssl: false }
      const pool = createPool(pg, { ...options, ...address, max: size, connectionTimeoutMillis: connectTimeoutMs })
      return {
        whoAmI: async () => (await pool.query(whoAmI)).rows[0].me,
        async hold() {
          const client = await pool.connect()
          client.on('error', () => {})
          return { whoAmI: async () => (await client.query(whoAmI)).rows[0].me, release: () => client.release() }
        },
        openConnections: () => pool.totalCount,
        on: (type, listener) => pool.on(type, listener),
        end: () => pool.end(),
      }
    },
  }
}
