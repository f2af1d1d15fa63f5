// Kysely with PostgreSQL on a pool that follows a secret.
import { SecretCache } from 'awscurrent'
import { createPool } from 'awscurrent/pg'
import { type Generated, Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'

interface Database {
  orders: { id: Generated<number>; item: string }
}

export const secrets: SecretCache = new SecretCache()
const pool = createPool(pg, { cache: secrets, secretId: process.env.SECRET_ID ?? 'prod/db', max: 10 })
const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) })

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
