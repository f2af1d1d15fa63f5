import type pg from 'pg'
import { SecretCache } from '../../../src/index.js'
import { createPool } from '../../../src/pg/index.js'
import type { Contestant, ExamPool, Rows, Setting } from './contestant.js'
import { cachedUser, readUser } from './read-user.js'

/** The driver `pg`, of any version. */
export type PgDriver = Pick<typeof pg, 'Pool'>

// Nothing but the credentials is to be a reason to close a connection.
const timeouts = { connectionTimeoutMillis: 20_000, idleTimeoutMillis: 0 }

/** Our pool on a version of pg. `prepares`: whether statements have names, which proxies confuse. */
export function followingPgPool(
  driver: PgDriver,
  name = 'awscurrent/pg',
  { prepares = true }: { prepares?: boolean } = {},
): Contestant {
  return {
    name,
    async open({ secretId, client, ca, endpoint = { ssl: { ca } }, tryPending, size, ttlMs }) {
      const cache = new SecretCache({ client, ...(ttlMs !== undefined && { ttlMs }) })
      const pool = createPool(driver, { cache, secretId, tryPending, max: size, ...timeouts, ...endpoint })
      return {
        ...examPool(pool, prepares ? { name: 'exam' } : {}),
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
export function staticPgPool(driver: PgDriver): Contestant {
  return { name: 'pg, secret read once', open: async setting => openPool(driver, setting, ({ password }) => password) }
}

/** A pool with an asynchronous `password` over a cache with a TTL: what pg offers by itself. */
export function passwordFunctionPgPool(driver: PgDriver): Contestant {
  return {
    name: 'pg, password function over a TTL',
    open(setting) {
      const cached = cachedUser(setting)
      return openPool(driver, setting, () => async () => (await cached()).password)
    },
  }
}

async function openPool(
  driver: PgDriver,
  setting: Setting,
  passwordOf: (user: { password: string }) => NonNullable<pg.PoolConfig['password']>,
): Promise<ExamPool> {
  const user = await readUser(setting)
  const { host, port, username, dbname: database } = user
  const address = { host, port, user: username, database, ssl: { ca: setting.ca } }
  const pool = new driver.Pool({ ...address, password: passwordOf(user), max: setting.size, ...timeouts })
  pool.on('error', () => {})
  return examPool(pool)
}

/** A pool of pg, as the exam uses it. */
function examPool(pool: pg.Pool, prepared: { name?: string } = { name: 'exam' }): ExamPool {
  return {
    query: async (text, values = []) => rowsOf(await pool.query(text, [...values])),
    prepared: async (text, values = []) => rowsOf(await pool.query({ ...prepared, text, values: [...values] })),
    async transaction(work) {
      const client = await pool.connect()
      // Somebody has to listen to a client that is taken out.
      const ignore = (): void => {}
      client.on('error', ignore)
      let failed: Error | undefined
      try {
        await client.query('BEGIN')
        await work(async (text, values = []) => rowsOf(await client.query(text, [...values])))
        await client.query('COMMIT')
      } catch (error) {
        failed = error as Error
        throw error
      } finally {
        client.removeListener('error', ignore)
        client.release(failed)
      }
    },
    close: () => pool.end(),
  }
}

function rowsOf({ rows }: { rows: unknown }): Rows {
  return rows as Rows
}
