import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/testing/index.js'
import { useTestDatabase } from './database.js'
import { endSessions, type IamPool, iamWorld, sessionIds } from './iam-world.js'
import { whoAmI } from './world.js'

const database = useTestDatabase({ auth: 'password' })

const minuteMs = 60_000

const all = (pool: IamPool, queries: number): Promise<string[]> =>
  Promise.all(Array.from({ length: queries }, async () => (await pool.query(whoAmI)).rows[0].me))

/** Runs queries until `act` is done; resolves with their errors. */
const failuresDuring = async (pool: IamPool, workers: number, act: () => Promise<void>): Promise<unknown[]> => {
  const failures: unknown[] = []
  let isOver = false
  const work = async (): Promise<void> => {
    while (!isOver && failures.length < 100) await pool.query(whoAmI).catch(error => failures.push(error))
  }
  const working = Promise.all(Array.from({ length: workers }, work))
  await act().finally(() => {
    isOver = true
  })
  await working
  return failures
}

describe('a token that ends', () => {
  it('is signed again if the server has ended it early, and no query fails', async () => {
    const clock = new ManualClock()
    const { faults, gate, gatekeeper, keys, open, user } = await iamWorld(database, { clock })
    const { pool, events } = open({ max: 5 })
    await all(pool, 5)
    // At the server, ten of its fifteen minutes are over.
    gatekeeper.aheadMs = 10 * minuteMs
    await clock.advance(6 * minuteMs)
    await endSessions(database, { user, pool })
    expect(await all(pool, 50)).toEqual(Array.from({ length: 50 }, () => user))
    expect(new Set(faults)).toEqual(new Set(['expired']))
    expect(gate.refused.length).toBeLessThanOrEqual(2)
    expect(new Set(gate.logins.map(({ password }) => password)).size).toBe(2)
    // The SDK is asked for other credentials, too: the server does not say why it rejects a token.
    expect(keys.calls).toEqual([false, true])
    expect(events.map(({ type }) => type)).toEqual(['credentials', 'credentials'])
  })

  it('is renewed before the server ends it, and no login is rejected in two hours of load', async () => {
    const clock = new ManualClock()
    const { gate, keys, open } = await iamWorld(database, { clock })
    // Connections are closed after a few queries, so that there are always new ones.
    const { pool, events } = open({ max: 4, maxUses: 20 })
    const failures = await failuresDuring(pool, 4, async () => {
      for (let minute = 0; minute < 120; minute += 1) {
        await clock.advance(minuteMs)
        await all(pool, 10)
      }
    })
    expect(failures).toEqual([])
    expect(gate.refused).toEqual([])
    const tokens = new Set(gate.admitted.map(({ password }) => password))
    // Each is renewed after ten to eleven minutes, at a whole one.
    expect(tokens.size).toBeGreaterThanOrEqual(11)
    expect(tokens.size).toBeLessThanOrEqual(12)
    expect(keys.calls).toEqual(Array.from(tokens, () => false))
    expect(events.filter(({ type }) => type === 'refused' || type === 'window')).toEqual([])
  })

  it.each<[string, (clock: ManualClock) => Promise<void>]>([
    ['has run', clock => clock.advance(120 * minuteMs)],
    ['was frozen', async clock => clock.set(clock.now() + 120 * minuteMs)],
  ])('is replaced for a burst after two hours in which the pool was idle and the process %s', async (_, pass) => {
    const clock = new ManualClock()
    const { gate, open, user } = await iamWorld(database, { clock })
    const { pool } = open({ max: 10 })
    await all(pool, 10)
    await endSessions(database, { user, pool })
    await pass(clock)
    const before = gate.logins.length
    expect(await all(pool, 500)).toEqual(Array.from({ length: 500 }, () => user))
    expect(gate.refused).toEqual([])
    expect(new Set(gate.logins.slice(before).map(({ password }) => password)).size).toBe(1)
  })

  it('closes no open connection when the next one takes its place', async () => {
    const clock = new ManualClock()
    const { gate, open, user } = await iamWorld(database, { clock })
    const { pool, events } = open({ max: 5, idleTimeoutMillis: 0 })
    const held = await Promise.all(Array.from({ length: 5 }, () => pool.connect()))
    for (const client of held.slice(1)) client.release()
    const before = await sessionIds(database, user)
    expect(before).toHaveLength(5)
    for (let minute = 0; minute < 60; minute += 1) {
      await clock.advance(minuteMs)
      await all(pool, 4)
    }
    held[0]?.release()
    await all(pool, 5)
    expect(await sessionIds(database, user)).toEqual(before)
    expect(gate.logins).toHaveLength(5)
    expect(events.filter(({ type }) => type === 'retired')).toEqual([])
    expect(events.filter(({ type }) => type === 'credentials').length).toBeGreaterThanOrEqual(5)
  })

  it('ends with the credentials that have signed it', async () => {
    const clock = new ManualClock()
    const { gate, keys, open, user } = await iamWorld(database, { clock, keysLiveMs: 6 * minuteMs })
    const { pool } = open({ max: 5 })
    await all(pool, 5)
    await endSessions(database, { user, pool })
    keys.issue({ lifeMs: 60 * minuteMs })
    await clock.advance(5.5 * minuteMs)
    expect(await all(pool, 50)).toEqual(Array.from({ length: 50 }, () => user))
    expect(gate.refused).toEqual([])
    expect(new Set(gate.admitted.map(({ password }) => password)).size).toBe(2)
  })
})

describe('two pools of one source', () => {
  it('sign one token between them after the server has rejected the one that they share', async () => {
    const { gate, keys, open, user } = await iamWorld(database)
    const pools = [open({ max: 3 }).pool, open({ max: 3 }).pool]
    for (const pool of pools) {
      await all(pool, 3)
      await endSessions(database, { user, pool })
    }
    keys.issue()
    keys.revokeOlder()
    const results = await Promise.all(pools.map(pool => all(pool, 20)))
    expect(results).toEqual(pools.map(() => Array.from({ length: 20 }, () => user)))
    expect(new Set(gate.admitted.map(({ password }) => password)).size).toBe(2)
    expect(keys.calls).toEqual([false, true])
  })

  it('sign nothing any more once both have ended', async () => {
    const clock = new ManualClock()
    const { keys, open } = await iamWorld(database, { clock })
    const [one, other] = [open().pool, open().pool]
    await Promise.all([one, other].map(pool => all(pool, 5)))
    await one.end()
    await clock.advance(12 * minuteMs)
    expect(keys.calls).toEqual([false, false])
    await other.end()
    await clock.advance(120 * minuteMs)
    expect(keys.calls).toEqual([false, false])
    expect(clock.pending).toBe(0)
  })
})

describe('credentials that rotate', () => {
  it('fail no query in the middle of a burst, though the SDK still returns those that the server rejects', async () => {
    const { faults, gate, keys, open } = await iamWorld(database)
    const { pool, events } = open({ max: 4, maxUses: 5 })
    const failures = await failuresDuring(pool, 20, async () => {
      await all(pool, 100)
      keys.issue()
      keys.revokeOlder()
      await all(pool, 400)
    })
    expect(failures).toEqual([])
    expect(new Set(faults)).toEqual(new Set(['unknown access key']))
    // Logins that were in progress together may all be rejected.
    expect(gate.refused.length).toBeLessThanOrEqual(3)
    expect(new Set(gate.admitted.map(({ password }) => password)).size).toBe(2)
    expect(keys.calls).toEqual([false, true])
    expect(events.map(({ type }) => type)).toEqual(['credentials', 'credentials'])
  })
})
