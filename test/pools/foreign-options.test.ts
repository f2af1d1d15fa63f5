import mysql from 'mysql2'
import mysqlPromises from 'mysql2/promise'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { attachClient } from '../../src/ioredis/index.js'
import * as mysqlPools from '../../src/mysql2/index.js'
import * as pgPools from '../../src/pg/index.js'
import { createCredentialsProvider } from '../../src/redis/index.js'
import { createSwap } from '../../src/swap/index.js'
import { FakeSecretsManager } from '../../src/testing/index.js'

const fake = new FakeSecretsManager({ secrets: { db: { username: 'app', password: 'one', host: 'db' } } })
const cache = new SecretCache({ client: fake.client() })
const follow = { cache, secretId: 'db' }

/** What a call throws, which must be a TypeError. */
function complaintOf(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError)
    return String(error)
  }
  throw new Error('It was accepted.')
}

describe('an option of another driver is a TypeError that names the right one', () => {
  it.each([
    ['connectionLimit', 20, 'max'],
    ['maxIdle', 5, 'idleTimeoutMillis'],
    ['idleTimeout', 1_000, 'idleTimeoutMillis'],
    ['connectTimeout', 1_000, 'connectionTimeoutMillis'],
    ['acquireTimeout', 1_000, 'connectionTimeoutMillis'],
    ['waitForConnections', false, 'connectionTimeoutMillis'],
    ['queueLimit', 5, 'connectionTimeoutMillis'],
    ['uri', 'postgres://db.example/shop', 'connectionString'],
    ['enableKeepAlive', true, 'keepAlive'],
    ['keepAliveInitialDelay', 1_000, 'keepAliveInitialDelayMillis'],
    ['socketPath', '/var/run/postgresql', 'host'],
  ])('createPool of pg: %s', (name, value, meant) => {
    const complaint = complaintOf(() => pgPools.createPool(pg, { ...follow, [name]: value }))
    expect(complaint).toMatch(new RegExp(`\\b${name}\\b.*\\b${meant}\\b`))
  })

  it.each([
    ['max', 20, 'connectionLimit'],
    ['min', 2, 'maxIdle'],
    ['connectionTimeoutMillis', 1_000, 'connectTimeout'],
    ['idleTimeoutMillis', 1_000, 'idleTimeout'],
    ['acquireTimeout', 1_000, 'connectTimeout'],
    ['acquireTimeoutMillis', 1_000, 'connectTimeout'],
    ['connectionString', 'mysql://db.example/shop', 'uri'],
    ['keepAlive', true, 'enableKeepAlive'],
    ['keepAliveInitialDelayMillis', 1_000, 'keepAliveInitialDelay'],
  ])('createPool of mysql2: %s', (name, value, meant) => {
    for (const create of [
      () => mysqlPools.createPool(mysql, { ...follow, [name]: value }),
      () => mysqlPools.createPool(mysqlPromises, { ...follow, [name]: value }),
    ])
      expect(complaintOf(create)).toMatch(new RegExp(`\\b${name}\\b.*\\b${meant}\\b`))
  })

  it.each(['maxUses', 'maxLifetimeSeconds', 'allowExitOnIdle', 'query_timeout', 'statement_timeout', 'application_name'])(
    'createPool of mysql2 says whose %s is, which has no counterpart',
    name => {
      const complaint = complaintOf(() => mysqlPools.createPool(mysql, { ...follow, [name]: 1 }))
      expect(complaint).toContain(name)
      expect(complaint).toContain('pg')
    },
  )

  it('is left alone if it is undefined', () => {
    expect(() => pgPools.createPool(pg, { ...follow, connectionLimit: undefined } as typeof follow)).not.toThrow()
    expect(() => mysqlPools.createPool(mysql, { ...follow, max: undefined } as typeof follow)).not.toThrow()
  })

  it('has no part of its value in the message', () => {
    const uri = 'postgres://app:planted@db.example/shop'
    expect(complaintOf(() => pgPools.createPool(pg, { ...follow, uri } as typeof follow))).not.toContain('planted')
    const connectionString = 'mysql://app:planted@db.example/shop'
    expect(complaintOf(() => mysqlPools.createPool(mysql, { ...follow, connectionString } as typeof follow))).not.toContain(
      'planted',
    )
  })
})

describe("the driver's own options reach the driver", () => {
  it('pg', () => {
    const own = {
      max: 7,
      min: 1,
      maxUses: 3,
      maxLifetimeSeconds: 9,
      idleTimeoutMillis: 11,
      connectionTimeoutMillis: 13,
      allowExitOnIdle: true,
    }
    expect(
      pgPools.createPool(pg, { ...follow, ...own, application_name: 'shop', ofAPluginOfMine: 1 } as typeof follow),
    ).toMatchObject({ options: { ...own, application_name: 'shop', ofAPluginOfMine: 1 } })
  })

  it('mysql2', () => {
    const own = { connectionLimit: 7, maxIdle: 3, idleTimeout: 60, queueLimit: 5, waitForConnections: false }
    const pool = mysqlPools.createPool(mysql, { ...follow, ...own, connectTimeout: 17 })
    expect(pool).toMatchObject({ config: { ...own, connectionConfig: { connectTimeout: 17 } } })
  })
})

describe('a misspelt option of ours is a TypeError that names the one that was meant', () => {
  const misspelt = [
    ['retireSpread', 500, 'retireSpreadMs'],
    ['loginAtOnce', 2, 'loginsAtOnce'],
    ['rotationWindow', 1_000, 'rotationWindowMs'],
    ['rotationwindowms', 1_000, 'rotationWindowMs'],
    ['tryPendng', false, 'tryPending'],
    ['drainTimeout', 1_000, 'drainTimeoutMs'],
    ['verfy', () => {}, 'verify'],
  ] as const
  const driversOnly = misspelt.slice(0, 5)

  it.each(driversOnly)('createPool and attachPool: %s', (name, value, meant) => {
    const wrong = { ...follow, [name]: value }
    for (const call of [
      () => pgPools.createPool(pg, wrong),
      () => pgPools.attachPool(new pg.Pool(), wrong),
      () => mysqlPools.createPool(mysql, wrong),
      () => mysqlPools.attachPool(mysql.createPool({}), wrong),
    ]) {
      const complaint = complaintOf(call)
      expect(complaint).toContain(name)
      expect(complaint).toContain(meant)
    }
  })

  it.each([misspelt[5], misspelt[6], misspelt[2]])('createSwap: %s', (name, value, meant) => {
    const swap = { ...follow, create: () => 1, verify() {}, drain() {}, [name]: value }
    const complaint = complaintOf(() => createSwap(swap))
    expect(complaint).toContain(name)
    expect(complaint).toContain(meant)
  })

  it.each([['max', 20, 'max']])('a client of Redis takes no option of its driver: %s', (name, value, named) => {
    expect(complaintOf(() => createCredentialsProvider({ ...follow, [name]: value } as never))).toContain(named)
    expect(complaintOf(() => attachClient({} as never, { ...follow, [name]: value } as never))).toBeDefined()
  })
})

describe('a value that no option can have is a TypeError that names the option', () => {
  const wrong: [string, unknown][] = [
    ['loginsAtOnce', 0],
    ['loginsAtOnce', -1],
    ['loginsAtOnce', 1.5],
    ['loginsAtOnce', Number.NaN],
    ['loginsAtOnce', '2'],
    ['loginsAtOnce', null],
    ['retireSpreadMs', -1],
    ['retireSpreadMs', Number.NaN],
    ['retireSpreadMs', '500'],
    ['retireSpreadMs', Infinity],
    ['retireSpreadMs', null],
    ['rotationWindowMs', Number.NaN],
    ['rotationWindowMs', -1],
    ['rotationWindowMs', 90_000n],
    ['tryPending', 1],
    ['tryPending', null],
    ['login', 'user'],
    ['login', {}],
    ['login', null],
    ['secretId', 5],
    ['secretId', null],
    ['cache', null],
    ['cache', new Map()],
  ]

  it.each(wrong)('%s: %s', (name, value) => {
    const options = { ...follow, [name]: value } as typeof follow
    const calls = [
      () => pgPools.createPool(pg, options),
      () => pgPools.attachPool(new pg.Pool(), options),
      () => mysqlPools.createPool(mysqlPromises, options),
      () => mysqlPools.attachPool(mysql.createPool({}), options),
    ]
    for (const call of calls) expect(() => call()).toThrow(name === 'secretId' ? 'secret id' : name)
  })

  it.each([
    ['drainTimeoutMs', -1],
    ['drainTimeoutMs', Number.NaN],
    ['create', undefined],
    ['verify', 'yes'],
    ['drain', {}],
    ['isAuthError', true],
    ['rotationWindowMs', '1'],
  ])('createSwap: %s', (name, value) => {
    const swap = { ...follow, create: () => 1, verify() {}, drain() {}, [name]: value }
    expect(complaintOf(() => createSwap(swap as never))).toContain(name)
  })
})
