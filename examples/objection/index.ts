// Objection on Knex (3.3 or later), on a pool that follows a secret.
import { SecretCache } from 'awscurrent'
import { createPool } from 'awscurrent/pg'
import knex from 'knex'
import { Model } from 'objection'
import pg from 'pg'

export const secrets: SecretCache = new SecretCache()
const pool = createPool(pg, { cache: secrets, secretId: process.env.SECRET_ID ?? 'prod/db', max: 10 })
const db = knex({ client: 'pg', connectionPool: pool })

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
  await pool.end()
  await secrets.close()
}
