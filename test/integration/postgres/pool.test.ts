import pg from 'pg'
import { createPool } from '../../../src/pg/index.js'
import { describePool } from '../../support/pool-behaviours.js'
import { useTestDatabase } from './database.js'
import { postgresWorld, whoAmI } from './world.js'

const database = useTestDatabase()

describePool({
  ...postgresWorld(database),
  open({ size, connectTimeoutMs, ...options }) {
    const ssl = { ca: database.server.ca }
    const pool = createPool(pg, { ...options, ssl, max: size, connectionTimeoutMillis: connectTimeoutMs })
    return {
      whoAmI: async () => (await pool.query(whoAmI)).rows[0].me,
      async hold() {
        const client = await pool.connect()
        return { whoAmI: async () => (await client.query(whoAmI)).rows[0].me, release: () => client.release() }
      },
      openConnections: () => pool.totalCount,
      on: (type, listener) => pool.on(type, listener),
      end: () => pool.end(),
    }
  },
})
