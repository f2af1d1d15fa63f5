import mysql from 'mysql2/promise'
import pg from 'pg'
import type { SecretCache } from '../../src/index.js'
import { createPool as createMysqlPool, isAuthError as isMysqlAuthError } from '../../src/mysql2/index.js'
import { createPool as createPgPool, isAuthError as isPgAuthError } from '../../src/pg/index.js'
import type { PoolPlan, QueryRecord } from './messages.js'
import { monotonicMs } from './monotonic.js'

/** A pool that follows a secret and counts what comes of its queries. */
export interface ServicePool {
  /** A query or, now and then, a transaction. Never rejects. */
  query(): Promise<void>
  /** What happened since the last time. */
  takeRecord(): QueryRecord
  end(): Promise<void>
}

interface Driver {
  query(): Promise<unknown>
  transaction(): Promise<unknown>
  isAuthError(error: unknown): boolean
  end(): Promise<void>
}

const size = 5
const ignored = (): void => {}
/** Longer than any fault lasts: who waits for a login to work must not be told too early that none does. */
const connectTimeoutMs = 20_000

/** Opens the pool of a database. Its address comes from the secret, and leads through the proxy. */
export function openServicePool({ name, secretId, engine, ca }: PoolPlan, cache: SecretCache): ServicePool {
  const driver = (engine === 'postgres' ? openPg : openMysql)({ cache, secretId, ca })
  const fresh = (): QueryRecord => ({ pool: name, succeeded: 0, failed: [] })
  let record = fresh()
  let turn = 0
  return {
    async query() {
      const from = monotonicMs()
      turn += 1
      try {
        await (turn % 10 === 0 ? driver.transaction() : driver.query())
        record.succeeded += 1
      } catch (error) {
        const { code, message } = error as { code?: string; message: string }
        record.failed.push({ from, to: monotonicMs(), code: code ?? message, isAuthError: driver.isAuthError(error) })
      }
    },
    takeRecord() {
      const taken = record
      record = fresh()
      return taken
    },
    end: () => driver.end(),
  }
}

type Login = Pick<PoolPlan, 'secretId' | 'ca'> & { cache: SecretCache }

function openPg({ ca, ...follow }: Login): Driver {
  const pool = createPgPool(pg, {
    ...follow,
    ssl: { ca },
    max: size,
    connectionTimeoutMillis: connectTimeoutMs,
    // Connections come and go, so that there is always somebody to log in.
    maxLifetimeSeconds: 1,
  })
  return {
    query: () => pool.query('SELECT 1'),
    async transaction() {
      const connection = await pool.connect()
      // Whoever takes a connection out hears of its end; without a listener that would end the process.
      connection.on('error', ignored)
      try {
        for (const statement of ['BEGIN', 'SELECT pg_sleep(0.01)', 'COMMIT']) await connection.query(statement)
        connection.release()
      } catch (error) {
        connection.release(true)
        throw error
      } finally {
        connection.off('error', ignored)
      }
    },
    isAuthError: isPgAuthError,
    end: () => pool.end(),
  }
}

function openMysql({ ca, ...follow }: Login): Driver {
  const pool = createMysqlPool(mysql, {
    ...follow,
    ssl: { ca, rejectUnauthorized: true, verifyIdentity: true },
    connectionLimit: size,
    connectTimeout: connectTimeoutMs,
    maxIdle: 1,
    idleTimeout: 1_000,
  })
  return {
    query: () => pool.query('SELECT 1'),
    async transaction() {
      const connection = await pool.getConnection()
      try {
        for (const statement of ['BEGIN', 'SELECT SLEEP(0.01)', 'COMMIT']) await connection.query(statement)
        connection.release()
      } catch (error) {
        connection.destroy()
        throw error
      }
    },
    isAuthError: isMysqlAuthError,
    end: () => pool.end(),
  }
}
