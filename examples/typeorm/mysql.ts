// TypeORM with MySQL or MariaDB: its pool follows a secret from the first connection on.
import { SecretCache } from 'awscurrent'
import { createPool } from 'awscurrent/mysql2'
import mysql from 'mysql2'
import { DataSource, EntitySchema } from 'typeorm'

const secretId = process.env.SECRET_ID ?? 'prod/db'

export const secrets: SecretCache = new SecretCache()

interface Order {
  id: number
  item: string
}

const Order = new EntitySchema<Order>({
  name: 'order',
  tableName: 'orders',
  columns: { id: { type: 'int', primary: true, generated: 'increment' }, item: { type: 'varchar' } },
})

const driver = {
  ...mysql,
  createPool: (options: mysql.PoolOptions) => createPool(mysql, { ...options, cache: secrets, secretId }),
}
const database = new DataSource({ type: 'mysql', driver, poolSize: 10, entities: [Order] })
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
