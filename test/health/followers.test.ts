import { Redis } from 'ioredis'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { createHealth } from '../../src/health/index.js'
import { SecretCache } from '../../src/index.js'
import { attachClient } from '../../src/ioredis/index.js'
import { createPool } from '../../src/mysql2/index.js'
import { attachPool } from '../../src/pg/index.js'
import { createSnsHandler } from '../../src/sns/index.js'
import { createSwap } from '../../src/swap/index.js'
import { FakeSecretsManager } from '../../src/testing/index.js'

function world(): { fake: FakeSecretsManager; cache: SecretCache } {
  const fake = new FakeSecretsManager({ secrets: { db: { username: 'app', password: 'pl4nted' } } })
  const cache = new SecretCache({ client: fake.client() })
  onTestFinished(() => cache.close())
  return { fake, cache }
}

test('pools of mysql2, by promises and by callbacks, clients of ioredis and SNS handlers have a status before they are used', async () => {
  const { cache } = world()
  const pool = createPool(mysql, { cache, secretId: 'db' })
  onTestFinished(() => pool.end())
  const redis = attachClient(new Redis({ lazyConnect: true }), { cache, secretId: 'db' })
  const sns = createSnsHandler(cache, { topicArns: ['arn:aws:sns:eu-west-1:123456789012:rotations'] })
  const health = createHealth({ pools: { promises: pool, callbacks: pool.pool, redis }, listeners: { sns } })
  expect(await health.check()).toMatchObject({
    verdict: 'ok',
    pools: {
      promises: { kind: 'pool', state: 'unproven', connections: [] },
      callbacks: { kind: 'pool', state: 'unproven', connections: [] },
      redis: { kind: 'unknown', state: 'unproven' },
    },
    listeners: { sns: { kind: 'listener', state: 'listening', messages: 0 } },
  })
})

test('a pool of pg keeps its status to itself', () => {
  const { cache } = world()
  const pool = attachPool(new pg.Pool(), { cache, secretId: 'db' })
  expect(Object.getOwnPropertyDescriptor(pool, Symbol.for('awscurrent.status'))).toMatchObject({ enumerable: false })
  expect(() => createHealth({ pools: { following: pool } })).not.toThrow()
  expect(() => createHealth({ pools: { other: new pg.Pool() } })).toThrow('pools must be an object of pools that follow a secret')
})

test('a swap tells the version of its client, before and after a rotation', async () => {
  const { fake, cache } = world()
  await using swap = createSwap({
    cache,
    secretId: 'db',
    create: secret => secret.versionId,
    verify: () => {},
    drain: () => {},
  })
  const health = createHealth({ swaps: { api: swap } })
  const first = await swap.use(versionId => versionId)
  const status = async (): Promise<unknown> => (await health.check()).pools.api
  expect(await status()).toMatchObject({
    kind: 'swap',
    state: 'working',
    versionId: first,
    user: undefined,
    connections: [{ versionId: first, count: 1 }],
    counts: { logins: 1, moves: 1, retired: 0 },
  })
  await cache.handleRotationEvent(fake.rotate('db', { username: 'app', password: 'another' }))
  await expect
    .poll(status)
    .toMatchObject({ state: 'working', versionId: cache.peek('db')?.versionId, counts: { logins: 2, moves: 2, retired: 1 } })
})
