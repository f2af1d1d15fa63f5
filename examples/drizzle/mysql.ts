// Drizzle with MySQL or MariaDB on a pool that follows a secret.
import { SecretCache } from 'awscurrent'
import { createPool } from 'awscurrent/mysql2'
import { eq } from 'drizzle-orm'
import { int, mysqlTable, text } from 'drizzle-orm/mysql-core'
import { drizzle } from 'drizzle-orm/mysql2'
import mysql from 'mysql2/promise'

export const secrets: SecretCache = new SecretCache()
const pool = createPool(mysql, { cache: secrets, secretId: process.env.SECRET_ID ?? 'prod/db', connectionLimit: 10 })
const db = drizzle({ client: pool })

const orders = mysqlTable('orders', { id: int().primaryKey().autoincrement(), item: text().notNull() })

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
