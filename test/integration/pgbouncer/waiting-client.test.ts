import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { startPgbouncer } from '../../support/pgbouncer.js'
import { eventually, playScene } from '../../support/pool-scene.js'
import { useServer } from '../../support/use-server.js'
import { useTestDatabase } from '../postgres/database.js'
import { whoAmI } from '../postgres/world.js'
import { pgbouncerWorld } from './world.js'

const database = useTestDatabase()

// PgBouncer has one pair of SCRAM keys for each user: those of the client that logged in last. With them it logs in to the server for every
// client that needs a connection there, as late as that client's first query.
describe('a client that PgBouncer accepted before the password changed, and that sends its first query afterwards', () => {
  const bouncer = useServer(() => startPgbouncer(database.server, { pool_mode: 'session', server_login_retry: '1' }))
  const world = pgbouncerWorld(database, bouncer)

  const logIn = async (user: string, password: string): Promise<pg.Client> => {
    const client = new pg.Client({ host: '127.0.0.1', port: bouncer.server.port, user, password, database: 'postgres' })
    await client.connect()
    return client
  }

  const untilRefusedTwice = (username: string): Promise<unknown> =>
    eventually(() => expect(world.refusedLogins(username)).toBeGreaterThanOrEqual(2))

  it('waits while PgBouncer repeats the rejected login, until some client logs in with the new password', async () => {
    const { username, password } = await world.makeUser()
    const working = await logIn(username, password)
    await working.query(whoAmI)
    const waiting = await logIn(username, password)
    await world.setPassword(username, 'new')
    let isAnswered = false
    const answer = waiting.query(whoAmI).finally(() => {
      isAnswered = true
    })
    await untilRefusedTwice(username)
    expect(isAnswered).toBe(false)
    const other = await logIn(username, 'new')
    expect((await answer).rows).toEqual([{ me: username }])
    await Promise.all([working, waiting, other].map(client => client.end()))
  })

  it('waits until its pool has moved', () =>
    playScene(world, {}, async ({ pool, put, user }) => {
      const [working, waiting] = [await pool.hold(), await pool.hold()]
      await working.whoAmI()
      await world.setPassword(user.username, 'new')
      const answer = waiting.whoAmI()
      await untilRefusedTwice(user.username)
      await put({ ...user, password: 'new' })
      expect(await answer).toBe(user.username)
      working.release()
      waiting.release()
    }))

  it.each([
    { where: 'the function that rotates logs in through PgBouncer', strategy: 'single-user', through: true },
    { where: 'two users alternate', strategy: 'alternating-users', through: false },
  ] as const)('does not wait where $where', ({ strategy, through }) =>
    playScene(
      world,
      { strategy, secret: user => ({ ...user, ...(through && { port: bouncer.server.port, ssl: false }) }) },
      async ({ pool, rotate, user }) => {
        const [working, waiting] = [await pool.hold(), await pool.hold()]
        await working.whoAmI()
        await rotate({ announced: false })
        expect(await waiting.whoAmI()).toBe(user.username)
        expect(world.refusedLogins(user.username)).toBe(0)
        working.release()
        waiting.release()
      },
    ),
  )
})

describe('a pool that has all connections of PgBouncer to the server', () => {
  const settings = { pool_mode: 'session', default_pool_size: '2' } as const
  const bouncer = useServer(() => startPgbouncer(database.server, settings))

  it('makes room for the login that proves the new version', () =>
    playScene(pgbouncerWorld(database, bouncer), { size: 2, connectTimeoutMs: 1_000 }, async ({ pool, rotate, events, user }) => {
      const held = [await pool.hold(), await pool.hold()]
      for (const client of held) await client.whoAmI()
      for (const client of held) client.release()
      await rotate()
      await eventually(() => expect(events.filter(({ type }) => type === 'retired')).toHaveLength(2))
      expect(events).toContainEqual(expect.objectContaining({ type: 'refused', kind: 'full' }))
      expect(await pool.whoAmI()).toBe(user.username)
    }))
})
