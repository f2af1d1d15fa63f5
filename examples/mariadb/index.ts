// The pool of the driver mariadb cannot change its credentials: it is replaced as a whole.
import { DatabaseSecret, SecretCache } from 'awscurrent'
import { isAuthError } from 'awscurrent/mysql2'
import { createSwap } from 'awscurrent/swap'
import { createConnection, createPool } from 'mariadb'

const secretId = process.env.SECRET_ID ?? 'prod/db'
export const secrets: SecretCache = new SecretCache()

const swap = createSwap({
  cache: secrets,
  secretId,
  async create(secret) {
    const { username: user, password, host = 'localhost', port = 3306, dbname = '' } = secret.json(DatabaseSecret)
    const login = { host, port, user, password, database: dbname }
    // A pool whose login is refused tries on and on; one connection says so at once.
    await (await createConnection(login)).end()
    return createPool({ ...login, connectionLimit: 10, minimumIdle: 1, acquireTimeout: 3_000 })
  },
  verify: pool => pool.query('SELECT 1'),
  drain: pool => pool.end(),
  isAuthError,
})
swap.on('credentials', ({ versionId }) => console.log(`${secretId}: version ${versionId}`))
swap.on('refused', ({ reason }) => console.warn(reason))

/** What is one query, or a transaction, is one call of `use`: it ends on the pool that it began on. */
export function countOrders(): Promise<number> {
  return swap.use(async pool => {
    const [row] = await pool.query<{ n: bigint }[]>('SELECT COUNT(*) AS n FROM orders')
    return Number(row?.n)
  })
}

/** For the end of the process. */
export async function close(): Promise<void> {
  await swap.close()
  await secrets.close()
}
