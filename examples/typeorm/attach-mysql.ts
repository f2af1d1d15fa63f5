// TypeORM with MySQL or MariaDB, made elsewhere: its pool begins to follow a secret when it is there.
import { DatabaseSecret, SecretCache } from 'awscurrent'
import { attachPool } from 'awscurrent/mysql2'
import { DataSource, EntitySchema } from 'typeorm'
import type { MysqlDriver } from 'typeorm/driver/mysql/MysqlDriver.js'

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

// The first connection is made before a pool is there: in the middle of a rotation it may be refused. In index.ts it is not.
const { username, password, host = 'localhost', port = 3306, dbname = '' } = await secrets.getSecretJson(secretId, DatabaseSecret)
const server = { username, password, host, port, database: dbname }
const database = new DataSource({ type: 'mysql', ...server, poolSize: 10, entities: [Order] })
await database.initialize()
attachPool((database.driver as MysqlDriver).pool, { cache: secrets, secretId })

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
