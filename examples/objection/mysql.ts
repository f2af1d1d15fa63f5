// Objection with MySQL or MariaDB, on Knex (3.3 or later), on a pool that follows a secret.
import { SecretCache } from 'awscurrent'
import { createPool } from 'awscurrent/mysql2'
import knex, { type Knex } from 'knex'
import mysql from 'mysql2'
import { Model } from 'objection'

export const secrets: SecretCache = new SecretCache()
const pool = createPool(mysql, { cache: secrets, secretId: process.env.SECRET_ID ?? 'prod/db', connectionLimit: 10 })
const db = knex({ client: 'mysql2', connectionPool: pool as Knex.ConnectionPool })

class Order extends Model {
  static override tableName = 'orders'
  item!: string
}
Order.knex(db)

export async function placeOrder(item: string): Promise<void> {
  await Order.transaction(async transaction => {
    await Order.query(transaction).insert({ item })
  })
}

export function countOrders(item: string): Promise<number> {
  return Order.query().where({ item }).resultSize()
}

/** Knex does not end a pool that it was given. */
export async function close(): Promise<void> {
  await db.destroy()
  await pool.promise().end()
  await secrets.close()
}
