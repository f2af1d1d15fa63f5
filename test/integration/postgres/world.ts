import pg from 'pg'
import { isAuthError } from '../../../src/pg/index.js'
import { postgres } from '../../../src/rotation/index.js'
import type { PoolWorld } from '../../support/pool-scene.js'
import { readLog } from '../../support/server-process.js'
import type { TestDatabase } from './database.js'

export const whoAmI = 'SELECT session_user AS me'

/** All of a pool's world but the pool. */
export function postgresWorld(database: TestDatabase): Omit<PoolWorld, 'open'> {
  return {
    makeUser: async () => ({ ...(await database.makeUser()), dbname: 'postgres' }),
    masterSecret: () => database.masterSecret(),
    engine: () => postgres({ pg, ca: database.server.ca }),
    isAuthError,
    async kill(username) {
      await database.admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [username])
    },
    async setPassword(username, password) {
      await database.admin.query(`ALTER ROLE "${username}" PASSWORD '${password}'`)
    },
    async sessions(username) {
      const { rows } = await database.admin.query('SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = $1', [
        username,
      ])
      return rows[0].n
    },
    refusedLogins: username => readLog(database.server).split(`password authentication failed for user "${username}"`).length - 1,
  }
}

/** Makes the table of the examples, which every user may use. */
export async function makeOrders({ admin }: TestDatabase): Promise<void> {
  await admin.query('CREATE TABLE orders (id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY, item text NOT NULL)')
  await admin.query('GRANT SELECT, INSERT ON orders TO PUBLIC')
}
