import { inspect } from 'node:util'
import pg from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { rdsIam } from '../../../src/iam/index.js'
import { attachPool } from '../../../src/pg/index.js'
import { eventually } from '../../support/pool-scene.js'
import { rejectionOf } from '../../support/rejection.js'
import { useTestDatabase } from './database.js'
import { endpoint, eventsOf, iamWorld, sessionIds } from './iam-world.js'
import { whoAmI } from './world.js'

const database = useTestDatabase({ auth: 'password' })

const refusal = { code: '28000', message: 'PAM authentication failed for user "app"' }

describe('a pool with IAM logins', () => {
  it('opens all connections of a burst with one token, which one call of the credential provider has signed', async () => {
    const { gate, keys, open, user } = await iamWorld(database)
    const { pool, events } = open({ max: 20 })
    const results = await Promise.all(Array.from({ length: 500 }, () => pool.query(whoAmI)))
    expect(new Set(results.map(({ rows }) => rows[0].me))).toEqual(new Set([user]))
    expect(gate.refused).toEqual([])
    expect(new Set(gate.logins.map(({ password }) => password)).size).toBe(1)
    expect(gate.logins).toHaveLength(pool.totalCount)
    expect(keys.calls).toEqual([false])
    expect(events).toMatchObject([{ type: 'credentials', user, pending: false, secretId: undefined }])
  })

  it('signs nothing and opens nothing before the first query', async () => {
    const { gate, keys, open } = await iamWorld(database)
    open({ max: 20 })
    await new Promise(resolve => setImmediate(resolve))
    expect(keys.calls).toEqual([])
    expect(gate.connections).toBe(0)
  })

  it('logs in with the token, whatever user and password a connection string contains', async () => {
    const { address, gate, open, user } = await iamWorld(database)
    const connectionString = `postgres://someone:else@localhost:${address.port}/template1?application_name=shop`
    const { pool } = open({ connectionString })
    const { rows } = await pool.query(
      "SELECT session_user AS me, current_database() AS here, current_setting('application_name') AS app",
    )
    expect(rows).toEqual([{ me: user, here: 'template1', app: 'shop' }])
    expect(gate.logins.map(({ user, database }) => ({ user, database }))).toEqual([{ user, database: 'template1' }])
  })

  it('connects to the address of the source where it is given no other', async () => {
    const { open, user } = await iamWorld(database, { isItsOwnEndpoint: true })
    const { pool } = open({ host: undefined, port: undefined })
    await expect(pool.query(whoAmI)).resolves.toMatchObject({ rows: [{ me: user }] })
  })

  it('shares a token with the other pools of its source', async () => {
    const { gate, keys, open, user } = await iamWorld(database)
    const [one, other] = [open({ max: 3 }), open({ max: 3, database: 'template1' })]
    const queries = [one, other].flatMap(({ pool }) => Array.from({ length: 10 }, () => pool.query(whoAmI)))
    for (const { rows } of await Promise.all(queries)) expect(rows).toEqual([{ me: user }])
    expect(new Set(gate.admitted.map(({ database }) => database))).toEqual(new Set(['postgres', 'template1']))
    expect(new Set(gate.admitted.map(({ password }) => password)).size).toBe(1)
    expect(keys.calls).toEqual([false])
    await one.pool.end()
    await expect(other.pool.query(whoAmI)).resolves.toMatchObject({ rows: [{ me: user }] })
  })
})

describe('a token is sent to nobody but the server, and over TLS only', () => {
  it.each<[string, (port: number) => object]>([
    ['ssl: false', () => ({ ssl: false })],
    ['sslmode=disable', port => ({ connectionString: `postgres://localhost:${port}/postgres?sslmode=disable` })],
    ['ssl=false', port => ({ connectionString: `postgres://localhost:${port}/postgres?ssl=false` })],
    [
      'the class of the connections',
      () => ({
        ssl: true,
        Client: class extends pg.Client {
          constructor(options: pg.ClientConfig) {
            super({ ...options, ssl: false })
          }
        },
      }),
    ],
    ['ssl=0', port => ({ connectionString: `postgres://localhost:${port}/postgres?ssl=0` })],
  ])('where %s turns TLS off, queries fail before anything is sent', async (_, optionsFor) => {
    const { address, gate, open } = await iamWorld(database)
    const { pool } = open(optionsFor(address.port))
    for (const query of [1, 2].map(() => rejectionOf(pool.query(whoAmI))))
      expect(await query).toMatchObject({
        code: 'ERR_SECRET_CONFIG',
        message: expect.stringMatching(/^The token of this login must not be sent without TLS\. Connect with TLS/),
      })
    expect(gate.connections).toBe(0)
  })

  it('where nothing is said about TLS, the certificate is checked as by default', async () => {
    const { gate, open } = await iamWorld(database)
    const { pool } = open({ ssl: undefined })
    expect(await rejectionOf(pool.query(whoAmI))).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    expect(gate.logins).toEqual([])
    expect(gate.offeredWithoutTls).toBe(0)
  })

  it('a server that offers no TLS gets none', async () => {
    const { gate, open } = await iamWorld(database, { withoutTls: true })
    const { pool } = open()
    expect(await rejectionOf(pool.query(whoAmI))).toMatchObject({ message: 'The server does not support SSL connections' })
    expect(gate.logins).toEqual([])
    expect(gate.offeredWithoutTls).toBe(0)
  })

  it('a server under another name gets none', async () => {
    const { gate, open } = await iamWorld(database)
    const { pool } = open({ host: '127.0.0.1' })
    expect(await rejectionOf(pool.query(whoAmI))).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
    expect(gate.logins).toEqual([])
  })
})

describe('an existing pool that is attached to IAM logins', () => {
  it('opens new connections with a token and closes those from before when they are idle or released', async () => {
    const { address, gate, keys, makePasswordUser, source, user } = await iamWorld(database)
    const before = await makePasswordUser()
    const pool = new pg.Pool({ ...address, ...before })
    onTestFinished(() => pool.end())
    const [held, idle] = await Promise.all([pool.connect(), pool.connect()])
    idle.release()
    const events = eventsOf(attachPool(pool, { credentials: source, retireSpreadMs: 20 }))

    await eventually(async () => expect(await sessionIds(database, before.user)).toHaveLength(1))
    expect((await pool.query(whoAmI)).rows).toEqual([{ me: user }])
    expect((await held.query(whoAmI)).rows).toEqual([{ me: before.user }])
    held.release()
    await eventually(async () => expect(await sessionIds(database, before.user)).toEqual([]))
    expect(gate.refused).toEqual([])
    expect(keys.calls).toEqual([false])
    expect(events.map(({ type }) => type)).toEqual(['credentials', 'retired', 'retired'])
  })

  it('sends nothing if the pool was created without TLS', async () => {
    const { address, gate, source } = await iamWorld(database)
    const pool = attachPool(new pg.Pool({ ...address, ssl: false }), { credentials: source })
    onTestFinished(() => pool.end())
    expect(await rejectionOf(pool.query(whoAmI))).toMatchObject({ code: 'ERR_SECRET_CONFIG' })
    expect(gate.connections).toBe(0)
  })
})

describe('no token is in', () => {
  it('the errors, the events, or the inspection of a pool, whether it works or is rejected', async () => {
    const { gate, gatekeeper, keys, open, source } = await iamWorld(database)
    const working = open({ max: 2 })
    const [client, id] = [await working.pool.connect(), (await source.get()).id]
    await working.pool.query(whoAmI)
    gatekeeper.refusesAll = refusal
    const rejected = open({ max: 2, credentials: rdsIam({ ...endpoint, user: 'app', credentials: keys.provider }) })
    const error = await rejectionOf(rejected.pool.query(whoAmI))
    expect(error).toMatchObject({ code: '28000' })
    const shown = [working, rejected, client, error, error.stack, source].map(what => inspect(what, { depth: 20 }))
    const written = [working.events, rejected.events, error, source].map(what => JSON.stringify(what))
    client.release()
    expect(working.events).toMatchObject([{ type: 'credentials', versionId: id }])
    expect(rejected.events).toMatchObject([{ type: 'refused', kind: 'refused', code: '28000' }])
    for (const text of [...shown, ...written]) expect(text).not.toMatch(/X-Amz-|Action=connect/)
    expect(gate.logins.every(({ password }) => password.includes('X-Amz-Signature='))).toBe(true)
  })
})
