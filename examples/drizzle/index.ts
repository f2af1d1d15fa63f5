// Drizzle on a pool that follows a secret.
import { SecretCache } from 'awscurrent'
import { createPool } from 'awscurrent/pg'
import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import pg from 'pg'

export const secrets: SecretCache = new SecretCache()
const pool = createPool(pg, { cache: secrets, secretId: process.env.SECRET_ID ?? 'prod/db', max: 10 })
const db = drizzle({ client: pool })

const orders = pgTable('orders', { id: integer().primaryKey().generatedAlwaysAsIdentity(), item: text().notNull() })

export async function placeOrder(item: string): Promise<void> {
  await db.transaction(async transaction => {
    await transaction.insert(orders).values({ item })
  })
}

export function countOrders(item: string): Promise<number> {
  return db.$count(orders, eq(orders.item, item))
}

export async function close(): Promise<void> {
  await pool.end()
  await secrets.close()
}
