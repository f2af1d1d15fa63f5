import mysqlPromises from 'mysql2/promise'
import { isAuthError } from '../../../src/mysql2/index.js'
import { mysql } from '../../../src/rotation/index.js'
import type { PoolWorld } from '../../support/pool-scene.js'
import { readLog } from '../../support/server-process.js'
import type { TestDatabase } from './database.js'

export const whoAmI = "SELECT SUBSTRING_INDEX(USER(), '@', 1) AS me"

/** All of a pool's world but the pool. */
export function mysqlWorld(database: TestDatabase): Omit<PoolWorld, 'open'> {
  const ask = async (sql: string, ...values: unknown[]): Promise<unknown> => (await database.admin.query(sql, values))[0]
  return {
    makeUser: () => database.makeUser(),
    masterSecret: () => database.masterSecret(),
    engine: () => mysql({ mysql: mysqlPromises, ca: database.server.ca }),
    isAuthError,
    async kill(username: string) {
      const rows = await ask('SELECT ID AS id FROM information_schema.PROCESSLIST WHERE USER = ?', username)
      for (const { id } of rows as { id: number }[]) await ask(`KILL ${id}`).catch(() => {})
    },
    async setPassword(username: string, password: string) {
      await ask(`ALTER USER ${username}@'%' IDENTIFIED BY '${password}'`)
    },
    async sessions(username: string) {
      const rows = await ask('SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE USER = ?', username)
      return Number((rows as { n: number }[])[0]?.n)
    },
    refusedLogins: (username: string) => readLog(database.server).split(`Access denied for user '${username}'`).length - 1,
  }
}
