import { expect, it, onTestFinished } from 'vitest'
import { serveToExample } from '../../support/example-world.js'
import { eventually } from '../../support/pool-scene.js'
import { rotating } from '../../support/rotating.js'
import { useTestDatabase } from './database.js'

const database = useTestDatabase()

it('the example of ioredis authenticates anew, and connects again after a rotation that nobody announced', async () => {
  const user = await database.makeUser()
  const rotation = rotating({ redis: { ...user } }, { engine: database.engine() })
  const { host, port } = database.server
  await serveToExample(rotation.fake, { SECRET_ID: 'redis', REDIS_HOST: host, REDIS_PORT: String(port) })
  const { redis, secrets } = await import('../../../examples/ioredis/index.js')
  onTestFinished(async () => {
    redis.disconnect()
    await secrets.close()
  })
  const whoAmI = (): Promise<unknown> => redis.call('ACL', 'WHOAMI')

  const id = await redis.client('ID')
  const clone = { username: `${user.username}_clone`, password: 'another' }
  await database.setPassword(clone)
  await secrets.handleRotationEvent(rotation.fake.rotate('redis', { ...clone }))
  await eventually(async () => expect(await whoAmI()).toBe(clone.username))
  expect(await redis.client('ID')).toBe(id)

  await rotation.rotate('redis')
  await database.kill(clone.username)
  expect(await whoAmI()).toBe(clone.username)
})
