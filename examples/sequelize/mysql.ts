// Sequelize 6 with MySQL or MariaDB: what it takes for its connections are borrowed from a pool that follows a secret.
import { EventEmitter } from 'node:events'
import { SecretCache } from 'awscurrent'
import { createPool } from 'awscurrent/mysql2'
import mysql from 'mysql2'
import { DataTypes, Sequelize } from 'sequelize'

export const secrets: SecretCache = new SecretCache()
const pool = createPool(mysql, {
  cache: secrets,
  secretId: process.env.SECRET_ID ?? 'prod/db',
  connectionLimit: 10,
  flags: ['-FOUND_ROWS'],
})
pool.on('connection', connection => connection.query("SET time_zone = '+00:00'"))

/** As much of a connection as Sequelize uses: to make one is to take one out of the pool, to end it is to give it back. */
class Connection extends EventEmitter {
  readonly stream: { readonly destroyed: boolean } = { destroyed: false }
  /** How Sequelize reads values. */
  readonly #options: object
  #borrowed: mysql.PoolConnection | undefined
  readonly #onError = (error: Error): void => void this.emit('error', error)

  constructor({ typeCast, timezone, bigNumberStrings, supportBigNumbers }: mysql.ConnectionOptions) {
    super()
    this.#options = { typeCast, timezone, bigNumberStrings, supportBigNumbers }
    pool.getConnection((error, connection) => {
      this.#borrowed = connection?.on('error', this.#onError)
      if (error) this.emit('error', error)
      else this.emit('connect')
    })
  }

  query(statement: mysql.QueryOptions, ...rest: unknown[]): unknown {
    return Reflect.apply(this.#borrowed?.query as never, this.#borrowed, [{ ...this.#options, ...statement }, ...rest])
  }

  execute(sql: string, ...rest: unknown[]): unknown {
    return Reflect.apply(this.#borrowed?.execute as never, this.#borrowed, [{ ...this.#options, sql }, ...rest])
  }

  end(callback: () => void): void {
    this.#borrowed?.removeListener('error', this.#onError)
    this.#borrowed?.release()
    callback()
  }
}

/** What Sequelize would do again whenever it borrows a connection. The time zone is set by the pool. */
const nothingToSetUp = { keepDefaultTimezone: true }

const database = new Sequelize({
  dialect: 'mysql',
  dialectModule: { ...mysql, createConnection: (options: mysql.ConnectionOptions) => new Connection(options) },
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
  await pool.promise().end()
  await secrets.close()
}
