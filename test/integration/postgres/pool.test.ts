import pg from 'pg'
import { createPool, isAuthError } from '../../../src/pg.js'
import { postgres } from '../../../src/rotation/index.js'
import { describePool } from '../../support/pool-behaviours.js'
import { readLog } from '../../support/server-process.js'
import { useTestDatabase } from './database.js'

const database = useTestDatabase()
const whoAmI = 'SELECT session_user AS me'

describePool({
  makeUser: async () => ({ ...(await database.makeUser()), dbname: 'postgres' }),
  masterSecret: () => database.masterSecret(),
  engine: () => postgres({ pg, ca: database.server.ca }),
  isAuthError,
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
  async kill(username) {
    await database.admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [username])
  },
  async setPassword(username, password) {
    await database.admin.query(`ALTER ROLE "${username}" PASSWORD '${password}'`)
  },
  async sessions(username) {
    const { rows } = await database.admin.query('SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = $1', [username])
    return rows[0].n
  },
  refusedLogins: username => readLog(database.server).split(`password authentication failed for user "${username}"`).length - 1,
})
