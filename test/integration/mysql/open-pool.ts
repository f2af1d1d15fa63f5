import mysqlCallbacks from 'mysql2'
import mysqlPromises from 'mysql2/promise'
import { createPool } from '../../../src/mysql2/index.js'
import type { PoolWorld } from '../../support/pool-scene.js'
import { whoAmI } from './world.js'

/** Opens pools with promises. `ssl` is asked once the server runs. */
export function withPromises(ssl: () => object | undefined): PoolWorld['open'] {
  return ({ size, connectTimeoutMs, ...options }) => {
    const address = addressOf(ssl())
    const pool = createPool(mysqlPromises, { ...options, ...address, connectionLimit: size, connectTimeout: connectTimeoutMs })
    const ask = async (queried: { query(sql: string): Promise<[unknown, unknown]> }): Promise<string> => {
      const [rows] = await queried.query(whoAmI)
      return String((rows as { me: string }[])[0]?.me)
    }
    return {
      whoAmI: () => ask(pool),
      async hold() {
        const connection = await pool.getConnection()
        return { whoAmI: () => ask(connection), release: () => connection.release() }
      },
      openConnections: () => Reflect.get(pool.pool, '_allConnections').length,
      on: (type, listener) => pool.on(type, listener),
      end: () => pool.end(),
    }
  }
}

/** Opens pools with callbacks. */
export function withCallbacks(ssl: () => object | undefined): PoolWorld['open'] {
  return ({ size, connectTimeoutMs, ...options }) => {
    const address = addressOf(ssl())
    const pool = createPool(mysqlCallbacks, { ...options, ...address, connectionLimit: size, connectTimeout: connectTimeoutMs })
    const ask = (queried: Pick<mysqlCallbacks.Pool, 'query'>): Promise<string> =>
      new Promise((resolve, reject) => {
        queried.query(whoAmI, (error, rows) => (error ? reject(error) : resolve(String((rows as { me: string }[])[0]?.me))))
      })
    return {
      whoAmI: () => ask(pool),
      hold: () =>
        new Promise((resolve, reject) => {
          pool.getConnection((error, connection) => {
            if (error) reject(error)
            else resolve({ whoAmI: () => ask(connection), release: () => connection.release() })
          })
        }),
      openConnections: () => Reflect.get(pool, '_allConnections').length,
      on: (type, listener) => pool.on(type, listener),
      end: () => new Promise((resolve, reject) => pool.end(error => (error ? reject(error) : resolve()))),
    }
  }
}

function addressOf(ssl: object | undefined): { ssl?: object } {
  return ssl === undefined ? {} : { ssl }
}
