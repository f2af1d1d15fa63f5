import { Redis } from 'ioredis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { credentialsFrom } from '../../src/iam/index.js'
import { attachClient, type IoredisEvent } from '../../src/ioredis/index.js'
import { FakeLoginIssuer, ManualClock } from '../../src/testing/index.js'
import { ScriptedRedis } from './scripted-redis.js'

const minuteMs = 60_000

function attached({ requiresTls = false, tls = false } = {}) {
  const clock = new ManualClock()
  const issuer = new FakeLoginIssuer({ clock })
  const server = new ScriptedRedis()
  const credentials = credentialsFrom({
    clock,
    requiresTls,
    async get(options) {
      const login = await issuer.issue(options)
      server.users.set(login.username, [login.password])
      return login
    },
  })
  const bare = new Redis({
    Connector: server.Connector as never,
    lazyConnect: true,
    retryStrategy: () => 1,
    ...(tls && { tls: {} }),
  })
  const errors: Error[] = []
  bare.on('error', error => errors.push(error))
  const redis = attachClient(bare, { credentials })
  const events: IoredisEvent[] = []
  for (const type of ['credentials', 'window', 'refused'] as const) redis.on(type, event => void events.push(event))
  onTestFinished(() => redis.disconnect())
  return { clock, issuer, server, redis, errors, events }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setTimeout(resolve, 1))
}

describe('a client whose logins end', () => {
  it('asks for none before it connects', async () => {
    const { issuer, redis } = attached()
    expect(issuer.asked).toBe(0)
    expect(await redis.get('key')).toBe('app')
    expect(issuer.asked).toBe(1)
  })

  it('authenticates its open connection with each new login, and is not closed', async () => {
    const { clock, server, redis, errors, events, issuer } = attached()
    await redis.get('key')
    let closed = 0
    redis.on('close', () => {
      closed += 1
    })
    const before = server.logins.length
    await clock.advance(12 * minuteMs)
    await until(() => server.logins.length > before)
    expect(await redis.get('key')).toBe('app')
    expect([server.logins.length - before, issuer.issued, closed, errors]).toEqual([1, 2, 0, []])
    expect(events.map(({ type }) => type)).toEqual(['credentials', 'credentials'])
  })

  it('connects again after hours with a login of then', async () => {
    const { clock, server, redis } = attached()
    await redis.get('key')
    await clock.advance(12 * 60 * minuteMs)
    server.hangUp()
    expect(await redis.get('key')).toBe('app')
    expect(server.refusals).toBe(0)
  })

  it('that must be sent over TLS are not sent without it', async () => {
    const { issuer, redis, errors } = attached({ requiresTls: true })
    redis.connect().catch(() => {})
    await until(() => errors.length > 0)
    expect([errors[0], issuer.asked]).toMatchObject([{ code: 'ERR_SECRET_CONFIG' }, 0])
  })

  it('that must be sent over TLS are not sent where the connection has none in spite of the option', async () => {
    const { redis, server, errors } = attached({ requiresTls: true, tls: true })
    redis.connect().catch(() => {})
    await until(() => errors.length > 3)
    expect(server.logins).toEqual([])
  })
})
