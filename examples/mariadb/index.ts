// The pool of the driver mariadb, with MySQL or MariaDB, cannot change its credentials: it is replaced as a whole.
import type { EventEmitter } from 'node:events'
import { DatabaseSecret, SecretCache } from 'awscurrent'
import { isAuthError } from 'awscurrent/mysql2'
import { createSwap } from 'awscurrent/swap'
import { createConnection, createPool, type Pool } from 'mariadb'

const secretId = process.env.SECRET_ID ?? 'prod/db'
export const secrets: SecretCache = new SecretCache()

const swap = createSwap({
  cache: secrets,
  secretId,
  async create(secret) {
    const { username: user, password, host = 'localhost', port = 3306, dbname = '', ssl = false } = secret.json(DatabaseSecret)
    // MySQL without TLS takes a password, and tells that it is wrong, only from who may ask for its key.
    const login = { host, port, user, password, database: dbname, ssl, allowPublicKeyRetrieval: !ssl }
    // A pool whose login is rejected tries on and on; one connection says so at once.
    await (await createConnection(login)).end()
    const pool = createPool({ ...login, connectionLimit: 10, minimumIdle: 1, acquireTimeout: 3_000 })
    // Later on only this event does, which is not in its types.
    ;(pool as object as EventEmitter).on('error', error => report(pool, error))
    return pool
  },
  verify: pool => pool.query('SELECT 1'),
  drain: pool => pool.end(),
  isAuthError,
})
swap.on('credentials', ({ versionId }) => console.log(`${secretId}: version ${versionId}`))
swap.on('refused', ({ reason }) => console.warn(reason))

/** For the swap this is work whose login was rejected: it looks for a version that works, and replaces the pool. */
function report(pool: Pool, error: Error): void {
  swap.use(current => (current === pool ? Promise.reject(error) : undefined)).catch(() => {})
}

/** What is one query, or a transaction, is one call of `use`: it ends on the pool that it began on. */
export function placeOrder(item: string): Promise<void> {
  return swap.use(async pool => {
    const connection = await pool.getConnection()
    try {
      await connection.beginTransaction()
      await connection.query('INSERT INTO orders (item) VALUES (?)', [item])
      await connection.commit()
    } catch (error) {
      await connection.rollback()
      throw error
    } finally {
      await connection.release()
    }
  })
}

export function countOrders(item: string): Promise<number> {
  return swap.use(async pool => {
    const [row] = await pool.query<{ n: bigint }[]>('SELECT COUNT(*) AS n FROM orders WHERE item = ?', [item])
    return Number(row?.n)
  })
}

/** For the end of the process. */
export async function close(): Promise<void> {
  await swap.close()
  await secrets.close()
}
