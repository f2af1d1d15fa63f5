// TypeORM with PostgreSQL: its pool follows a secret from the first connection on.
import { SecretCache } from 'awscurrent'
import { attachPool } from 'awscurrent/pg'
import pg from 'pg'
import { DataSource, EntitySchema } from 'typeorm'

export const secrets: SecretCache = new SecretCache()

class Pool extends pg.Pool {
  constructor(options: pg.PoolConfig) {
    super(options)
    attachPool(this, { cache: secrets, secretId: process.env.SECRET_ID ?? 'prod/db' })
  }
}

interface Order {
  id: number
  item: string
}

const Order = new EntitySchema<Order>({
  name: 'order',
  tableName: 'orders',
  columns: { id: { type: 'int', primary: true, generated: 'increment' }, item: { type: 'text' } },
})

const database = new DataSource({ type: 'postgres', driver: { ...pg, Pool }, poolSize: 10, entities: [Order] })
await database.initialize()

export async function placeOrder(item: string): Promise<void> {
  await database.transaction(async transaction => {
    await transaction.insert(Order, { item })
  })
}

export function countOrders(item: string): Promise<number> {
  return database.manager.countBy(Order, { item })
}

/** TypeORM ends the pool. */
export async function close(): Promise<void> {
  await database.destroy()
  await secrets.close()
}
