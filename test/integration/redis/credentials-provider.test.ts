import { createClient, createClientPool } from 'redis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { SecretCache, type SecretCacheOptions } from '../../../src/index.js'
import { createCredentialsProvider, type RedisEvent } from '../../../src/redis/index.js'
import { ManualClock } from '../../../src/testing/index.js'
import { eventually } from '../../support/pool-scene.js'
import { rejectionOf } from '../../support/rejection.js'
import { type Rotating, rotating } from '../../support/rotating.js'
import { type RedisFields, useTestDatabase } from './database.js'
import { failuresUnderLoad } from './under-load.js'

const database = useTestDatabase()

/** A secret of a user, and a provider that follows it. */
async function follow(options: SecretCacheOptions = {}) {
  const user = await database.makeUser()
  const rotation: Rotating = rotating({ redis: { ...user } }, { engine: database.engine() })
  const { fake } = rotation
  const cache = new SecretCache({ client: fake.client(), ttlJitter: 0, ...options })
  const credentialsProvider = createCredentialsProvider({ cache, secretId: 'redis' })
  const events: RedisEvent[] = []
  for (const type of ['credentials', 'refused'] as const) credentialsProvider.on(type, event => events.push(event))
  const client = createClient({ socket: { ...database.server, reconnectStrategy: 20 }, credentialsProvider })
  client.on('error', () => {})
  onTestFinished(async () => {
    if (client.isOpen) client.destroy()
    await cache.close()
  })
  const whoAmI = (): Promise<unknown> => client.sendCommand(['ACL', 'WHOAMI'])
  /** Moves AWSCURRENT past Redis; the cache hears of it. */
  const put = (fields: RedisFields): Promise<unknown> => cache.handleRotationEvent(fake.rotate('redis', { ...fields }))
  /** Rotates; the cache hears of it. */
  const rotate = async (): Promise<RedisFields> => {
    const moved: unknown[] = []
    const unlisten = fake.onEvent(event => moved.push(event))
    await rotation.rotate('redis')
    unlisten()
    for (const event of moved) await cache.handleRotationEvent(event)
    return rotation.read<RedisFields>('redis')
  }
  /** Has the server end the connection, and waits for the next one. */
  const loseConnection = async (): Promise<void> => {
    const connected = new Promise(resolve => client.once('ready', resolve))
    await database.kill(user.username)
    await connected
  }
  return { user, fake, cache, rotation, credentialsProvider, client, events, whoAmI, put, rotate, loseConnection }
}

it('no command fails in rotations under load, and the connection stays', async () => {
  const { client, rotate, events } = await follow()
  await client.connect()
  const id = await client.clientId()
  const failures = await failuresUnderLoad(
    ['a', 'b', 'c', 'd'],
    key => client.multi().incr(key).incr(key).exec(),
    async () => {
      for (let turn = 1; turn <= 3; turn += 1) await rotate()
    },
  )
  expect([failures, await client.clientId()]).toEqual([[], id])
  expect(events.map(({ type }) => type)).toEqual(Array(4).fill('credentials'))
  expect(Number(await client.get('a')) % 2).toBe(0)
})

it('an open connection goes over to another user', async () => {
  const { client, user, put, whoAmI, events } = await follow()
  await client.connect()
  expect(await whoAmI()).toBe(user.username)
  const clone = { username: `${user.username}_clone`, password: 'another' }
  await database.setPassword(clone)
  const id = await client.clientId()
  await put(clone)
  await eventually(async () => expect(await whoAmI()).toBe(clone.username))
  expect(await client.clientId()).toBe(id)
  expect(events.at(-1)).toMatchObject({ type: 'credentials', secretId: 'redis', user: clone.username, pending: false })
})

it('a version that Redis refuses leaves the open connection as it is, is told, and tried again until Redis takes it', async () => {
  const { client, user, put, whoAmI, events } = await follow()
  await client.connect()
  const clone = { username: `${user.username}_clone`, password: 'too early' }
  await put(clone)
  await eventually(() => expect(events.at(-1)).toMatchObject({ type: 'refused', code: 'WRONGPASS' }))
  expect(await whoAmI()).toBe(user.username)
  await database.setPassword(clone)
  await eventually(async () => expect(await whoAmI()).toBe(clone.username))
  expect(events.filter(({ type }) => type === 'refused')).toHaveLength(1)
  expect(JSON.stringify(events)).not.toContain('too early')
})

it('what waits behind a command that blocks is no refusal, whether the secret moves on or the connection is lost', async () => {
  const { client, user, put, whoAmI, events, loseConnection } = await follow()
  await client.connect()
  const clone = { username: `${user.username}_clone`, password: 'another' }
  await database.setPassword(clone)
  const popped = client.blPop('queue', 0)
  await put({ ...clone, password: 'of no use' })
  await put(clone)
  await database.admin.lPush('queue', 'done')
  await popped
  expect(await whoAmI()).toBe(clone.username)

  const lost = client.blPop('queue', 0).catch(error => error)
  await put({ ...user })
  await database.kill(clone.username)
  await new Promise(resolve => client.once('ready', resolve))
  await database.admin.lPush('queue', 'done')
  await lost
  expect(await whoAmI()).toBe(user.username)
  await loseConnection()
  expect(events.map(({ type }) => type)).toEqual(Array(4).fill('credentials'))
})

it('a new connection logs in with the version of now', async () => {
  const { client, user, rotate, whoAmI, loseConnection } = await follow()
  await client.connect()
  const { password } = await rotate()
  expect(password).not.toBe(user.password)
  await loseConnection()
  expect(await whoAmI()).toBe(user.username)
})

it('a login that is refused since nobody announced a rotation is tried again with the newer version', async () => {
  const clock = new ManualClock()
  const { client, user, rotation, whoAmI, loseConnection } = await follow({ clock })
  await client.connect()
  await rotation.rotate('redis')
  await clock.advance(6_000)
  await loseConnection()
  expect(await whoAmI()).toBe(user.username)
})

it('a secret that cannot be used fails the login with one clear error', async () => {
  const { fake, credentialsProvider } = await follow()
  fake.put('redis', { username: 'app' })
  const client = createClient({ socket: { ...database.server, reconnectStrategy: false }, credentialsProvider })
  client.on('error', () => {})
  expect(await rejectionOf(client.connect())).toMatchObject({ code: 'ERR_SECRET_SCHEMA', secretId: 'redis' })
})

it('one provider serves a pool', async () => {
  const { user, credentialsProvider, put } = await follow()
  const pool = createClientPool({ socket: database.server, credentialsProvider }, { minimum: 3, maximum: 3 })
  await pool.connect()
  onTestFinished(() => pool.destroy())
  const clone = { username: `${user.username}_clone`, password: 'another' }
  await database.setPassword(clone)
  await put(clone)
  const names = (): Promise<unknown[]> =>
    Promise.all([1, 2, 3].map(() => pool.execute(one => one.sendCommand(['ACL', 'WHOAMI']))))
  await eventually(async () => expect(await names()).toEqual(Array(3).fill(clone.username)))
})

/** The users of the connections that subscribe to channels. */
async function subscribers(): Promise<string[]> {
  const list = String(await database.admin.sendCommand(['CLIENT', 'LIST', 'TYPE', 'PUBSUB']))
  return [...list.matchAll(/ user=(\S+)/g)].map(([, user]) => String(user))
}

describe.each([2, 3] as const)('a connection that subscribes by RESP %s', RESP => {
  it('hears all messages when the secret moves, and is the new user now, or once the server has ended it', async () => {
    const { client, user, put, events } = await follow()
    // `maintNotifications` is of node-redis 6, and for RESP 3 only.
    const subscriber = client.duplicate({ RESP, maintNotifications: RESP === 3 ? 'auto' : 'disabled' })
    subscriber.on('error', () => {})
    onTestFinished(() => subscriber.destroy())
    await subscriber.connect()
    const heard: string[] = []
    await subscriber.subscribe('news', message => heard.push(message))
    await client.connect()
    const clone = { username: `${user.username}_clone`, password: 'another' }
    await database.setPassword(clone)
    await put(clone)
    await eventually(async () => expect(await client.sendCommand(['ACL', 'WHOAMI'])).toBe(clone.username))
    const now = RESP === 2 ? user.username : clone.username
    await eventually(async () => expect(await subscribers()).toEqual([now]))
    await database.admin.publish('news', 'one')
    await eventually(() => expect(heard).toEqual(['one']))

    await (RESP === 2 ? database.admin.sendCommand(['ACL', 'DELUSER', now]) : database.kill(now))
    await eventually(async () => expect(await subscribers()).toEqual([clone.username]))
    await database.admin.publish('news', 'two')
    await eventually(() => expect(heard).toEqual(['one', 'two']))
    expect(events.map(({ type }) => type)).toEqual(['credentials', 'credentials'])
  })
})
