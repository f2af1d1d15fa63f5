// MikroORM 6 with MySQL or MariaDB, whose Knex takes its connections from a pool that follows a secret.
import { EntitySchema, MikroORM, MySqlKnexDialect } from '@mikro-orm/mysql'
import { SecretCache } from 'awscurrent'
import { createPool } from 'awscurrent/mysql2'
import mysql from 'mysql2'

export const secrets: SecretCache = new SecretCache()

class Dialect extends MySqlKnexDialect {
  initializePool(): void {
    const { host, port, user, password, database, ...options } = this.connectionSettings // how MikroORM reads dates and numbers
    const secretId = process.env.SECRET_ID ?? 'prod/db'
    const pool = createPool(mysql, { ...options, cache: secrets, secretId, connectionLimit: 10 }).promise()
    this.pool = {
      acquire: () => ({ promise: pool.getConnection().then(({ connection }) => connection) }),
      release(connection: mysql.PoolConnection & { __knex__disposed?: Error }) {
        if (connection.__knex__disposed) connection.destroy()
        else connection.release()
        return true
      },
      destroy: () => pool.end(),
    }
  }
}

interface Order {
  id: number
  item: string
}

const Order = new EntitySchema<Order>({
  name: 'Order',
  tableName: 'orders',
  properties: { id: { type: 'integer', primary: true }, item: { type: 'text' } },
})

// MikroORM asks for a name; the database of the pool is that of the secret.
const orm = MikroORM.initSync({ dbName: 'orders', entities: [Order], driverOptions: { client: Dialect } })

export async function placeOrder(item: string): Promise<void> {
  await orm.em.fork().transactional(async transaction => {
    await transaction.insert(Order, { item })
  })
}

export function countOrders(item: string): Promise<number> {
  return orm.em.fork().count(Order, { item })
}

/** MikroORM ends the pool. */
export async function close(): Promise<void> {
  await orm.close()
  await secrets.close()
}
