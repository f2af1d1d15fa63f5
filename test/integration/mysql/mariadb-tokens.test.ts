import mysqlCallbacks from 'mysql2'
import mysql from 'mysql2/promise'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { LoginSource } from '../../../src/iam/index.js'
import { attachPool, createPool, type FollowingPool, type PoolEvent } from '../../../src/mysql2/index.js'
import { eventually } from '../../support/pool-scene.js'
import { containsToken, type IssuerOptions, issueTokens, minuteMs, type TokenIssuer } from '../../support/token-issuer.js'
import { ask, openAtOnce, useTokenDatabase } from './token-database.js'

const tokens = useTokenDatabase()

interface Opened {
  readonly pool: mysql.Pool
  readonly events: PoolEvent[]
  readonly issuer: TokenIssuer
  readonly username: string
}

/** A user with tokens, and a pool that follows them until the test ends. */
async function open({ create = withPromises, ...options }: Partial<IssuerOptions> & { create?: Create } = {}): Promise<Opened> {
  const username = tokens.newName()
  await tokens.makeUser(username)
  const issuer = issueTokens({ accept: tokens.accept, userOf: () => username, requiresTls: true, ...options })
  const { pool, followed } = create(issuer.source)
  const events: PoolEvent[] = []
  for (const type of ['credentials', 'retired', 'window', 'refused'] as const) followed.on(type, event => void events.push(event))
  onTestFinished(() => pool.end())
  return { pool, events, issuer, username }
}

type Create = (credentials: LoginSource) => { pool: mysql.Pool; followed: FollowingPool }

const limits = { connectionLimit: 10 }
const withPromises: Create = credentials => {
  const pool = createPool(mysql, { ...tokens.address(), ...limits, credentials })
  return { pool, followed: pool }
}
const withCallbacks: Create = credentials => {
  const followed = createPool(mysqlCallbacks, { ...tokens.address(), ...limits, credentials } as never)
  return { pool: followed.promise(), followed }
}
const attached: Create = credentials => {
  const pool = attachPool(mysql.createPool({ ...tokens.address(), ...limits }), { credentials })
  return { pool, followed: pool }
}
const attachedWithCallbacks: Create = credentials => {
  const followed = attachPool(mysqlCallbacks.createPool({ ...tokens.address(), ...limits } as never), { credentials })
  return { pool: followed.promise(), followed }
}

it.each([
  ['mysql2/promise', withPromises],
  ['mysql2', withCallbacks],
  ['an attached pool of mysql2/promise', attached],
  ['an attached pool of mysql2', attachedWithCallbacks],
])('%s logs in with a token over TLS', async (_, create) => {
  const { pool, events, issuer, username } = await open({ create })
  expect(await ask(pool)).toEqual({ user: username, id: expect.any(Number), cipher: expect.stringMatching(/./) })
  expect(issuer.issued).toHaveLength(1)
  expect(events).toMatchObject([{ type: 'credentials', versionId: 'token-1', user: username, pending: false }])
})

describe('a new token', () => {
  it('closes no connection, and opens the ones to come', async () => {
    const { pool, events, issuer, username } = await open()
    const ids = await openAtOnce(pool, 3)
    await issuer.clock.advance(11 * minuteMs)
    await eventually(() => expect(events.map(({ versionId }) => versionId)).toEqual(['token-1', 'token-2']))
    for (const { password } of issuer.issued.slice(0, 1)) tokens.reject(username, password)
    const later = await openAtOnce(pool, 6)
    expect(later.slice(0, 3)).toEqual(ids)
    await issuer.clock.advance(minuteMs)
    expect(await tokens.sessions(username)).toEqual(later)
    expect(events.map(({ type }) => type)).toEqual(['credentials', 'credentials'])
    expect([issuer.rejected, containsToken(issuer, events)]).toEqual([[], false])
  })

  it('is issued for the first new connection after a freeze of hours, and idle connections go on without one', async () => {
    const { pool, events, issuer, username } = await open()
    const ids = await openAtOnce(pool, 2)
    for (const { password } of issuer.issued) tokens.reject(username, password)
    issuer.clock.set(issuer.clock.now() + 720 * minuteMs)
    expect(ids).toContain((await ask(pool)).id)
    const later = await openAtOnce(pool, 4)
    expect(later.slice(0, 2)).toEqual(ids)
    expect([issuer.issued.length, issuer.rejected]).toEqual([2, []])
    expect(events.map(({ type }) => type)).toEqual(['credentials', 'credentials'])
  })
})

describe('a token that the server rejects', () => {
  it('is replaced once for all queries, before anything has worked', async () => {
    const onlyLater = (username: string, token: string): void => {
      if (issuer.issued.length > 0) tokens.accept(username, token)
    }
    const { pool, events, issuer, username }: Opened = await open({ accept: onlyLater })
    const users = await Promise.all(Array.from({ length: 20 }, async () => (await ask(pool)).user))
    expect(new Set(users)).toEqual(new Set([username]))
    expect([issuer.issued.length, issuer.rejected]).toEqual([2, ['token-1']])
    expect(events.filter(({ type }) => type === 'credentials')).toMatchObject([{ versionId: 'token-2' }])
  })

  it('is replaced once for all queries, after it has worked', async () => {
    const { pool, events, issuer, username } = await open()
    const [id] = await openAtOnce(pool, 1)
    tokens.reject(username, String(issuer.issued[0]?.password))
    const later = await openAtOnce(pool, 8)
    expect([later[0], later.length]).toEqual([id, 8])
    expect([issuer.issued.length, issuer.rejected]).toEqual([2, ['token-1']])
    expect(events.filter(({ type }) => type === 'credentials')).toMatchObject([
      { versionId: 'token-1' },
      { versionId: 'token-2' },
    ])
    expect(events.filter(({ type }) => type === 'retired')).toEqual([])
    expect(containsToken(issuer, events)).toBe(false)
  })

  it('is an error of the driver if the next one is rejected, too', async () => {
    const { pool, issuer } = await open({ accept: () => {} })
    const failure = await pool.query('select 1').catch(error => error)
    expect(failure).toMatchObject({ errno: 1045 })
    expect([issuer.issued.length, JSON.stringify(failure).includes(String(issuer.issued[0]?.password))]).toEqual([2, false])
  })
})
