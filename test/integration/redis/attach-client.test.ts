import { inspect } from 'node:util'
import type { Redis } from 'ioredis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../../support/pool-scene.js'
import { type RedisFields, useTestDatabase } from './database.js'
import { type FollowedClient, type FollowingOptions, followedClient, whoAmI } from './followed-client.js'

const database = useTestDatabase()

const follow = (options: FollowingOptions = {}): Promise<FollowedClient> => followedClient(database, options)

describe('a client', () => {
  it.each([false, true])('waits for the secret with its first connection (lazyConnect: %s)', async lazyConnect => {
    const { redis, user, events, errors } = await follow({ redisOptions: { lazyConnect } })
    expect(await whoAmI(redis)).toBe(user.username)
    expect(events).toMatchObject([{ type: 'credentials', user: user.username, pending: false }])
    expect(errors).toEqual([])
  })

  it('authenticates anew when the secret moves, without being closed', async () => {
    const { redis, put, another, errors } = await follow()
    const id = await redis.client('ID')
    const clone = await another()
    await put(clone)
    await eventually(async () => expect(await whoAmI(redis)).toBe(clone.username))
    expect([await redis.client('ID'), errors]).toEqual([id, []])
  })

  it('fails no command in rotations under load', async () => {
    const { redis, rotation, cache, errors, user } = await follow()
    const unlisten = rotation.fake.onEvent(event => void cache.handleRotationEvent(event))
    onTestFinished(unlisten)
    let over = false
    const failures: unknown[] = []
    const work = async (key: string): Promise<void> => {
      while (!over) await redis.incr(key).catch(error => failures.push(error))
    }
    const working = Promise.all(['a', 'b', 'c'].map(work))
    for (let turn = 1; turn <= 3; turn += 1) {
      await rotation.rotate('redis')
      await database.kill(user.username)
      await redis.ping()
    }
    over = true
    await working
    expect([failures, errors]).toEqual([[], []])
  })

  it('finds the newer version of a rotation that nobody announced, before it logs in', async () => {
    const { redis, rotation, user, errors } = await follow()
    await redis.ping()
    await rotation.rotate('redis')
    await database.kill(user.username)
    expect([await whoAmI(redis), errors]).toEqual([user.username, []])
  })

  it('logs in with AWSPENDING while Redis has the new password and Secrets Manager still the old one', async () => {
    const { redis, fake, user, events, errors } = await follow()
    await redis.ping()
    const pending = { ...user, password: 'pending' }
    fake.put('redis', { ...pending }, { versionStages: ['AWSPENDING'] } as never)
    await database.setPassword(pending)
    await database.kill(user.username)
    expect(await whoAmI(redis)).toBe(user.username)
    expect(events.map(({ type }) => type)).toEqual(['credentials', 'window', 'window', 'credentials'])
    expect([events.at(-1), errors]).toMatchObject([{ pending: true }, []])
  })
})

describe('a version that Redis refuses', () => {
  it('is told once, and never reaches a connection before Redis takes it', async () => {
    const { redis, user, put, events, errors } = await follow()
    await redis.ping()
    const clone = { username: `${user.username}_clone`, password: 'too early' }
    await put(clone)
    await eventually(() => expect(events.at(-1)).toMatchObject({ type: 'refused', kind: 'refused', code: 'WRONGPASS' }))
    expect(await whoAmI(redis)).toBe(user.username)
    await database.kill(user.username)
    expect(await whoAmI(redis)).toBe(user.username)
    expect([errors, JSON.stringify(events).includes('too early')]).toEqual([[], false])
  })

  it('at the start is an error of the client, without the password, and commands fail after their retries', async () => {
    const { redis, events, errors, fake } = await follow({ redisOptions: { lazyConnect: true, maxRetriesPerRequest: 2 } })
    fake.put('redis', { username: 'nobody', password: 'hunter2' })
    const failure = await redis.ping().catch(error => error)
    expect(failure).toMatchObject({ name: 'MaxRetriesPerRequestError' })
    expect(errors[0]).toMatchObject({ code: 'WRONGPASS' })
    expect(events).toMatchObject([{ type: 'refused', kind: 'refused' }])
    const told = [...errors, failure].map(error => JSON.stringify({ ...(error as object), text: String(error) }))
    expect(told.join() + JSON.stringify(events)).not.toContain('hunter2')
  })
})

describe('a login that is refused though it was proven', () => {
  /** As if the password changed between the proof and the login of the connection, so many times. */
  function changeAfterProof(redis: Redis, user: RedisFields, times: number): void {
    const { connector } = redis as unknown as { connector: { connect(...tellers: unknown[]): Promise<unknown> } }
    const connect = connector.connect
    let left = times
    connector.connect = async (...tellers) => {
      await database.setPassword(user)
      const stream = await connect(...tellers)
      left -= 1
      if (left >= 0) await database.setPassword({ ...user, password: 'changed' })
      return stream
    }
  }

  it('is made again', async () => {
    const { redis, user, errors } = await follow()
    await redis.ping()
    changeAfterProof(redis, user, 1)
    await database.kill(user.username)
    expect([await whoAmI(redis), errors]).toEqual([user.username, []])
  })

  it('four times fails what waits, as ioredis has it, but tells nobody the password', async () => {
    const { redis, user, errors } = await follow()
    await redis.ping()
    changeAfterProof(redis, user, 4)
    await database.kill(user.username)
    const failure = await redis.ping().catch(error => error)
    expect([failure.message, errors]).toEqual([expect.stringMatching(/^WRONGPASS/), [failure]])
    expect(inspect(failure, { depth: 9 })).not.toContain(user.password)
    expect(await whoAmI(redis)).toBe(user.username)
  })
})

it('a secret that cannot be read is an error of the client, which tries again', async () => {
  const { redis, fake, errors, user } = await follow({ redisOptions: { lazyConnect: true } })
  fake.inject({ error: 'AccessDeniedException', times: 1 })
  const answer = whoAmI(redis)
  await eventually(() => expect(errors[0]).toMatchObject({ code: 'ERR_SECRET_ACCESS_DENIED' }))
  fake.recover()
  expect(await answer).toBe(user.username)
})

describe('a duplicate', () => {
  it('follows too, and so does its own', async () => {
    const { redis, put, another, user } = await follow()
    const duplicates = [redis.duplicate(), redis.duplicate({ lazyConnect: true }).duplicate()]
    onTestFinished(() => {
      for (const duplicate of duplicates) duplicate.disconnect()
    })
    expect(await Promise.all(duplicates.map(whoAmI))).toEqual([user.username, user.username])
    const clone = await another()
    await put(clone)
    await eventually(async () => expect(await Promise.all(duplicates.map(whoAmI))).toEqual([clone.username, clone.username]))
  })

  it('that is to be another user is left alone', async () => {
    const { redis } = await follow()
    const admin = redis.duplicate({ username: 'default', password: database.server.password })
    onTestFinished(() => admin.disconnect())
    expect(await whoAmI(admin)).toBe('default')
  })
})

it('a subscriber of RESP 2 stays the user that it was, until it connects again', async () => {
  const { redis, put, another, user } = await follow()
  const subscriber = redis.duplicate({ protocol: 2 } as object)
  onTestFinished(() => subscriber.disconnect())
  const heard: string[] = []
  subscriber.on('message', (_, message) => heard.push(message))
  await subscriber.subscribe('news')
  const clone = await another()
  await put(clone)
  await eventually(async () => expect(await whoAmI(redis)).toBe(clone.username))
  const users = async (): Promise<string> => String(await redis.client('LIST', 'TYPE', 'PUBSUB'))
  expect(await users()).toContain(` user=${user.username} `)
  await database.admin.publish('news', 'one')
  await eventually(() => expect(heard).toEqual(['one']))
  await database.kill(user.username)
  await eventually(async () => expect(await users()).toContain(` user=${clone.username} `))
  await database.admin.publish('news', 'two')
  await eventually(() => expect(heard).toEqual(['one', 'two']))
})

it('a client that has ended follows no longer, and follows again when it is connected again', async () => {
  const { redis, put, another, events } = await follow()
  await redis.ping()
  await redis.quit()
  await eventually(() => expect(redis.status).toBe('end'))
  const clone = await another()
  await put(clone)
  expect(events).toHaveLength(1)
  await redis.connect()
  expect(await whoAmI(redis)).toBe(clone.username)
})

it('a client that is disconnected while it waits for the secret ends at once', async () => {
  const { redis, fake } = await follow({ redisOptions: { lazyConnect: true } })
  fake.inject({ delayMs: 500 })
  const failure = redis.ping().catch(error => error)
  await eventually(() => expect(redis.status).toBe('connecting'))
  redis.disconnect()
  expect(await failure).toMatchObject({ message: 'Connection is closed.' })
})
