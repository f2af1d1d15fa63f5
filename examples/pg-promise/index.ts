// pg-promise: the pool that it makes follows a secret before the first query.
import { SecretCache } from 'awscurrent'
import { attachPool } from 'awscurrent/pg'
import pgPromise from 'pg-promise'

export const secrets: SecretCache = new SecretCache()
const db = pgPromise()({ max: 10 })
// What goes past the pool, connect({ direct: true }), does not follow.
attachPool(db.$pool, { cache: secrets, secretId: process.env.SECRET_ID ?? 'prod/db' })

export async function placeOrder(item: string): Promise<void> {
  await db.tx(transaction => transaction.none('INSERT INTO orders (item) VALUES ($1)', [item]))
}

export function countOrders(item: string): Promise<number> {
  return db.one('SELECT count(*) AS n FROM orders WHERE item = $1', [item], ({ n }) => Number(n))
}

export async function close(): Promise<void> {
  await db.$pool.end()
  await secrets.close()
}
