import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { SecretCache } from '../../../src/index.js'
import { attachPool, createPool } from '../../../src/pg/index.js'
import { FakeSecretsManager } from '../../../src/testing/index.js'
import { eventually } from '../../support/pool-scene.js'
import { useTestDatabase } from './database.js'

const database = useTestDatabase()

const sessionsOf = async (user: string): Promise<number> => {
  const { rows } = await database.admin.query('SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = $1', [user])
  return rows[0].n
}

const cacheOf = (secret: object): SecretCache =>
  new SecretCache({ client: new FakeSecretsManager({ secrets: { db: { ...secret } } }).client() })

describe('a pool that is made to follow a secret while it is in use', () => {
  it.each(['discrete options', 'a connection string'])(
    'moves over without a failed query, and keeps its address (%s)',
    async how => {
      const [before, after] = [await database.makeUser(), await database.makeUser()]
      const { host, port, username: user, password } = before
      const pool = new pg.Pool(
        how === 'discrete options'
          ? { host, port, user, password, database: 'postgres' }
          : { connectionString: `postgres://${user}:${password}@${host}:${port}/postgres` },
      )
      const [held, idle] = await Promise.all([pool.connect(), pool.connect()])
      idle.release()
      await using cache = cacheOf({ ...after, host: 'nowhere', port: 1 })
      attachPool(pool, { cache, secretId: 'db', retireSpreadMs: 20 })

      await eventually(async () => expect(await sessionsOf(user)).toBe(1))
      expect((await pool.query('SELECT session_user AS me')).rows).toEqual([{ me: after.username }])
      expect((await held.query('SELECT session_user AS me')).rows).toEqual([{ me: user }])
      held.release()
      await eventually(async () => expect(await sessionsOf(user)).toBe(0))
      await pool.end()
    },
  )

  it('stays as it is while the secret does not work', async () => {
    const { host, port, username: user, password } = await database.makeUser()
    const pool = new pg.Pool({ host, port, user, password, database: 'postgres' })
    await pool.query('SELECT 1')
    await using cache = cacheOf({ username: user, password: 'wrong' })
    const told: string[] = []
    attachPool(pool, { cache, secretId: 'db' }).on('refused', ({ code }) => told.push(String(code)))
    await eventually(() => expect(told).toEqual(['28P01']))
    expect((await pool.query('SELECT session_user AS me')).rows).toEqual([{ me: user }])
    await pool.end()
  })
})

it('users that take turns use one database, also where only pg names it', async () => {
  const [first, second] = [await database.makeUser(), await database.makeUser()]
  await database.admin.query(`CREATE DATABASE ${first.username}`)
  const fake = new FakeSecretsManager({ secrets: { db: { ...first } } })
  await using cache = new SecretCache({ client: fake.client() })
  const pool = createPool(pg, { cache, secretId: 'db' })
  const where = async (): Promise<object> => (await pool.query('SELECT session_user AS me, current_database() AS here')).rows[0]
  expect(await where()).toEqual({ me: first.username, here: first.username })
  await cache.handleRotationEvent(fake.rotate('db', { ...second }))
  await eventually(async () => expect(await where()).toEqual({ me: second.username, here: first.username }))
  await pool.end()
})
