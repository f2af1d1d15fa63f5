import mysql from 'mysql2'
import mysqlPromises, { type RowDataPacket } from 'mysql2/promise'
import pg from 'pg'
import pgPromise from 'pg-promise'
import { expectTypeOf, test } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { attachPool as attachMysqlPool, createPool as createMysqlPool } from '../../src/mysql2/index.js'
import { attachPool, type CredentialsEvent, createPool, type RefusedEvent } from '../../src/pg/index.js'

const cache = new SecretCache()
const follow = { cache, secretId: 'prod/db' }

interface Order extends RowDataPacket {
  id: number
}

test('a pool of pg is a pg.Pool, with the types of its queries', () => {
  const pool = createPool(pg, { ...follow, max: 20, ssl: { ca: '' } })
  expectTypeOf(pool).toExtend<pg.Pool>()
  expectTypeOf(pool.query<{ id: number }>('')).resolves.toEqualTypeOf<pg.QueryResult<{ id: number }>>()
  expectTypeOf(pool.connect()).resolves.toEqualTypeOf<pg.PoolClient>()
})

test('a pool of mysql2 is one of the module that was handed in, with the types of its queries', () => {
  const pool = createMysqlPool(mysqlPromises, { ...follow, connectionLimit: 20 })
  expectTypeOf(pool).toExtend<mysqlPromises.Pool>()
  expectTypeOf(pool.query<Order[]>('')).resolves.toEqualTypeOf<[Order[], mysqlPromises.FieldPacket[]]>()
  const callbacks = createMysqlPool(mysql, { ...follow, connectionLimit: 20 })
  expectTypeOf(callbacks).toExtend<mysql.Pool>()
  callbacks.query<Order[]>('', (_error, rows) => expectTypeOf(rows).toEqualTypeOf<Order[]>())
})

test("a pool's own events and those of the driver have their types", () => {
  const pool = createPool(pg, follow)
  pool.on('credentials', event => expectTypeOf(event).toEqualTypeOf<CredentialsEvent>())
  pool.on('refused', event => expectTypeOf(event).toEqualTypeOf<RefusedEvent>())
  pool.on('connect', client => expectTypeOf(client).toEqualTypeOf<pg.PoolClient>())
  const promises = createMysqlPool(mysqlPromises, follow)
  promises.on('credentials', event => expectTypeOf(event).toEqualTypeOf<CredentialsEvent>())
  promises.on('acquire', connection => expectTypeOf(connection).toEqualTypeOf<mysqlPromises.PoolConnection>())
  createMysqlPool(mysql, follow).on('retired', event => expectTypeOf(event.user).toEqualTypeOf<string | undefined>())
  // @ts-expect-error: no such event
  pool.on('nothing', () => {})
})

test('a pool that is there keeps its type and gains the events', () => {
  class Pool extends pg.Pool {
    mine(): void {}
  }
  expectTypeOf(attachPool(new Pool(), follow)).toExtend<Pool>()
  attachPool(new Pool(), follow).on('window', event => expectTypeOf(event.phase).toEqualTypeOf<'opened' | 'closed'>())
  attachPool(pgPromise()({}).$pool, follow)
  expectTypeOf(attachMysqlPool(mysql.createPool({}), follow)).toExtend<mysql.Pool>()
  expectTypeOf(attachMysqlPool(mysqlPromises.createPool({}), follow)).toExtend<mysqlPromises.Pool>()
})

test('what would not work is refused', () => {
  // @ts-expect-error: which secret?
  createPool(pg, { cache })
  // @ts-expect-error: from where?
  createPool(pg, { secretId: 'prod/db' })
  // @ts-expect-error: a cache is no source of options
  createPool(pg, { ...follow, cache: {} })
  // @ts-expect-error: mysql2 is not pg
  createPool(mysql, follow)
  // @ts-expect-error: pg is not mysql2
  createMysqlPool(pg, follow)
  // @ts-expect-error: the class, not the module
  createPool(pg.Pool, follow)
  // @ts-expect-error: a pool of mysql2 is not one of pg
  attachPool(mysql.createPool({}), follow)
  // @ts-expect-error: a client is no pool
  attachPool(new pg.Client(), follow)
})

test('credentials, and options that the driver does not know, are refused', () => {
  // @ts-expect-error: the password is the secret's
  createPool(pg, { ...follow, password: 'mine' })
  // @ts-expect-error: the user is the secret's
  createMysqlPool(mysqlPromises, { ...follow, user: 'mine' })
  // @ts-expect-error: one of mysql2
  createPool(pg, { ...follow, connectionLimit: 20 })
  // @ts-expect-error: one of pg
  createMysqlPool(mysqlPromises, { ...follow, max: 20 })
  // @ts-expect-error: a pool that is there has its options
  attachPool(new pg.Pool(), { ...follow, max: 20 })
})
