import type { Pool, PoolOptions } from 'mysql2/promise'
import { SecretCache } from '../../../src/index.js'
import { createPool } from '../../../src/mysql2/index.js'
import type { Contestant, ExamPool, Rows, Setting } from './contestant.js'
import { cachedUser, readUser } from './read-user.js'

/** The driver `mysql2/promise`, of any version. */
export interface MysqlDriver {
  createPool(options: PoolOptions): Pool
}

const connectTimeout = 20_000

/** Our pool on a version of mysql2. */
export function followingMysqlPool(driver: MysqlDriver, name = 'awscurrent/mysql2'): Contestant {
  return {
    name,
    async open({ secretId, client, ca, endpoint = { ssl: { ca } }, tryPending, size, ttlMs }) {
      const cache = new SecretCache({ client, ...(ttlMs !== undefined && { ttlMs }) })
      const pool = createPool(driver, { cache, secretId, tryPending, connectionLimit: size, connectTimeout, ...endpoint })
      return {
        ...examPool(pool),
        hear: event => cache.handleRotationEvent(event),
        async close() {
          await pool.end()
          await cache.close()
        },
      }
    },
  }
}

/** A pool that keeps the credentials which it was made with. */
export function staticMysqlPool(driver: MysqlDriver): Contestant {
  return { name: 'mysql2, secret read once', open: async setting => examPool(await openPool(driver, setting)) }
}

/** A pool whose configuration is set by a cache with a TTL before each connection is asked for: the known way around. */
export function reconfiguredMysqlPool(driver: MysqlDriver): Contestant {
  return {
    name: 'mysql2, reconfigured over a TTL',
    async open(setting) {
      const cached = cachedUser(setting)
      const pool = await openPool(driver, setting)
      const { connectionConfig } = Reflect.get(pool.pool, 'config') as { connectionConfig: { user: string; password: string } }
      const getConnection = pool.pool.getConnection.bind(pool.pool)
      pool.pool.getConnection = callback => {
        cached().then(
          ({ username, password }) => {
            Object.assign(connectionConfig, { user: username, password })
            getConnection(callback)
          },
          error => callback(error, undefined as never),
        )
      }
      return examPool(pool)
    },
  }
}

async function openPool(driver: MysqlDriver, setting: Setting): Promise<Pool> {
  const { host, port, username, password, dbname } = await readUser(setting)
  return driver.createPool({
    host,
    port,
    user: username,
    password,
    ...(dbname !== undefined && { database: dbname }),
    ssl: { ca: setting.ca },
    connectionLimit: setting.size,
    connectTimeout,
  })
}

function examPool(pool: Pool): ExamPool {
  return {
    query: async (statement, values = []) => (await pool.query(statement, [...values]))[0] as Rows,
    prepared: async (statement, values = []) => (await pool.execute(statement, [...values] as string[]))[0] as Rows,
    async transaction(work) {
      const connection = await pool.getConnection()
      let broken = true
      try {
        await connection.beginTransaction()
        await work(async (statement, values = []) => (await connection.query(statement, [...values]))[0] as Rows)
        await connection.commit()
        broken = false
      } finally {
        if (broken) connection.destroy()
        else connection.release()
      }
    },
    close: () => pool.end(),
  }
}
