import * as mariadb from 'mariadb'
import mysql from 'mysql2'
import mysqlPromises from 'mysql2/promise'
import pg, * as pgNamespace from 'pg'
import postgres from 'postgres'
import { describe, expect, it } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { attachPool as attachMysqlPool, createPool as createMysqlPool } from '../../src/mysql2/index.js'
import { attachPool as attachPgPool, createPool as createPgPool } from '../../src/pg/index.js'
import { FakeSecretsManager } from '../../src/testing/index.js'
import { rejectionOf } from '../support/rejection.js'

const fake = new FakeSecretsManager({ secrets: { db: { username: 'app', password: 'one', host: 'db' }, other: 'text' } })
const cache = new SecretCache({ client: fake.client() })
const follow = { cache, secretId: 'db' }

/** The module mysql, the predecessor of mysql2, as far as it looks like that. */
function predecessor() {
  const pools: Pool[] = []
  class Pool {
    isOpen = true
    config = { connectionConfig: {}, connectionLimit: 10 }
    _allConnections = []
    _freeConnections = []
    _connectionQueue = []
    getConnection(): void {}
    query(): void {}
    end(): void {
      this.isOpen = false
    }
    on(): this {
      return this
    }
  }
  const createPool = (): Pool => {
    const pool = new Pool()
    pools.push(pool)
    return pool
  }
  const others = {
    createConnection() {},
    createPoolCluster() {},
    createQuery() {},
    escape() {},
    format() {},
    raw() {},
    Types: {},
  }
  return { module: { ...others, createPool }, Pool, pools }
}

describe('a module of another driver is a TypeError that names the right one', () => {
  it.each<[string, unknown, string | RegExp]>([
    ['mysql2', mysql, 'awscurrent/mysql2'],
    ['mysql2/promise', mysqlPromises, 'awscurrent/mysql2'],
    ['mysql', predecessor().module, 'the module pg'],
    ['postgres.js', postgres, 'the module pg'],
    ['a pool', new pg.Pool(), 'attachPool'],
    ['the module of pg-native', { ...pg, native: undefined, Pool: undefined }, 'the module pg'],
    ['text', 'pg', 'the module pg'],
    ['null', null, 'the module pg'],
  ])('createPool of pg: %s', (_, module, named) => {
    const create = (): unknown => createPgPool(module as typeof pg, follow)
    expect(create).toThrow(TypeError)
    expect(create).toThrow(named)
  })

  it.each<[string, unknown, string | RegExp]>([
    ['pg', pg, 'awscurrent/pg'],
    ['mysql', predecessor().module, 'mysql2'],
    ['mariadb', mariadb, 'awscurrent/swap'],
    ['a pool', mysql.createPool({}), 'attachPool'],
    ['a cluster of pools', mysql.createPoolCluster(), 'PoolCluster'],
    ['text', 'mysql2', 'the module mysql2'],
    ['null', null, 'the module mysql2'],
  ])('createPool of mysql2: %s', (_, module, named) => {
    const create = (): unknown => createMysqlPool(module as typeof mysql, follow)
    expect(create).toThrow(TypeError)
    expect(create).toThrow(named)
  })

  it('createPool of mysql2 leaves no pool open that another module has made', () => {
    const { module, pools } = predecessor()
    expect(() => createMysqlPool(module as never, follow)).toThrow(TypeError)
    expect(pools.filter(({ isOpen }) => isOpen)).toEqual([])
  })

  it('what is exported by name will do', () => {
    expect(createPgPool(pgNamespace as typeof pg, follow)).toBeInstanceOf(pg.Pool)
  })
})

describe('attachPool takes the pools of its own driver', () => {
  it.each<[string, unknown, string]>([
    ['a pool of mysql2', mysql.createPool({}), 'awscurrent/mysql2'],
    ['a pool of mysql2/promise', mysqlPromises.createPool({}), 'awscurrent/mysql2'],
    ['a pool of mariadb', mariadb.createPool({ connectionLimit: 1, initializationTimeout: 10 }), 'a Pool of pg 8'],
    ['the class', pg.Pool, 'a Pool of pg 8'],
    ['the module', pg, 'createPool'],
    ['a cluster', mysql.createPoolCluster(), 'a Pool of pg 8'],
  ])('of pg: not %s', async (_, pool, named) => {
    const attach = (): unknown => attachPgPool(pool as pg.Pool, follow)
    expect(attach).toThrow(TypeError)
    expect(attach).toThrow(named)
  })

  it.each<[string, unknown, string]>([
    ['a pool of pg', new pg.Pool(), 'awscurrent/pg'],
    ['a pool of mysql', new (predecessor().Pool)(), 'mysql2'],
    ['a cluster', mysql.createPoolCluster(), 'PoolCluster'],
    ['a cluster of mysql2/promise', mysqlPromises.createPoolCluster(), 'PoolCluster'],
    ['the namespace of a cluster', mysql.createPoolCluster().of('*'), 'PoolCluster'],
    ['the module', mysql, 'createPool'],
  ])('of mysql2: not %s', (_, pool, named) => {
    const attach = (): unknown => attachMysqlPool(pool as mysql.Pool, follow)
    expect(attach).toThrow(TypeError)
    expect(attach).toThrow(named)
  })
})

describe('a pool that has ended', () => {
  it('of pg is a TypeError', async () => {
    const pool = new pg.Pool()
    await pool.end()
    const attach = (): unknown => attachPgPool(pool, follow)
    expect(attach).toThrow(TypeError)
    expect(attach).toThrow('ended')
  })

  it('of mysql2 is a TypeError', async () => {
    const pool = mysqlPromises.createPool({})
    await pool.end()
    for (const ended of [pool, pool.pool]) {
      const attach = (): unknown => attachMysqlPool(ended as never, follow)
      expect(attach).toThrow(TypeError)
      expect(attach).toThrow('ended')
    }
  })

  it('while it followed a secret rejects as the driver does, and ends once', async () => {
    const pgPool = createPgPool(pg, follow)
    await pgPool.end()
    expect(String(await rejectionOf(pgPool.query('select 1')))).toContain('after calling end on the pool')
    const mysqlPool = createMysqlPool(mysqlPromises, follow)
    await mysqlPool.end()
    expect(String(await rejectionOf(mysqlPool.query('select 1')))).toContain('Pool is closed')
  })
})

describe('a pool that was not attached', () => {
  const wrong = { ...follow, loginsAtOnce: 0 }

  it('of pg may be attached with the right options', () => {
    const pool = new pg.Pool()
    const own = Reflect.ownKeys(pool)
    const { connect, query } = pool
    expect(() => attachPgPool(pool, wrong)).toThrow(TypeError)
    expect([Reflect.ownKeys(pool), pool.connect, pool.query]).toEqual([own, connect, query])
    expect(attachPgPool(pool, follow)).toBe(pool)
  })

  it('since its cache was closed may be attached with another cache', async () => {
    const closed = new SecretCache({ client: fake.client() })
    await closed.close()
    const expected = expect.objectContaining({ code: 'ERR_SECRET_CACHE_CLOSED' })
    const pgPool = new pg.Pool()
    expect(() => attachPgPool(pgPool, { ...follow, cache: closed })).toThrow(expected)
    expect(attachPgPool(pgPool, follow)).toBe(pgPool)
    const mysqlPool = mysql.createPool({})
    expect(() => attachMysqlPool(mysqlPool, { ...follow, cache: closed })).toThrow(expected)
    expect(attachMysqlPool(mysqlPool, follow)).toBe(mysqlPool)
  })

  it('of mysql2 may be attached with the right options', () => {
    const pool = mysql.createPool({})
    const { getConnection } = pool
    expect(() => attachMysqlPool(pool, wrong)).toThrow(TypeError)
    expect(pool.getConnection).toBe(getConnection)
    expect(attachMysqlPool(pool, follow)).toBe(pool)
  })
})

describe('a pool that follows a secret is not attached again', () => {
  it.each([
    ['the same secret', follow],
    ['another', { cache, secretId: 'other' }],
    ['another cache', { cache: new SecretCache({ client: fake.client() }), secretId: 'db' }],
  ])('to %s', (_, options) => {
    for (const attachTwice of [
      () => attachPgPool(createPgPool(pg, follow), options),
      () => attachPgPool(attachPgPool(new pg.Pool(), follow), options),
      () => attachMysqlPool(createMysqlPool(mysql, follow), options),
      () => attachMysqlPool(createMysqlPool(mysqlPromises, follow), options),
      () => attachMysqlPool(createMysqlPool(mysqlPromises, follow).pool as never, options),
    ]) {
      expect(attachTwice).toThrow(TypeError)
      expect(attachTwice).toThrow('already follows a secret')
    }
  })
})
