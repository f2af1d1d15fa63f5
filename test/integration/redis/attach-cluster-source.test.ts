import type { ConnectionOptions } from 'node:tls'
import { Cluster } from 'ioredis'
import { expect, it, onTestFinished } from 'vitest'
import { attachClient } from '../../../src/ioredis/index.js'
import { eventually } from '../../support/pool-scene.js'
import { useTestDatabase } from './database.js'
import { countAuth, issueRedisTokens } from './tokens.js'

const database = useTestDatabase({ cluster: true })

async function follow(address: { host: string; port: number }, redisOptions: { tls?: ConnectionOptions } = {}) {
  const tokens = await issueRedisTokens(database, { requiresTls: true })
  const errors: unknown[] = []
  const bare = new Cluster([address], { clusterRetryStrategy: () => 20, slotsRefreshTimeout: 10_000, redisOptions })
  bare.on('error', error => errors.push(error))
  const cluster = attachClient(bare, { credentials: tokens.source })
  onTestFinished(() => cluster.disconnect())
  return { tokens, cluster, errors }
}

it('a cluster logs in over TLS with tokens, and re-authenticates with each new one', async () => {
  const { host, port, ca } = database.server.overTls
  // The node announces its address, which is not in its certificate.
  const tls = { ca, checkServerIdentity: () => undefined }
  const { tokens, cluster, errors } = await follow({ host, port }, { tls })
  const whoAmI = (): Promise<unknown> => cluster.call('ACL', 'WHOAMI')
  expect(await whoAmI()).toBe(tokens.username)
  for (let turn = 1; turn <= 3; turn += 1) {
    const { calls, failed } = await countAuth(database)
    await tokens.renew()
    await eventually(async () => expect((await countAuth(database)).calls).toBeGreaterThan(calls))
    expect((await countAuth(database)).failed).toBe(failed)
  }
  await tokens.freeze()
  await database.kill(tokens.username)
  await eventually(async () => expect(await whoAmI()).toBe(tokens.username))
  expect([tokens.issued.length, tokens.rejected, errors]).toEqual([5, [], []])
})

it('a cluster sends no token that requires TLS without it', async () => {
  const { host, port } = database.server
  const { calls } = await countAuth(database)
  const { cluster } = await follow({ host, port })
  let attempts = 0
  cluster.on('node error', () => {
    attempts += 1
  })
  await eventually(() => expect(attempts).toBeGreaterThan(5))
  expect(await countAuth(database)).toMatchObject({ calls })
})
