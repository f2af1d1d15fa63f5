import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createClient } from 'redis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createCredentialsProvider, type RedisEvent } from '../../../src/redis/index.js'
import { eventually } from '../../support/pool-scene.js'
import { containsToken, minuteMs } from '../../support/token-issuer.js'
import { useTestDatabase } from './database.js'
import { countAuth, issueRedisTokens, type RedisTokens } from './tokens.js'
import { failuresUnderLoad } from './under-load.js'

const database = useTestDatabase()

type Issuing = Parameters<typeof issueRedisTokens>[1]

/** A provider that follows tokens, or their source itself, and the events of the provider. */
async function provide({ isDirect = false, ...issuing }: Issuing & { isDirect?: boolean } = {}) {
  const tokens = await issueRedisTokens(database, issuing)
  const provider = createCredentialsProvider({ credentials: tokens.source })
  const events: RedisEvent[] = []
  for (const type of ['credentials', 'refused'] as const) provider.on(type, event => events.push(event))
  return { tokens, events, credentialsProvider: isDirect ? tokens.source : provider }
}

type Provided = Awaited<ReturnType<typeof provide>>

function clientOf({ credentialsProvider }: Provided, { RESP = 3 as 2 | 3 } = {}) {
  const socket = { host: database.server.host, port: database.server.port, reconnectStrategy: 20 }
  const client = createClient({ socket, credentialsProvider, RESP, maintNotifications: RESP === 3 ? 'auto' : 'disabled' })
  client.on('error', () => {})
  onTestFinished(() => {
    if (client.isOpen) client.destroy()
  })
  return client
}

type Client = ReturnType<typeof clientOf>

async function connected(provided: Provided, options: Parameters<typeof clientOf>[1] = {}): Promise<Client> {
  const client = clientOf(provided, options)
  await client.connect()
  return client
}

const whoAmI = (client: Client): Promise<unknown> => client.sendCommand(['ACL', 'WHOAMI'])

/** Has the server end the connections of the user, and waits for the next one of a client. */
async function loseConnection(client: Client, tokens: RedisTokens): Promise<void> {
  const ready = new Promise(resolve => client.once('ready', resolve))
  await database.kill(tokens.username)
  await ready
}

/** Renews, and waits until so many connections have sent AUTH. */
async function renewFor(connections: number, tokens: RedisTokens): Promise<void> {
  const { calls, failed } = await countAuth(database)
  await tokens.renew()
  await eventually(async () => expect(await countAuth(database)).toEqual({ calls: calls + connections, failed }))
}

async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc')
  // What was used in this turn is kept until its end.
  await new Promise(resolve => setImmediate(resolve))
  runInNewContext('gc')()
}

describe.each([
  ['a provider of a source', false],
  ['a source itself', true],
])('%s as the credentialsProvider of node-redis', (_, isDirect) => {
  it('re-authenticates open connections with each new token, and closes none', async () => {
    const provided = await provide({ isDirect })
    const { tokens } = provided
    const clients = [await connected(provided), await connected(provided, { RESP: 2 })]
    const ids = (): Promise<number[]> => Promise.all(clients.map(client => client.clientId()))
    const before = await ids()
    for (let turn = 1; turn <= 3; turn += 1) await renewFor(2, tokens)
    expect(await ids()).toEqual(before)
  })

  it('fails no command in ten renewals under load', async () => {
    const provided = await provide({ isDirect })
    const { tokens } = provided
    const client = await connected(provided)
    const id = await client.clientId()
    const failures = await failuresUnderLoad(
      ['a', 'b', 'c'],
      key => client.multi().incr(key).incr(key).exec(),
      async () => {
        for (let turn = 1; turn <= 10; turn += 1) await tokens.renew()
      },
    )
    expect([failures, await client.clientId()]).toEqual([[], id])
    expect([tokens.issued.length, Number(await client.get('a')) % 2]).toEqual([11, 0])
  })

  it('logs in with a new token when a connection is lost after its token has ended', async () => {
    const provided = await provide({ isDirect })
    const { tokens } = provided
    const client = await connected(provided)
    await tokens.freeze()
    await loseConnection(client, tokens)
    expect([await whoAmI(client), tokens.issued.length]).toEqual([tokens.username, 2])
  })

  it('sends one AUTH for each token to a connection that follows lost ones, and none after the client is closed', async () => {
    const provided = await provide({ isDirect })
    const { tokens } = provided
    const client = await connected(provided)
    for (let turn = 1; turn <= 5; turn += 1) await loseConnection(client, tokens)
    await collectGarbage()
    await renewFor(1, tokens)
    for (let turn = 1; turn <= 5; turn += 1) await loseConnection(client, tokens)
    client.destroy()
    const { calls } = await countAuth(database)
    // Subscriptions of lost connections that nothing has collected yet end with the next token.
    if (tokens.clock.pending > 0) await tokens.renew()
    await eventually(() => expect(tokens.clock.pending).toBe(0))
    expect(await countAuth(database)).toMatchObject({ calls })
  })

  it('leaves a subscriber of RESP 2 as it is, and hears all messages', async () => {
    const provided = await provide({ isDirect })
    const { tokens } = provided
    const client = await connected(provided)
    const subscriber = await connected(provided, { RESP: 2 })
    const heard: string[] = []
    await subscriber.subscribe('news', message => heard.push(message))
    const { calls } = await countAuth(database)
    await tokens.renew()
    await eventually(async () => expect((await countAuth(database)).calls).toBe(calls + 1))
    await database.admin.publish('news', 'one')
    await eventually(() => expect(heard).toEqual(['one']))
    await loseConnection(client, tokens)
    const listed = async (): Promise<string> => String(await database.admin.sendCommand(['CLIENT', 'LIST', 'TYPE', 'PUBSUB']))
    await eventually(async () => expect(await listed()).toContain(` user=${tokens.username} `))
    await database.admin.publish('news', 'two')
    await eventually(() => expect(heard).toEqual(['one', 'two']))
  })
})

describe('a token that Redis rejects', () => {
  it('on an open connection leaves that as it is, is reported once, and tried again until Redis accepts it', async () => {
    const provided = await provide({ isAccepted: number => number === 1 })
    const { tokens, events } = provided
    const client = await connected(provided)
    const id = await client.clientId()
    await tokens.renew()
    await eventually(() => expect(events.at(-1)).toMatchObject({ type: 'refused', code: 'WRONGPASS', versionId: 'token-2' }))
    expect([await client.clientId(), await whoAmI(client)]).toEqual([id, tokens.username])
    await tokens.accept(String(tokens.issued[1]?.password))
    const { calls, failed } = await countAuth(database)
    await tokens.clock.advance(2 * minuteMs)
    await eventually(async () => expect(await countAuth(database)).toEqual({ calls: calls + 1, failed }))
    expect(events.map(({ type }) => type)).toEqual(['credentials', 'credentials', 'refused'])
    expect(containsToken(tokens, events)).toBe(false)
  })

  it('is replaced while a lost connection is repeated', async () => {
    const provided = await provide()
    const { tokens, events } = provided
    const client = await connected(provided)
    await tokens.reject(String(tokens.issued[0]?.password))
    await tokens.clock.advance(6_000)
    await loseConnection(client, tokens)
    expect(await whoAmI(client)).toBe(tokens.username)
    expect([tokens.issued.length, tokens.rejected]).toEqual([2, ['token-1']])
    expect(events.map(({ type }) => type)).toEqual(['credentials', 'credentials'])
  })
})
