// Kysely with MySQL or MariaDB on a pool that follows a secret. It takes the pool with callbacks, of 'mysql2'.
import { SecretCache } from 'awscurrent'
import { createPool } from 'awscurrent/mysql2'
import { type Generated, Kysely, MysqlDialect } from 'kysely'
import mysql from 'mysql2'

interface Database {
  orders: { id: Generated<number>; item: string }
}

export const secrets: SecretCache = new SecretCache()
const pool = createPool(mysql, { cache: secrets, secretId: process.env.SECRET_ID ?? 'prod/db', connectionLimit: 10 })
const db = new Kysely<Database>({ dialect: new MysqlDialect({ pool }) })

export async function placeOrder(item: string): Promise<void> {
  await db.transaction().execute(transaction => transaction.insertInto('orders').values({ item }).execute())
}

export async function countOrders(item: string): Promise<number> {
  const { n } = await db
    .selectFrom('orders')
    .select(({ fn }) => fn.countAll().as('n'))
    .where('item', '=', item)
    .executeTakeFirstOrThrow()
  return Number(n)
}

/** Kysely ends the pool. */
export async function close(): Promise<void> {
  await db.destroy()
  await secrets.close()
}
