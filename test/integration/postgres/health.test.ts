import pg from 'pg'
import { expect, it, onTestFinished } from 'vitest'
import { createHealth } from '../../../src/health/index.js'
import { SecretCache } from '../../../src/index.js'
import { createPool } from '../../../src/pg/index.js'
import { FakeSecretsManager } from '../../../src/testing/index.js'
import { eventually } from '../../support/pool-scene.js'
import { useTestDatabase } from './database.js'
import { whoAmI } from './world.js'

const database = useTestDatabase()

it('the health of a pool tells its login through a rotation, and when no login works any more', async () => {
  const [first, second] = [await database.makeUser(), await database.makeUser()]
  const fake = new FakeSecretsManager({ secrets: { 'prod/db': { ...first, dbname: 'postgres' } } })
  await using cache = new SecretCache({ client: fake.client() })
  const pool = createPool(pg, {
    cache,
    secretId: 'prod/db',
    retireSpreadMs: 20,
    rotationWindowMs: 100,
    connectionTimeoutMillis: 5_000,
  })
  onTestFinished(() => pool.end())
  const health = createHealth({ caches: { main: cache }, pools: { orders: pool }, required: ['prod/db'] })
  const version = (): string | undefined => cache.peek('prod/db')?.versionId
  expect(await health.check()).toMatchObject({ verdict: 'ok', pools: { orders: { state: 'unproven', connections: [] } } })

  await pool.query(whoAmI)
  expect(await health.check()).toMatchObject({
    verdict: 'ok',
    pools: {
      orders: {
        kind: 'pool',
        secretId: 'prod/db',
        state: 'working',
        user: first.username,
        versionId: version(),
        connections: [{ versionId: version(), count: 1 }],
        lastFailure: undefined,
        lastEvent: { type: 'credentials' },
        counts: { logins: 1, failures: 0, moves: 1, retired: 0, windows: 0 },
      },
    },
  })

  await cache.handleRotationEvent(fake.rotate('prod/db', { ...second, dbname: 'postgres' }))
  await eventually(async () => {
    const { verdict, pools } = await health.check()
    expect([verdict, pools.orders]).toMatchObject([
      'ok',
      { state: 'working', user: second.username, connections: [], counts: { logins: 2, failures: 0, moves: 2, retired: 1 } },
    ])
  })
  await pool.query(whoAmI)
  expect((await health.check()).pools.orders).toMatchObject({ connections: [{ versionId: version(), count: 1 }] })

  await database.admin.query(`ALTER ROLE ${second.username} PASSWORD 'changed'`)
  const { pid } = (await pool.query('SELECT pg_backend_pid() AS pid')).rows[0]
  await database.admin.query('SELECT pg_terminate_backend($1)', [pid])
  await eventually(() => expect(pool.totalCount).toBe(0))
  await expect(pool.query(whoAmI)).rejects.toMatchObject({ code: '28P01' })
  const failing = await health.check()
  expect(failing).toMatchObject({
    verdict: 'failing',
    pools: {
      orders: { state: 'refused', connections: [], lastFailure: { kind: 'refused', code: '28P01', versionId: version() } },
    },
  })
  expect(failing.reason).toMatch(/^orders: its login is rejected since .* \(28P01\); no login works\.$/)
  expect(JSON.stringify(failing)).not.toMatch(new RegExp(`${first.password}|${second.password}`))
})
