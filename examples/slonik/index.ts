// Slonik makes its own connections, from a string that stays what it was: the pool is replaced as a whole.
import { DatabaseSecret, SecretCache } from 'awscurrent'
import { isAuthError } from 'awscurrent/pg'
import { createSwap } from 'awscurrent/swap'
import { createPool, sql, stringifyDsn } from 'slonik'

export const secrets: SecretCache = new SecretCache()

const swap = createSwap({
  cache: secrets,
  secretId: process.env.SECRET_ID ?? 'prod/db',
  create(secret) {
    const { username, password, host = 'localhost', port = 5432, dbname = 'postgres' } = secret.json(DatabaseSecret)
    const dsn = stringifyDsn({ host, port, username, password, databaseName: dbname })
    // Slonik would repeat a rejected login three times; the swap looks for one that works instead.
    return createPool(dsn, { maximumPoolSize: 10, connectionRetryLimit: 0 })
  },
  verify: pool => pool.query(sql.unsafe`SELECT 1`),
  drain: pool => pool.end(),
  isAuthError,
})
swap.on('refused', ({ reason }) => console.warn(reason))

/** A transaction is one call of `use`: it ends on the pool that it began on. */
export async function placeOrder(item: string): Promise<void> {
  await swap.use(pool =>
    pool.transaction(transaction => transaction.query(sql.unsafe`INSERT INTO orders (item) VALUES (${item})`)),
  )
}

export async function countOrders(item: string): Promise<number> {
  return Number(await swap.use(pool => pool.oneFirst(sql.unsafe`SELECT count(*) FROM orders WHERE item = ${item}`)))
}

/** For the end of the process. */
export async function close(): Promise<void> {
  await swap.close()
  await secrets.close()
}
