import { expect, it } from 'vitest'
import { eventually } from '../../support/pool-scene.js'
import { useTestDatabase } from './database.js'
import { followedClient, whoAmI } from './followed-client.js'

const database = useTestDatabase()

it('a subscriber of RESP 3 authenticates anew', async () => {
  const { redis, put, another, user } = await followedClient(database)
  const heard: string[] = []
  redis.on('message', (_, message) => heard.push(message))
  await redis.subscribe('news')
  expect(await whoAmI(redis)).toBe(user.username)
  const clone = await another()
  await put(clone)
  await eventually(async () => expect(await whoAmI(redis)).toBe(clone.username))
  await database.admin.publish('news', 'hello')
  await eventually(() => expect(heard).toEqual(['hello']))
})
