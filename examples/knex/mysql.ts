// Knex (3.3 or later) with MySQL or MariaDB on a pool that follows a secret.
import { SecretCache } from 'awscurrent'
import { createPool } from 'awscurrent/mysql2'
import knex, { type Knex } from 'knex'
import mysql from 'mysql2'

export const secrets: SecretCache = new SecretCache()
const pool = createPool(mysql, { cache: secrets, secretId: process.env.SECRET_ID ?? 'prod/db', connectionLimit: 10 })
const db = knex({ client: 'mysql2', connectionPool: pool as Knex.ConnectionPool })

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
  await pool.promise().end()
  await secrets.close()
}
