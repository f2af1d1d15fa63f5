import { describe, expect, it } from 'vitest'
import { credentialsFrom, dsql } from '../../../src/iam/index.js'
import { eventually } from '../../support/pool-scene.js'
import { rejectionOf } from '../../support/rejection.js'
import { useTestDatabase } from './database.js'
import { dsqlHost, dsqlWorld, noRoom, tooFast } from './dsql-world.js'
import { endSessions, type IamPool } from './iam-world.js'
import { whoAmI } from './world.js'

const database = useTestDatabase({ auth: 'password' })

const minuteMs = 60_000

const all = (pool: IamPool, queries: number): Promise<string[]> =>
  Promise.all(Array.from({ length: queries }, async () => (await pool.query(whoAmI)).rows[0].me))

const same = <T>(value: T, length: number): T[] => Array.from({ length }, () => value)

describe('a pool of Aurora DSQL', () => {
  it('logs in with one token for all connections, and signs no other for ten minutes', async () => {
    const { clock, gate, keys, open, user } = await dsqlWorld(database)
    const { pool, events } = open({ max: 10 })
    expect(await all(pool, 500)).toEqual(same(user, 500))
    await clock.advance(10 * minuteMs - 1)
    await endSessions(database, { user, pool })
    expect(await all(pool, 500)).toEqual(same(user, 500))
    expect(gate.refused).toEqual([])
    expect(new Set(gate.logins.map(({ password }) => password)).size).toBe(1)
    expect(keys.calls).toEqual([false])
    expect(events).toMatchObject([{ type: 'credentials', user }])
  })

  it('logs in as admin with the action of admins, and to the database that is there', async () => {
    const { gate, open } = await dsqlWorld(database, { as: 'admin' })
    expect(await all(open().pool, 1)).toEqual(['admin'])
    expect(gate.logins).toMatchObject([{ user: 'admin', database: 'postgres' }])
    expect(gate.logins[0]?.password).toMatch(/^abc123\.dsql\.eu-west-1\.on\.aws\/\?Action=DbConnectAdmin&/)
  })
})

describe('the hour after which DSQL ends a connection', () => {
  it('ends none under load, because the pool has replaced each before, and no query fails', async () => {
    const { clock, gate, open, service } = await dsqlWorld(database)
    const { pool, events } = open({ max: 4 })
    const failures: unknown[] = []
    let isOver = false
    const work = async (): Promise<void> => {
      while (!isOver && failures.length < 100) await pool.query(whoAmI).catch(error => failures.push(error))
    }
    const working = Promise.all(same(work, 6).map(each => each()))
    for (let step = 0; step < 720; step += 1) {
      await clock.advance(10_000)
      await all(pool, 4)
    }
    isOver = true
    await working
    expect(failures).toEqual([])
    expect(service.ended).toBe(0)
    expect(gate.refused).toEqual([])
    // Two for each of the four, after 48 to 54 minutes.
    expect(events.filter(({ type }) => type === 'retired')).toHaveLength(8)
    expect(gate.logins).toHaveLength(12)
  })

  it('finds no idle connection left, and none was closed early', async () => {
    const { clock, gate, open, service } = await dsqlWorld(database)
    const { pool, events } = open({ max: 5 })
    const held = await Promise.all(same(pool, 5).map(each => each.connect()))
    for (const client of held) client.release()
    await clock.advance(48 * minuteMs - 1)
    expect(pool.totalCount).toBe(5)
    await clock.advance(6 * minuteMs + 1)
    await eventually(() => expect(gate.sessions).toEqual([]))
    expect(pool.totalCount).toBe(0)
    expect(service.ended).toBe(0)
    expect(events.filter(({ type }) => type === 'retired')).toHaveLength(5)
  })

  it('finds a connection closed that was released after its time, and used until then', async () => {
    const { clock, gate, open, service, user } = await dsqlWorld(database)
    const { pool, events } = open({ max: 1 })
    const client = await pool.connect()
    await clock.advance(59 * minuteMs)
    expect((await client.query(whoAmI)).rows).toEqual([{ me: user }])
    client.release()
    expect(await all(pool, 20)).toEqual(same(user, 20))
    expect(gate.logins).toHaveLength(2)
    expect(service.ended).toBe(0)
    expect(events.filter(({ type }) => type === 'retired')).toHaveLength(1)
  })

  it('ends a connection that is in use throughout; the pool goes on with others', async () => {
    const { clock, gate, open, service, user } = await dsqlWorld(database)
    const { pool, events } = open({ max: 1 })
    const client = await pool.connect()
    client.on('error', () => {})
    await clock.advance(60 * minuteMs)
    expect(service.ended).toBe(1)
    await eventually(() => expect(gate.sessions).toEqual([]))
    await rejectionOf(client.query(whoAmI))
    client.release()
    expect(await all(pool, 20)).toEqual(same(user, 20))
    expect(events.filter(({ type }) => type === 'refused')).toEqual([])
  })
})

describe('a login that DSQL denies', () => {
  it('for an expired signature is signed again, and no query fails', async () => {
    const { clock, gate, open, service, user } = await dsqlWorld(database)
    const { pool, events } = open({ max: 5 })
    await all(pool, 5)
    service.aheadMs = 10 * minuteMs
    await clock.advance(6 * minuteMs)
    await endSessions(database, { user, pool })
    expect(await all(pool, 50)).toEqual(same(user, 50))
    expect(new Set(gate.refused.map(({ refusal }) => refusal?.hint))).toEqual(new Set(['Signature expired']))
    expect(gate.refused.length).toBeLessThanOrEqual(2)
    expect(events.map(({ type }) => type)).toEqual(['credentials', 'credentials'])
  })

  it('for the wrong mapping fails queries with the error of the driver, and is not tried by each of them', async () => {
    const { clock, gate, keys, open, user } = await dsqlWorld(database)
    const ofAdmin = dsql({ host: dsqlHost, credentials: keys.provider, clock })
    const credentials = credentialsFrom({
      clock,
      requiresTls: true,
      get: async () => ({ ...(await ofAdmin.get()), username: user }),
      refresh: async ({ refused }) => ({ ...(await ofAdmin.refresh(refused)), username: user }),
    })
    const { pool, events } = open({ credentials, max: 20, database: 'postgres' })
    const error = await rejectionOf(pool.query(whoAmI))
    expect(error).toMatchObject({
      name: 'error',
      code: '08006',
      message: 'unable to accept connection, access denied',
      hint: `Wrong user to action mapping. user: ${user}`,
    })
    const outcomes = await Promise.allSettled(same(pool, 500).map(each => each.query(whoAmI)))
    expect(new Set(outcomes.map(outcome => outcome.status === 'rejected' && outcome.reason.code))).toEqual(new Set(['08006']))
    expect(gate.logins).toHaveLength(2)
    expect(events).toMatchObject([{ type: 'refused', kind: 'refused', code: '08006' }])
  })
})

describe('a DSQL that takes no more connections for now', () => {
  it.each([
    ['too many at once', noRoom],
    ['too many in a second', tooFast],
  ])('(%s) costs no token and no event, and lets the pool in once it takes them', async (_, error) => {
    const { gate, keys, open, service, user } = await dsqlWorld(database)
    const { pool, events } = open({ max: 5 })
    service.refusesAll = error
    expect(await rejectionOf(pool.query(whoAmI))).toMatchObject({ code: error.code, message: error.message })
    service.refusesAll = undefined
    expect(await all(pool, 50)).toEqual(same(user, 50))
    expect(keys.calls).toEqual([false])
    expect(gate.refused).toHaveLength(1)
    expect(events.map(({ type }) => type)).toEqual(['credentials'])
  })

  it('because of its rate fails a query that needs another connection, once, and serves those that do not', async () => {
    const { clock, gate, keys, open, service, user } = await dsqlWorld(database)
    service.perSecond = 5
    const { pool, events } = open({ max: 20 })
    const held = await Promise.all(same(pool, 5).map(each => each.connect()))
    expect(await rejectionOf(pool.query(whoAmI))).toMatchObject(tooFast)
    expect(gate.refused).toHaveLength(1)
    for (const client of held) client.release()
    for (let query = 0; query < 10; query += 1) expect(await all(pool, 1)).toEqual([user])
    expect(gate.admitted).toHaveLength(5)

    await clock.advance(1_000)
    service.perSecond = 100
    expect(await all(pool, 100)).toEqual(same(user, 100))
    expect(gate.refused).toHaveLength(1)
    expect(keys.calls).toEqual([false])
    expect(events.map(({ type }) => type)).toEqual(['credentials'])
  })
})
