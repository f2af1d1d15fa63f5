import { Redis } from 'ioredis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { attachClient, type IoredisEvent } from '../../src/ioredis/index.js'
import { FakeSecretsManager, ManualClock } from '../../src/testing/index.js'
import { settled } from '../support/deferred-source.js'
import { ScriptedRedis } from './scripted-redis.js'

function attached({ lazyConnect = true, connectTimeout = 10_000 } = {}) {
  const clock = new ManualClock()
  const fake = new FakeSecretsManager({ secrets: { redis: { username: 'app', password: 'one' } }, clock })
  const cache = new SecretCache({ client: fake.client(), clock, ttlMs: 86_400_000, ttlJitter: 0 })
  const server = new ScriptedRedis()
  server.users.set('app', ['one'])
  const bare = new Redis({ Connector: server.Connector as never, lazyConnect, connectTimeout, retryStrategy: () => 1 })
  const errors: Error[] = []
  bare.on('error', error => errors.push(error))
  const redis = attachClient(bare, { cache, secretId: 'redis' })
  const events: IoredisEvent[] = []
  for (const type of ['credentials', 'window', 'refused'] as const) redis.on(type, event => void events.push(event))
  onTestFinished(() => redis.disconnect())
  const rotate = async (fields: object): Promise<void> => {
    await cache.handleRotationEvent(fake.rotate('redis', { ...fields }))
    await settled()
  }
  return { clock, fake, cache, server, redis, events, errors, rotate }
}

/** Until it holds; the timers of ioredis are those of the machine. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setTimeout(resolve, 1))
}

it('reads nothing before the client connects', async () => {
  const { fake, redis, server } = attached()
  await settled()
  expect([fake.calls, server.logins]).toEqual([[], []])
  expect(await redis.get('key')).toBe('app')
  expect([fake.count(), server.logins]).toEqual([1, ['app one', 'app one']])
})

it('proves a login once for all who connect at the time', async () => {
  const { redis, server } = attached()
  const clients = [redis, redis.duplicate(), redis.duplicate(), redis.duplicate()]
  onTestFinished(() => {
    for (const client of clients) client.disconnect()
  })
  expect(await Promise.all(clients.map(client => client.get('key')))).toEqual(Array(4).fill('app'))
  expect(server.logins).toHaveLength(5)
})

it('has copies of its options log in with what works', async () => {
  const { redis, rotate, server } = attached()
  await redis.get('key')
  server.users.set('app', ['one', 'two'])
  await rotate({ username: 'app', password: 'two' })
  await until(() => redis.options.password === 'two')
  expect({ ...redis.options }).toMatchObject({ username: 'app', password: 'two' })
})

it('a secret without a username is that of the user default', async () => {
  const { redis, fake, server, events } = attached()
  fake.put('redis', { password: 'one' })
  server.users.set('default', ['one'])
  expect(await redis.get('key')).toBe('default')
  expect(events).toMatchObject([{ type: 'credentials', user: 'default' }])
})

describe('a version that Redis refuses', () => {
  it('costs two logins, however often the client connects, and then one after each pause', async () => {
    const { redis, server, clock, events, errors } = attached()
    server.users.set('app', [])
    redis.connect().catch(() => {})
    await until(() => errors.length > 20)
    expect([server.refusals, events.map(({ type }) => type)]).toEqual([2, ['refused']])
    await clock.advance(4_000)
    await until(() => errors.length > 40)
    expect(server.refusals).toBe(2)
    await clock.advance(3_000)
    await until(() => server.refusals === 3)
    await clock.advance(29_000)
    expect(server.refusals).toBe(3)
    await clock.advance(10_000)
    await until(() => server.refusals === 4)
    expect(JSON.stringify([events, errors.map(error => ({ ...error, text: error.message }))])).not.toContain('one')
  })

  it('is tried again as soon as the secret moves', async () => {
    const { redis, server, errors, rotate } = attached()
    server.users.set('app', ['two'])
    const answer = redis.get('key')
    await until(() => errors.length > 0)
    await rotate({ username: 'app', password: 'two' })
    expect(await answer).toBe('app')
  })
})

describe('a new connection in the middle of a rotation', () => {
  it('waits for the version that works', async () => {
    const { redis, server, events, errors, clock, rotate } = attached()
    await redis.get('key')
    server.users.set('app', ['two'])
    await clock.advance(60_000)
    server.hangUp()
    await until(() => events.at(-1)?.type === 'window')
    const answer = redis.get('key')
    await rotate({ username: 'app', password: 'two' })
    expect([await answer, errors]).toEqual(['app', []])
    expect(events.map(({ type }) => type)).toEqual(['credentials', 'window', 'window', 'credentials'])
  })

  it('waits no longer than connectTimeout, and then connects again', async () => {
    const { redis, server, events, errors, clock } = attached({ connectTimeout: 300 })
    await redis.get('key')
    server.users.set('app', ['two'])
    await clock.advance(60_000)
    server.hangUp()
    await until(() => events.at(-1)?.type === 'window')
    await clock.advance(300)
    await until(() => errors.length > 0)
    expect(errors[0]).toMatchObject({ code: 'WRONGPASS' })
  })
})

describe('beside a new version on which the server does not decide', () => {
  it.each([
    ['answers that it is loading', '-LOADING Redis is loading the dataset in memory\r\n'],
    ['answers nothing', undefined],
  ])('where it %s, the one that worked is used again when it works again', async (_, answer) => {
    const { redis, server, clock, events, rotate } = attached()
    await redis.get('key')
    server.users.set('app', [])
    server.undecided.set('two', answer)
    await clock.advance(60_000)
    server.hangUp()
    await until(() => events.at(-1)?.type === 'window')
    await rotate({ username: 'app', password: 'two' })
    await until(() => server.logins.at(-1) === 'app two undecided')
    server.users.set('app', ['one'])
    let value: unknown
    for (let second = 0; value === undefined && second < 60; second += 1) {
      await clock.advance(1_000)
      value = await Promise.race([redis.get('key').catch(() => undefined), new Promise(resolve => setTimeout(resolve, 20))])
    }
    expect(value).toBe('app')
  })
})

describe('an open connection that is refused what has worked elsewhere', () => {
  it('stays as it is; that is told once, and it tries again after growing pauses', async () => {
    const { redis, server, events, errors, clock, rotate } = attached()
    await redis.get('key')
    server.users.set('other', ['two'])
    server.refuseOpen = 'WRONGPASS not here'
    await rotate({ username: 'other', password: 'two' })
    await until(() => events.length === 3)
    await clock.advance(1_000)
    await settled()
    expect(events.at(-1)).toMatchObject({ type: 'refused', kind: 'refused', code: 'WRONGPASS' })
    expect(await redis.get('key')).toBe('app')
    server.refuseOpen = undefined
    await clock.advance(7_000)
    await until(() => server.logins.length === 4)
    expect([await redis.get('key'), events.length, errors]).toEqual(['other', 3, []])
  })

  it('since it has begun to subscribe meanwhile stays as it is, and nothing is told', async () => {
    const { redis, server, events, clock, rotate } = attached()
    await redis.get('key')
    server.users.set('other', ['two'])
    server.refuseOpen = "ERR Can't execute 'auth': only (P|S)SUBSCRIBE / PING / QUIT are allowed in this context"
    await rotate({ username: 'other', password: 'two' })
    await until(() => events.length === 2)
    expect(await redis.get('key')).toBe('app')
    await clock.advance(60_000)
    expect([await redis.get('key'), events.map(({ type }) => type)]).toEqual(['app', ['credentials', 'credentials']])
  })

  it.each(['discard', 'exec'] as const)('in a transaction waits for its end: %s', async end => {
    const { redis, server, rotate } = attached()
    await redis.multi({ pipeline: false })
    server.users.set('other', ['two'])
    await rotate({ username: 'other', password: 'two' })
    await until(() => server.logins.at(-1) === 'other two')
    expect([await redis.get('key'), server.logins.length]).toEqual(['app', 3])
    await redis[end]()
    expect([await redis.get('key'), server.logins.length]).toEqual(['other', 4])
  })
})

it('a client that is disconnected between two connections follows no longer', async () => {
  const { redis, server, errors, rotate } = attached()
  server.isAway = true
  await redis.connect().catch(() => {})
  await until(() => errors.length > 3 && redis.status === 'reconnecting')
  expect(errors[0]).toMatchObject({ code: 'ECONNREFUSED' })
  redis.disconnect()
  server.isAway = false
  await rotate({ username: 'app', password: 'two' })
  await new Promise(resolve => setTimeout(resolve, 5))
  expect(server.logins).toEqual([])
})

it('a client that monitors follows too', async () => {
  const { redis } = attached()
  const monitor = await redis.monitor()
  expect(monitor.status).toBe('monitoring')
  monitor.disconnect()
})

it('a client that follows already, or a duplicate of it, follows no other secret', () => {
  const { redis, cache } = attached()
  for (const client of [redis, redis.duplicate()])
    expect(() => attachClient(client, { cache, secretId: 'other' })).toThrow(
      new TypeError('This client already follows a secret.'),
    )
})

it.each([
  ['nothing', undefined, 'plain object'],
  ['no cache', { cache: {} }, 'cache'],
  ['no secretId', { secretId: undefined }, 'id'],
  ['an endless window', { rotationWindowMs: Number.POSITIVE_INFINITY }, 'rotationWindowMs'],
  ['an option that there is not', { retireSpreadMs: 1 }, 'retireSpreadMs'],
])('refuses %s', (_, wrong, named) => {
  const right = { cache: new SecretCache({ client: new FakeSecretsManager().client() }), secretId: 'redis' }
  const client = new Redis({ lazyConnect: true })
  const attach = () => attachClient(client, (wrong === undefined ? wrong : { ...right, ...wrong }) as never)
  expect(attach).toThrow(named)
})

it.each([undefined, {}, { duplicate() {}, connect() {} }])('refuses what is no client: %o', client => {
  expect(() => attachClient(client as never, {} as never)).toThrow('attachClient needs a Redis or a Cluster of ioredis 5 or 6.')
})
