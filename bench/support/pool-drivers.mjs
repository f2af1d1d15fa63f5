import { createPool as createMysqlPool } from 'awscurrent/mysql2'
import { createPool as createPgPool } from 'awscurrent/pg'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { register } from 'tsx/esm/api'

register()
const exam = name => import(`../../test/support/exam/${name}.ts`)
const { startPostgresExam } = await exam('postgres-exam-server')
const { startMariadbExam } = await exam('mysql-exam-server')

/** The drivers of pools: how each makes one by itself and one that follows, and what it calls things. */
export const drivers = {
  pg: {
    start: startPostgresExam,
    bare: options => new pg.Pool({ ...options, idleTimeoutMillis: 0 }),
    following: options => createPgPool(pg, { ...options, idleTimeoutMillis: 0 }),
    address: ({ host, port, username, password, dbname }) => ({ host, port, user: username, password, database: dbname }),
    sized: max => ({ max }),
    hold: pool => pool.connect(),
  },
  mysql2: {
    start: startMariadbExam,
    bare: options => mysql.createPool(options),
    following: options => createMysqlPool(mysql, options),
    address: ({ host, port, username, password, dbname }) => ({ host, port, user: username, password, database: dbname }),
    sized: connectionLimit => ({ connectionLimit }),
    hold: pool => pool.getConnection(),
  },
}

/** Has a pool open connections, all of them asked for at once. */
export async function fill(driver, pool, connections) {
  const held = await Promise.all(Array.from({ length: connections }, () => driver.hold(pool)))
  for (const connection of held) connection.release()
}
