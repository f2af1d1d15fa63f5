import mysql from 'mysql2/promise'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createPool, type PoolEvent } from '../../../src/mysql2/index.js'
import { eventually, keepQuerying } from '../../support/pool-scene.js'
import { containsToken, type IssuerOptions, issueTokens, minuteMs, renew, type TokenIssuer } from '../../support/token-issuer.js'
import { ask, openAtOnce, useTokenDatabase } from './token-database.js'

const tokens = useTokenDatabase()

interface Leased {
  readonly pool: mysql.Pool
  readonly events: PoolEvent[]
  readonly issuer: TokenIssuer
  /** The users, in their order. */
  readonly users: readonly string[]
}

/** An issuer whose users end with their passwords after an hour, as leases of Vault do, and a pool that follows them. */
async function lease({ accept = tokens.accept }: Partial<Pick<IssuerOptions, 'accept'>> = {}): Promise<Leased> {
  const users = Array.from({ length: 4 }, tokens.newName)
  for (const user of users) await tokens.makeUser(user)
  const userOf = (number: number): string => String(users[number - 1])
  const issuer = issueTokens({ accept, userOf, lifeMs: 60 * minuteMs, endsUser: true })
  const pool = createPool(mysql, { ...tokens.address(), connectionLimit: 10, credentials: issuer.source })
  const events: PoolEvent[] = []
  for (const type of ['credentials', 'retired', 'window', 'refused'] as const) pool.on(type, event => void events.push(event))
  onTestFinished(() => pool.end().catch(() => {}))
  return { pool, events, issuer, users }
}

const retired = (events: readonly PoolEvent[]): unknown[] =>
  events.filter(({ type }) => type === 'retired').map(event => 'user' in event && event.user)

describe('a user that changes', () => {
  it('replaces the connections of the one before while that still exists, without a failed query', async () => {
    const { pool, events, issuer, users } = await lease()
    const stop = keepQuerying({ whoAmI: async () => (await ask(pool)).user }, 6)
    await eventually(async () => expect(await tokens.sessions(String(users[0]))).toHaveLength(6))
    for (const [turn, before] of users.slice(0, 3).entries()) {
      await renew(issuer)
      await eventually(async () => expect((await ask(pool)).user).toBe(users[turn + 1]))
      await issuer.clock.advance(500)
      await eventually(async () => expect(await tokens.sessions(before)).toEqual([]))
      await tokens.dropUser(before)
    }
    expect(await stop()).toEqual([])
    const moves = events.filter(({ type }) => type === 'credentials')
    expect(moves).toMatchObject(users.map((user, number) => ({ user, versionId: `token-${number + 1}` })))
    expect([issuer.issued.length, issuer.rejected]).toEqual([4, []])
    expect(events.filter(({ type }) => type === 'refused' || type === 'window')).toEqual([])
  })

  it('is proven first: while the server does not know it, the one before stays in use', async () => {
    const { pool, events, issuer, users } = await lease({
      accept: (username, token) => username === users[0] && tokens.accept(username, token),
    })
    const [first, second] = users as [string, string]
    const ids = await openAtOnce(pool, 3)
    await renew(issuer)
    await eventually(() => expect(events.at(-1)).toMatchObject({ type: 'refused', kind: 'refused', versionId: 'token-2' }))
    expect(await openAtOnce(pool, 3)).toEqual(ids)
    expect([await tokens.sessions(first), await tokens.sessions(second)]).toEqual([ids, []])

    tokens.accept(second, String(issuer.issued[1]?.password))
    await issuer.clock.advance(7_000)
    await eventually(() => expect(events.at(-1)).toMatchObject({ type: 'credentials', user: second }))
    await issuer.clock.advance(500)
    await eventually(async () => expect(await tokens.sessions(first)).toEqual([]))
    expect([retired(events), issuer.issued.length]).toEqual([[first, first, first], 2])
    expect([(await ask(pool)).user, containsToken(issuer, events)]).toEqual([second, false])
  })
})

describe('a pool that is idle', () => {
  it('moves to the next user before the one before ends', async () => {
    const { pool, events, issuer, users } = await lease()
    const [first, second] = users as [string, string]
    await openAtOnce(pool, 3)
    await renew(issuer)
    await eventually(() => expect(events.at(-1)).toMatchObject({ type: 'credentials', user: second }))
    await issuer.clock.advance(500)
    await eventually(async () => expect(await tokens.sessions(first)).toEqual([]))
    expect(retired(events)).toEqual([first, first, first])
    await tokens.dropUser(first)
    expect((await ask(pool)).user).toBe(second)
  })

  it('closes its connections before their user ends if no other is issued, and goes on when one is', async () => {
    let isDown = false
    const accept = (username: string, token: string): void => {
      if (isDown) throw new Error('The issuer is down.')
      tokens.accept(username, token)
    }
    const { pool, events, issuer, users } = await lease({ accept })
    const [first, second] = users as [string, string]
    const ids = await openAtOnce(pool, 3)
    isDown = true
    await issuer.clock.advance(59 * minuteMs - 1)
    expect(await tokens.sessions(first)).toEqual(ids)
    await issuer.clock.advance(1)
    await eventually(async () => expect(await tokens.sessions(first)).toEqual([]))
    expect(retired(events)).toEqual([first, first, first])
    await issuer.clock.advance(minuteMs)
    await tokens.dropUser(first)
    expect(await pool.query('select 1').catch(error => error)).toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE' })
    isDown = false
    await issuer.clock.advance(2_500)
    expect((await ask(pool)).user).toBe(second)
  })
})

it('a pool that has ended leaves no timer', async () => {
  const { pool, issuer } = await lease()
  await openAtOnce(pool, 3)
  await pool.end()
  expect(issuer.clock.pending).toBe(0)
})
