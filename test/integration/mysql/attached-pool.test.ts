import mysqlCallbacks from 'mysql2'
import mysql from 'mysql2/promise'
import { describe, expect, it } from 'vitest'
import { SecretCache } from '../../../src/index.js'
import { attachPool, createPool } from '../../../src/mysql2/index.js'
import { FakeSecretsManager } from '../../../src/testing/index.js'
import { eventually } from '../../support/pool-scene.js'
import { useTestDatabase } from './database.js'

const database = useTestDatabase()
const whoAmI = "SELECT SUBSTRING_INDEX(USER(), '@', 1) AS me, DATABASE() AS here"

const sessionsOf = async (user: string): Promise<number> => {
  const [rows] = await database.admin.query('SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE USER = ?', [user])
  return Number((rows as { n: number }[])[0]?.n)
}

const rowOf = async (queried: Pick<mysql.Pool, 'query'>): Promise<unknown> => {
  const [rows] = await queried.query(whoAmI)
  return (rows as unknown[])[0]
}

const cacheOf = (secret: object): SecretCache =>
  new SecretCache({ client: new FakeSecretsManager({ secrets: { db: { ...secret } } }).client() })

describe('a pool that is made to follow a secret while it is in use', () => {
  it.each([
    ['with promises', (options: mysql.PoolOptions) => mysql.createPool(options)],
    ['with callbacks', (options: mysql.PoolOptions) => mysqlCallbacks.createPool(options as never).promise()],
  ])('moves over without a failed query, and keeps its address (%s)', async (_, open) => {
    const [before, after] = [await database.makeUser(), await database.makeUser()]
    const { host, port, username: user, password, dbname: name } = before
    await database.admin.query(`GRANT ALL PRIVILEGES ON ${name}.* TO ${after.username}@'%'`)
    const pool = open({ host, port, user, password, database: String(name) })
    const [held, idle] = await Promise.all([pool.getConnection(), pool.getConnection()])
    idle.release()
    await using cache = cacheOf({ ...after, host: 'nowhere', port: 1 })
    attachPool(pool, { cache, secretId: 'db', retireSpreadMs: 20 })

    await eventually(async () => expect(await sessionsOf(user)).toBe(1))
    expect(await rowOf(pool)).toEqual({ me: after.username, here: name })
    expect(await rowOf(held)).toEqual({ me: user, here: name })
    held.release()
    await eventually(async () => expect(await sessionsOf(user)).toBe(0))
    expect(() => attachPool(pool, { cache, secretId: 'db' })).toThrow('This pool already follows a secret.')
    await pool.end()
  })
})

describe('what a uri leaves out', () => {
  it.each([
    ['mysql://other:wrong@localhost', 'dbname'],
    ['mysql://other:wrong@localhost/information_schema', 'information_schema'],
  ])('comes from the secret (%s)', async (uri, named) => {
    const user = await database.makeUser()
    await using cache = cacheOf({ ...user, host: 'nowhere' })
    const pool = createPool(mysql, { cache, secretId: 'db', uri })
    expect(await rowOf(pool)).toEqual({ me: user.username, here: named === 'dbname' ? user.dbname : named })
    await pool.end()
  })
})

it('the server sees no connection aborted when connections are retired', async () => {
  const aborted = async (): Promise<number> => {
    const [rows] = await database.admin.query("SHOW GLOBAL STATUS LIKE 'Aborted_clients'")
    return Number((rows as { Value: string }[])[0]?.Value)
  }
  const [first, second] = [await database.makeUser(), await database.makeUser()]
  const fake = new FakeSecretsManager({ secrets: { db: { ...first } } })
  await using cache = new SecretCache({ client: fake.client() })
  const pool = createPool(mysql, { cache, secretId: 'db', retireSpreadMs: 20 })
  const [held, idle] = await Promise.all([pool.getConnection(), pool.getConnection()])
  idle.release()
  const before = await aborted()
  await cache.handleRotationEvent(fake.rotate('db', { ...second }))
  await eventually(async () => expect(await sessionsOf(first.username)).toBe(1))
  held.release()
  await eventually(async () => expect(await sessionsOf(first.username)).toBe(0))
  expect(await aborted()).toBe(before)
  await pool.end()
})

it.each([
  ['a queue that is full', { queueLimit: 1 }, 'Queue limit reached.'],
  ['waiting that is not wanted', { waitForConnections: false }, 'No connections available.'],
])('%s is told as by a pool without a secret', async (_, options, message) => {
  await using cache = cacheOf(await database.makeUser())
  const pool = createPool(mysql, { cache, secretId: 'db', connectionLimit: 1, ...options })
  const held = await pool.getConnection()
  const asked = await Promise.allSettled([pool.getConnection(), pool.getConnection(), setImmediate(() => held.release())])
  expect(asked).toContainEqual({ status: 'rejected', reason: expect.objectContaining({ message }) })
  await pool.end()
})
