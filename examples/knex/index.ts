// Knex (3.3 or later) on a pool that follows a secret, instead of a pool of its own. With mysql2 it takes the pool with callbacks.
import { SecretCache } from 'awscurrent'
import { createPool } from 'awscurrent/pg'
import knex from 'knex'
import pg from 'pg'

export const secrets: SecretCache = new SecretCache()
const pool = createPool(pg, { cache: secrets, secretId: process.env.SECRET_ID ?? 'prod/db', max: 10 })
const db = knex({ client: 'pg', connectionPool: pool })

export async function placeOrder(item: string): Promise<void> {
  await db.transaction(transaction => transaction('orders').insert({ item }))
}

export async function countOrders(item: string): Promise<number> {
  const [row] = await db('orders').where({ item }).count({ n: '*' })
  return Number(row?.n)
}

/** Knex does not end a pool that it was given. */
export async function close(): Promise<void> {
  await db.destroy()
  await pool.end()
  await secrets.close()
}
