// Sequelize 6 with PostgreSQL: what it takes for its connections are borrowed from a pool that follows a secret.
import { EventEmitter } from 'node:events'
import { SecretCache } from 'awscurrent'
import { createPool } from 'awscurrent/pg'
import pg from 'pg'
import { DataTypes, Sequelize } from 'sequelize'

export const secrets: SecretCache = new SecretCache()
const pool = createPool(pg, { cache: secrets, secretId: process.env.SECRET_ID ?? 'prod/db', max: 10, options: '-c TimeZone=UTC' })

/** As much of a `pg.Client` as Sequelize uses: to connect is to take one out of the pool, to end is to give it back. */
class Client extends EventEmitter {
  readonly connection: EventEmitter = new EventEmitter()
  readonly standard_conforming_strings = 'on'
  readonly #types: pg.ClientConfig['types']
  #borrowed: pg.PoolClient | undefined
  #broken: Error | undefined
  readonly #onError = (error: Error): void => {
    this.#broken = error
    this.emit('error', error)
  }

  constructor({ types }: pg.ClientConfig) {
    super()
    this.#types = types
  }

  connect(callback: (error?: Error) => void): void {
    pool.connect((error, client) => {
      this.#borrowed = client?.on('error', this.#onError)
      callback(error)
    })
  }

  query(text: string, ...rest: unknown[]): unknown {
    return Reflect.apply(this.#borrowed?.query as never, this.#borrowed, [{ text, types: this.#types }, ...rest])
  }

  end(callback: () => void): void {
    this.#borrowed?.removeListener('error', this.#onError)
    this.#borrowed?.release(this.#broken)
    callback()
  }
}

/** What Sequelize would do again whenever it borrows a connection. The time zone is set by the pool. */
const nothingToSetUp = { keepDefaultTimezone: true, dialectOptions: { clientMinMessages: 'ignore' } }

const database = new Sequelize({
  dialect: 'postgres',
  dialectModule: { ...pg, Client },
  pool: { max: 10, maxUses: 1 }, // gives each back after one use: it is the pool below that keeps them
  ...nothingToSetUp,
  logging: false,
})

const Order = database.define('order', { item: DataTypes.STRING }, { tableName: 'orders', timestamps: false })

export async function placeOrder(item: string): Promise<void> {
  await database.transaction(async transaction => {
    await Order.create({ item }, { transaction })
  })
}

export function countOrders(item: string): Promise<number> {
  return Order.count({ where: { item } })
}

export async function close(): Promise<void> {
  await database.close()
  await pool.end()
  await secrets.close()
}
