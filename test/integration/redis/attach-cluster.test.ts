import { Cluster } from 'ioredis'
import { expect, it, onTestFinished } from 'vitest'
import { SecretCache } from '../../../src/index.js'
import { attachClient } from '../../../src/ioredis/index.js'
import { eventually } from '../../support/pool-scene.js'
import { rotating } from '../../support/rotating.js'
import { useTestDatabase } from './database.js'

const database = useTestDatabase({ cluster: true })

async function follow() {
  const user = await database.makeUser()
  const rotation = rotating({ redis: { ...user } }, { engine: database.engine() })
  const cache = new SecretCache({ client: rotation.fake.client(), ttlJitter: 0 })
  const { host, port } = database.server
  const errors: unknown[] = []
  // The first answer of a node waits for the first read of the secret.
  const bare = new Cluster([{ host, port }], { clusterRetryStrategy: () => 20, slotsRefreshTimeout: 10_000 })
  bare.on('error', error => errors.push(error))
  const cluster = attachClient(bare, { cache, secretId: 'redis' })
  onTestFinished(async () => {
    cluster.disconnect()
    await cache.close()
  })
  return { user, rotation, cache, cluster, errors }
}

const whoAmI = (cluster: Cluster): Promise<unknown> => cluster.call('ACL', 'WHOAMI')

it('the nodes of a cluster and of its duplicates log in with the secret, and authenticate anew when it moves', async () => {
  const { user, rotation, cache, cluster, errors } = await follow()
  const duplicate = cluster.duplicate()
  onTestFinished(() => duplicate.disconnect())
  expect([await whoAmI(cluster), await whoAmI(duplicate)]).toEqual([user.username, user.username])
  const clone = { username: `${user.username}_clone`, password: 'another' }
  await database.setPassword(clone)
  await cache.handleRotationEvent(rotation.fake.rotate('redis', { ...clone }))
  await eventually(async () => expect([await whoAmI(cluster), await whoAmI(duplicate)]).toEqual(Array(2).fill(clone.username)))
  expect(errors).toEqual([])
})

it('a cluster goes on after a rotation that nobody announced, in which its nodes were lost', async () => {
  const { user, rotation, cluster } = await follow()
  await cluster.set('key', 'value')
  await rotation.rotate('redis')
  await database.kill(user.username)
  await eventually(async () => expect(await cluster.get('key')).toBe('value'))
})

it('the connection that a cluster subscribes by logs in with the secret too', async () => {
  const { cluster } = await follow()
  const heard: string[] = []
  cluster.on('message', (_, message) => heard.push(message))
  await cluster.subscribe('news')
  await database.admin.publish('news', 'hello')
  await eventually(() => expect(heard).toEqual(['hello']))
})
