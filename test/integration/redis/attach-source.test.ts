import { Redis } from 'ioredis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { attachClient, type FollowingClient, type IoredisEvent } from '../../../src/ioredis/index.js'
import { eventually } from '../../support/pool-scene.js'
import { containsToken, minuteMs } from '../../support/token-issuer.js'
import { useTestDatabase } from './database.js'
import { countAuth, issueRedisTokens, type RedisTokens } from './tokens.js'
import { failuresUnderLoad } from './under-load.js'

const database = useTestDatabase()

/** Options of the client. */
interface Options {
  host?: string
  port?: number
  tls?: object
  lazyConnect?: boolean
  maxRetriesPerRequest?: number
}

interface Followed {
  readonly tokens: RedisTokens
  readonly redis: FollowingClient & Redis
  readonly events: IoredisEvent[]
  /** The errors of the client, but for those of connections that the server has ended. */
  readonly errors: unknown[]
}

/** A client that follows tokens until the test ends. */
async function follow(options: Parameters<typeof issueRedisTokens>[1] & { redisOptions?: Options } = {}): Promise<Followed> {
  const { redisOptions, ...issuing } = options
  const tokens = await issueRedisTokens(database, issuing)
  const { host, port } = database.server
  const bare = new Redis({ host, port, retryStrategy: () => 20, ...redisOptions })
  const errors: unknown[] = []
  bare.on('error', error => ['read', 'write'].includes((error as NodeJS.ErrnoException).syscall ?? '') || errors.push(error))
  const redis = attachClient(bare, { credentials: tokens.source })
  const events: IoredisEvent[] = []
  for (const type of ['credentials', 'window', 'refused'] as const) redis.on(type, event => void events.push(event))
  onTestFinished(() => redis.disconnect())
  return { tokens, redis, events, errors }
}

const whoAmI = (redis: Redis): Promise<unknown> => redis.call('ACL', 'WHOAMI')

/** Renews, and waits until so many connections have sent AUTH. */
async function renewFor(connections: number, tokens: RedisTokens): Promise<void> {
  const { calls, failed } = await countAuth(database)
  await tokens.renew()
  await eventually(async () => expect(await countAuth(database)).toEqual({ calls: calls + connections, failed }))
}

describe('a new token', () => {
  it('re-authenticates open connections, those of duplicates too, and closes none', async () => {
    const { tokens, redis, events, errors } = await follow()
    const duplicate = redis.duplicate()
    const clients = [redis, duplicate, duplicate.duplicate()]
    onTestFinished(() => {
      for (const client of clients) client.disconnect()
    })
    const ids = (): Promise<unknown[]> => Promise.all(clients.map(client => client.client('ID')))
    const before = await ids()
    for (let turn = 1; turn <= 3; turn += 1) await renewFor(3, tokens)
    expect(await ids()).toEqual(before)
    expect(events).toMatchObject(
      [1, 2, 3, 4].map(number => ({ type: 'credentials', versionId: `token-${number}`, user: tokens.username })),
    )
    expect([errors, containsToken(tokens, events)]).toEqual([[], false])
  })

  it('waits for the end of a transaction', async () => {
    const { tokens, redis, errors } = await follow()
    await redis.ping()
    const { calls, failed } = await countAuth(database)
    await redis.multi({ pipeline: false })
    await redis.set('in transaction', '1')
    await tokens.renew()
    await redis.set('in transaction', '2')
    expect(await redis.exec()).toEqual([
      [null, 'OK'],
      [null, 'OK'],
    ])
    await eventually(async () => expect(await countAuth(database)).toEqual({ calls: calls + 1, failed }))
    expect(errors).toEqual([])
  })

  it('leaves a subscriber of RESP 2 as it is, which logs in with it when it connects again', async () => {
    const { tokens, redis, errors } = await follow()
    const subscriber = redis.duplicate({ protocol: 2 } as object)
    onTestFinished(() => subscriber.disconnect())
    const heard: string[] = []
    subscriber.on('message', (_, message) => heard.push(message))
    await subscriber.subscribe('news')
    await redis.ping()
    await renewFor(1, tokens)
    await database.admin.publish('news', 'one')
    await eventually(() => expect(heard).toEqual(['one']))
    await database.kill(tokens.username)
    const listed = async (): Promise<string> => String(await database.admin.sendCommand(['CLIENT', 'LIST', 'TYPE', 'PUBSUB']))
    await eventually(async () => expect(await listed()).toContain(` user=${tokens.username} `))
    await database.admin.publish('news', 'two')
    await eventually(() => expect(heard).toEqual(['one', 'two']))
    expect(errors).toEqual([])
  })

  it('fails no command, ten times under load', async () => {
    const { tokens, redis, events, errors } = await follow()
    const id = await redis.client('ID')
    const failures = await failuresUnderLoad(
      ['a', 'b', 'c'],
      key => redis.multi().incr(key).incr(key).exec(),
      async () => {
        for (let turn = 1; turn <= 10; turn += 1) await tokens.renew()
      },
    )
    expect([failures, errors, await redis.client('ID')]).toEqual([[], [], id])
    expect(events.map(({ type }) => type)).toEqual(Array(11).fill('credentials'))
    expect(Number(await redis.get('a')) % 2).toBe(0)
  })
})

describe('a token that Redis rejects', () => {
  it('is replaced before anything has worked', async () => {
    const { tokens, redis, events, errors } = await follow({ isAccepted: number => number > 1 })
    expect(await whoAmI(redis)).toBe(tokens.username)
    expect([tokens.issued.length, tokens.rejected]).toEqual([2, ['token-1']])
    expect([events.filter(({ type }) => type === 'credentials'), errors]).toMatchObject([[{ versionId: 'token-2' }], []])
  })

  it('is replaced when a connection is lost, after it has worked', async () => {
    const { tokens, redis, events, errors } = await follow()
    await redis.ping()
    await tokens.reject(String(tokens.issued[0]?.password))
    await database.kill(tokens.username)
    expect(await whoAmI(redis)).toBe(tokens.username)
    expect([tokens.issued.length, tokens.rejected, errors]).toEqual([2, ['token-1'], []])
    expect(events.filter(({ type }) => type === 'refused')).toEqual([])
  })

  it('leaves an open connection as it is, is reported once, and replaced until Redis accepts one', async () => {
    let accepts = false
    const { tokens, redis, events, errors } = await follow({ isAccepted: number => number === 1 || accepts })
    const refused = (): unknown[] =>
      events.filter(({ type }) => type === 'refused').map(event => 'code' in event && [event.code, event.versionId])
    const id = await redis.client('ID')
    while (tokens.issued.length === 1) await tokens.clock.advance(1_000)
    const each = ['token-2', 'token-3'].map(token => ['WRONGPASS', token])
    await eventually(() => expect(refused()).toEqual(each))
    expect([await redis.client('ID'), await whoAmI(redis)]).toEqual([id, tokens.username])
    accepts = true
    const { calls, failed } = await countAuth(database)
    // The source issues another one once its pause is over.
    await tokens.clock.advance(5_000)
    await eventually(async () => expect(await countAuth(database)).toEqual({ calls: calls + 1, failed }))
    await tokens.clock.advance(2 * minuteMs)
    expect([refused(), await countAuth(database), await redis.client('ID')]).toEqual([each, { calls: calls + 1, failed }, id])
    expect([errors, containsToken(tokens, events)]).toEqual([[], false])
  })
})

it('a connection that is lost after its token has ended logs in with a new one', async () => {
  const { tokens, redis, errors } = await follow()
  await redis.ping()
  await tokens.freeze()
  await database.kill(tokens.username)
  expect(await whoAmI(redis)).toBe(tokens.username)
  expect([tokens.issued.length, tokens.rejected, errors]).toEqual([2, [], []])
})

describe('a user that changes', () => {
  /** Users of their own, of which Redis knows the first, and the others if it accepts them. */
  const changing = (accepts: (username: string) => boolean, name: string): Parameters<typeof follow>[0] => ({
    userOf: number => `${name}_${number}`,
    accept: (username, password) => (accepts(username) ? database.setPassword({ username, password }) : undefined),
    lifeMs: 60 * minuteMs,
    endsUser: true,
  })

  it('is proven first, and then open connections go over to it, before the one before ends', async () => {
    const { tokens, redis, events, errors } = await follow(changing(() => true, 'leased'))
    const id = await redis.client('ID')
    for (let turn = 2; turn <= 4; turn += 1) {
      await tokens.renew()
      await eventually(async () => expect(await whoAmI(redis)).toBe(`leased_${turn}`))
    }
    expect([await redis.client('ID'), errors]).toEqual([id, []])
    expect(events).toMatchObject([1, 2, 3, 4].map(turn => ({ type: 'credentials', user: `leased_${turn}` })))
  })

  it('is not gone over to while Redis does not know it', async () => {
    const { tokens, redis, events, errors } = await follow(changing(username => username === 'late_1', 'late'))
    await redis.ping()
    await tokens.renew()
    await eventually(() => expect(events.at(-1)).toMatchObject({ type: 'refused', code: 'WRONGPASS', versionId: 'token-2' }))
    await database.kill('late_1')
    expect([await whoAmI(redis), errors]).toEqual(['late_1', []])
    await database.setPassword({ username: 'late_2', password: String(tokens.issued[1]?.password) })
    await tokens.clock.advance(10_000)
    await eventually(async () => expect(await whoAmI(redis)).toBe('late_2'))
    expect([tokens.issued.length, tokens.rejected, containsToken(tokens, events)]).toEqual([2, [], false])
  })
})

it('a client that has ended leaves no timer', async () => {
  const { tokens, redis } = await follow()
  await redis.ping()
  await redis.quit()
  await eventually(() => expect(tokens.clock.pending).toBe(0))
})

describe('a source that requires TLS', () => {
  it('logs in over TLS', async () => {
    const { host, port, ca } = database.server.overTls
    const { tokens, redis, errors } = await follow({ requiresTls: true, redisOptions: { host, port, tls: { ca } } })
    expect([await whoAmI(redis), errors]).toEqual([tokens.username, []])
  })

  it.each([false, true])('sends nothing without TLS (lazyConnect: %s)', async lazyConnect => {
    const { calls } = await countAuth(database)
    const { redis, errors } = await follow({ requiresTls: true, redisOptions: { lazyConnect, maxRetriesPerRequest: 1 } })
    const failure = await redis.ping().catch(error => error)
    expect(failure).toMatchObject({ name: 'MaxRetriesPerRequestError' })
    expect(errors[0]).toMatchObject({ code: 'ERR_SECRET_CONFIG' })
    expect(await countAuth(database)).toMatchObject({ calls })
  })
})
