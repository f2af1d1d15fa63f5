// MikroORM 6 with PostgreSQL, whose Knex takes its connections from a pool that follows a secret.
import { EntitySchema, MikroORM, PostgreSqlKnexDialect } from '@mikro-orm/postgresql'
import { SecretCache } from 'awscurrent'
import { createPool } from 'awscurrent/pg'
import pg from 'pg'

export const secrets: SecretCache = new SecretCache()

class Dialect extends PostgreSqlKnexDialect {
  initializePool(): void {
    const { types } = this.connectionSettings // how MikroORM reads dates
    const pool = createPool(pg, { cache: secrets, secretId: process.env.SECRET_ID ?? 'prod/db', max: 10, types })
    this.pool = {
      acquire: () => ({ promise: pool.connect() }),
      release(client: pg.PoolClient & { __knex__disposed?: Error }) {
        client.release(client.__knex__disposed)
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
