import { describe, expect, it } from 'vitest'
import { rdsIam } from '../../../src/iam/index.js'
import { ManualClock } from '../../../src/testing/index.js'
import { rejectionOf } from '../../support/rejection.js'
import { useTestDatabase } from './database.js'
import { endpoint, endSessions, type IamPool, iamWorld } from './iam-world.js'
import { whoAmI } from './world.js'

const database = useTestDatabase({ auth: 'password' })

const minuteMs = 60_000

/** What becomes of so many queries at once: the user, or the code of the error. */
const outcomes = (pool: IamPool, queries: number): Promise<string[]> =>
  Promise.all(
    Array.from({ length: queries }, () =>
      pool.query(whoAmI).then(
        ({ rows }) => rows[0].me,
        ({ code }) => code,
      ),
    ),
  )

describe('a server whose clock is another', () => {
  it.each([
    ['ahead', 20 * minuteMs, 'expired'],
    ['behind', -20 * minuteMs, 'not valid yet'],
  ])(
    'by twenty minutes %s: queries fail with the error of the driver, one event tells it, and few logins are tried',
    async (_, aheadMs, fault) => {
      const { faults, gate, gatekeeper, open, user } = await iamWorld(database)
      gatekeeper.aheadMs = aheadMs
      const { pool, events } = open({ max: 20 })
      const error = await rejectionOf(pool.query(whoAmI))
      expect(error).toMatchObject({
        name: 'error',
        code: '28000',
        severity: 'FATAL',
        message: `PAM authentication failed for user "${user}"`,
      })
      expect(await outcomes(pool, 500)).toEqual(Array.from({ length: 500 }, () => '28000'))
      expect(new Set(faults)).toEqual(new Set([fault]))
      // The first token, and the one that was signed in its place.
      expect(gate.logins.map(({ password }) => password)).toHaveLength(2)
      expect(events).toMatchObject([{ type: 'refused', kind: 'refused', code: '28000', secretId: undefined }])
      expect(events[0]).toHaveProperty(
        'reason',
        expect.stringMatching(/^The database rejects the login [\da-f-]{36}\. It is tried again after pauses/),
      )
    },
  )
})

describe('a server that rejects everything', () => {
  it.each([
    ['a PAM error', { code: '28000', message: 'PAM authentication failed for user "app"' }],
    ['a role without rds_iam', { code: '28P01', message: 'password authentication failed for user "app"' }],
  ])('from the beginning gets at most three logins in half a minute (%s)', async (_, refusesAll) => {
    const clock = new ManualClock()
    const { gate, gatekeeper, open } = await iamWorld(database, { clock })
    gatekeeper.refusesAll = refusesAll
    const { pool } = open({ max: 20 })
    const seen = new Set<string>()
    for (let second = 0; second < 30; second += 1) {
      for (const outcome of await outcomes(pool, 20)) seen.add(outcome)
      await clock.advance(999)
    }
    expect(seen).toEqual(new Set([refusesAll.code]))
    expect(gate.logins.length).toBeGreaterThanOrEqual(2)
    expect(gate.logins.length).toBeLessThanOrEqual(3)
  })

  it('after a time in which it worked gets at most three, and is logged in to again once it works', async () => {
    const clock = new ManualClock()
    const { gate, gatekeeper, open, user } = await iamWorld(database, { clock })
    const { pool, events } = open({ max: 20 })
    await outcomes(pool, 40)
    gatekeeper.refusesAll = { code: '28000', message: `PAM authentication failed for user "${user}"` }
    await endSessions(database, { user, pool })
    const before = gate.refused.length
    for (let second = 0; second < 30; second += 1) {
      await outcomes(pool, 20)
      await clock.advance(999)
    }
    expect(gate.refused.length - before).toBeLessThanOrEqual(3)
    // One for the rejection, and one for the try after its pause.
    expect(events.map(({ type }) => type)).toEqual(['credentials', 'refused', 'refused'])

    gatekeeper.refusesAll = undefined
    await clock.advance(2 * minuteMs)
    expect(await outcomes(pool, 40)).toEqual(Array.from({ length: 40 }, () => user))
  })

  it('is tried about once a minute in the end, although each rejection leads to a new token', async () => {
    const clock = new ManualClock()
    const { gate, gatekeeper, keys, open } = await iamWorld(database, { clock })
    gatekeeper.refusesAll = { code: '28000', message: 'PAM authentication failed for user "app"' }
    const { pool, events } = open({ max: 20 })
    for (let second = 0; second < 600; second += 1) {
      await outcomes(pool, 2)
      await clock.advance(1_000)
    }
    // Two at once, then after pauses of 5, 30 and 60 seconds, or up to a quarter more.
    expect(gate.refused.length).toBeGreaterThanOrEqual(11)
    expect(gate.refused.length).toBeLessThanOrEqual(13)
    expect(events).toHaveLength(gate.refused.length - 1)
    // The last one may be due for its replacement only in a moment.
    expect([gate.refused.length, gate.refused.length - 1]).toContain(keys.calls.length)
  })

  it('leaves the open connections as they are', async () => {
    const { gate, gatekeeper, open, user } = await iamWorld(database)
    const { pool } = open({ max: 2 })
    const held = await pool.connect()
    gatekeeper.refusesAll = { code: '28000', message: `PAM authentication failed for user "${user}"` }
    expect(await rejectionOf(pool.query(whoAmI))).toMatchObject({ code: '28000' })
    expect((await held.query(whoAmI)).rows).toEqual([{ me: user }])
    held.release()
    for (let query = 0; query < 10; query += 1) expect(await outcomes(pool, 1)).toEqual([user])
    expect(gate.sessions).toHaveLength(1)
  })
})

describe('a token for something else', () => {
  it.each([
    ['another endpoint', { host: 'other.abc123.eu-west-1.rds.amazonaws.com' }],
    ['another endpoint', { port: 5433 }],
    ['another Region', { region: 'us-east-1' }],
  ])('fails queries with the error of the driver: %s (%o)', async (fault, options) => {
    const { faults, gate, keys, open, user } = await iamWorld(database)
    const { pool, events } = open({ credentials: rdsIam({ ...endpoint, user, credentials: keys.provider, ...options }) })
    expect(await rejectionOf(pool.query(whoAmI))).toMatchObject({ code: '28000' })
    expect(new Set(faults)).toEqual(new Set([fault]))
    expect(gate.logins).toHaveLength(2)
    expect(events).toMatchObject([{ type: 'refused', kind: 'refused' }])
  })
})

describe('credentials that cannot be had', () => {
  it('fail queries with the reason before anything is sent, and work again as soon as they can', async () => {
    const clock = new ManualClock()
    const { gate, keys, open, user } = await iamWorld(database, { clock })
    let error: Error | undefined = Object.assign(new Error('Could not load credentials from any providers'), {
      name: 'CredentialsProviderError',
    })
    const provider: typeof keys.provider = async options => {
      if (error !== undefined) throw error
      return keys.provider(options)
    }
    const { pool, events } = open({ credentials: rdsIam({ ...endpoint, user, credentials: provider, clock }) })
    expect(await rejectionOf(pool.query(whoAmI))).toMatchObject({ name: 'SecretCacheError', code: 'ERR_SECRET_CREDENTIALS' })
    expect(gate.connections).toBe(0)
    error = undefined
    await clock.advance(2_000)
    expect(await outcomes(pool, 20)).toEqual(Array.from({ length: 20 }, () => user))
    expect(events.map(({ type }) => type)).toEqual(['credentials'])
  })

  it('that have ended, as this machine sees it, sign nothing', async () => {
    const clock = new ManualClock()
    const { gate, keys, open, user } = await iamWorld(database, { clock })
    const expiration = new Date(clock.now() - 1)
    const credentials = { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'one', expiration }
    const { pool } = open({ credentials: rdsIam({ ...endpoint, user, credentials, clock }) })
    expect(await rejectionOf(pool.query(whoAmI))).toMatchObject({
      code: 'ERR_SECRET_CREDENTIALS',
      message: expect.stringMatching(/^The AWS credentials that would sign the login have ended\./),
    })
    expect(gate.connections).toBe(0)
    expect(keys.calls).toEqual([])
  })
})
