import mysqlCallbacks from 'mysql2'
import mysqlPromises from 'mysql2/promise'
import { describe } from 'vitest'
import { createPool } from '../../../src/mysql2/index.js'
import { describePool } from '../../support/pool-behaviours.js'
import type { PoolWorld } from '../../support/pool-scene.js'
import { useTestDatabase } from './database.js'
import { mysqlWorld, whoAmI } from './world.js'

const database = useTestDatabase()
const server = mysqlWorld(database)
const tls = () => ({ ca: database.server.ca, rejectUnauthorized: true, verifyIdentity: true })

const openPromises: PoolWorld['open'] = ({ size, connectTimeoutMs, ...options }) => {
  const pool = createPool(mysqlPromises, { ...options, ssl: tls(), connectionLimit: size, connectTimeout: connectTimeoutMs })
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

const openCallbacks: PoolWorld['open'] = ({ size, connectTimeoutMs, ...options }) => {
  const pool = createPool(mysqlCallbacks, { ...options, ssl: tls(), connectionLimit: size, connectTimeout: connectTimeoutMs })
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

describe('a pool with promises', () => describePool({ ...server, open: openPromises }))
describe('a pool with callbacks', () => describePool({ ...server, open: openCallbacks }))
