import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { rdsIam } from '../../../src/iam/index.js'
import { ManualClock } from '../../../src/testing/index.js'
import { dateGoesBy } from '../../support/date-goes-by.js'
import { type LdapResponder, startLdapResponder } from '../../support/ldap-responder.js'
import { debianPostgresBinaries } from '../../support/postgres-binaries.js'
import { rejectionOf } from '../../support/rejection.js'
import { RoleKeys } from '../../support/role-keys.js'
import { giveAway } from '../../support/server-process.js'
import { faultOf, type TokenFault } from '../../support/token-check.js'
import { useTestDatabase } from '../postgres/database.js'
import { endpoint, endSessions, type IamPool, openPool, sessionIds } from '../postgres/iam-world.js'
import { whoAmI } from '../postgres/world.js'

// PostgreSQL itself asks for the password and decides, as in RDS: there by PAM, here by LDAP, and for the members of `rds_iam` only.

let clock: ManualClock
let keys: RoleKeys
let aheadMs: number
let faults: TokenFault[]
let ldap: LdapResponder
let user: string
const folder = mkdtempSync(join(tmpdir(), 'awscurrent-hba-'))
const hbaFile = join(folder, 'pg_hba.conf')

const allows = ({ name, password }: { name: string; password: string }): boolean => {
  const [, DBUser = ''] = /^uid=(.*),ou=iam$/.exec(name) ?? []
  const query = { Action: 'connect', DBUser }
  const purpose = { service: 'rds-db', region: 'eu-west-1', endpoint: `${endpoint.host}:${endpoint.port}`, query } as const
  const fault = faultOf(password, purpose, { keyOf: id => keys.keyOf(id), now: () => clock.now() + aheadMs })
  if (fault !== undefined) faults.push(fault)
  return fault === undefined
}

beforeAll(async () => {
  ldap = await startLdapResponder(allows)
  const byToken = `ldap ldapserver=127.0.0.1 ldapport=${ldap.port} ldapprefix="uid=" ldapsuffix=",ou=iam"`
  writeFileSync(hbaFile, `hostssl all +rds_iam 127.0.0.1/32 ${byToken}\nhostssl all all 127.0.0.1/32 scram-sha-256\n`)
  giveAway(folder)
  giveAway(hbaFile)
})
const database = useTestDatabase(() => ({ programs: debianPostgresBinaries(), settings: { hba_file: hbaFile } }))
beforeAll(() => database.admin.query('CREATE ROLE rds_iam'))
afterAll(async () => {
  await ldap?.stop()
  rmSync(folder, { recursive: true })
})

beforeEach(async () => {
  clock = new ManualClock()
  dateGoesBy(clock)
  keys = new RoleKeys(() => clock.now())
  aheadMs = 0
  faults = []
  user = (await database.makeUser()).username
  await database.admin.query(`GRANT rds_iam TO ${user}`)
})

const minuteMs = 60_000

const addressOf = () => ({ host: 'localhost', port: database.server.port, database: 'postgres' })

const open = (username = user) =>
  openPool({
    ...addressOf(),
    ssl: { ca: database.server.ca },
    max: 10,
    idleTimeoutMillis: 0,
    credentials: rdsIam({ ...endpoint, user: username, credentials: keys.provider, clock }),
  })

const all = (pool: IamPool, queries: number): Promise<string[]> =>
  Promise.all(Array.from({ length: queries }, async () => (await pool.query(whoAmI)).rows[0].me))

const bindsOf = (username: string) => ldap.binds.filter(({ name }) => name === `uid=${username},ou=iam`)

describe('a PostgreSQL that decides on tokens itself', () => {
  it('lets the connections of a burst in by one token', async () => {
    const { pool, events } = open()
    expect(await all(pool, 500)).toEqual(Array.from({ length: 500 }, () => user))
    expect(bindsOf(user).map(({ isAllowed }) => isAllowed)).toEqual(Array.from({ length: pool.totalCount }, () => true))
    expect(new Set(bindsOf(user).map(({ password }) => password)).size).toBe(1)
    expect(keys.calls).toEqual([false])
    expect(events).toMatchObject([{ type: 'credentials', user }])
  })

  it('and has ended one early is given another, and no query fails', async () => {
    const { pool, events } = open()
    await all(pool, 10)
    aheadMs = 10 * minuteMs
    await clock.advance(6 * minuteMs)
    await endSessions(database, { user, pool })
    expect(await all(pool, 50)).toEqual(Array.from({ length: 50 }, () => user))
    expect(new Set(faults)).toEqual(new Set(['expired']))
    expect(faults.length).toBeLessThanOrEqual(2)
    expect(events.map(({ type }) => type)).toEqual(['credentials', 'credentials'])
  })

  it('keeps its sessions through the tokens of an hour', async () => {
    const { pool } = open()
    await all(pool, 50)
    const before = await sessionIds(database, user)
    for (let minute = 0; minute < 60; minute += 1) {
      await clock.advance(minuteMs)
      await all(pool, 2)
    }
    expect(await sessionIds(database, user)).toEqual(before)
    expect(faults).toEqual([])
  })

  it('whose clock is another fails queries with its own error, after two logins', async () => {
    aheadMs = 20 * minuteMs
    const { pool, events } = open()
    expect(await rejectionOf(pool.query(whoAmI))).toMatchObject({
      name: 'error',
      code: '28000',
      message: `LDAP authentication failed for user "${user}"`,
    })
    const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => pool.query(whoAmI)))
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
    expect(faults).toEqual(['expired', 'expired'])
    expect(events).toMatchObject([{ type: 'refused', kind: 'refused', code: '28000' }])
  })

  it('asks a user without rds_iam for a password, and rejects the token as one', async () => {
    const { username } = await database.makeUser()
    const { pool, events } = open(username)
    expect(await rejectionOf(pool.query(whoAmI))).toMatchObject({
      code: '28P01',
      message: `password authentication failed for user "${username}"`,
    })
    expect(bindsOf(username)).toEqual([])
    expect(events).toMatchObject([{ type: 'refused', kind: 'refused', code: '28P01' }])
  })

  it('rejects whoever comes without TLS, before it asks for a password', async () => {
    const client = new pg.Client({ ...addressOf(), user, password: 'not a token', ssl: false })
    const error = await rejectionOf(client.connect())
    expect(error).toMatchObject({
      code: '28000',
      message: expect.stringMatching(/^no pg_hba\.conf entry for host .*, no encryption$/),
    })
    expect(bindsOf(user)).toEqual([])
  })
})
