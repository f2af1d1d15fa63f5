import { describe, expect, it } from 'vitest'
import { startPgbouncer } from '../../support/pgbouncer.js'
import { eventually, keepQuerying, playScene } from '../../support/pool-scene.js'
import { rejectionOf } from '../../support/rejection.js'
import { useServer } from '../../support/use-server.js'
import { useTestDatabase } from '../postgres/database.js'
import { pgbouncerWorld } from './world.js'

const database = useTestDatabase()

describe.each(['transaction', 'session'] as const)('a pool behind PgBouncer, which pools by %s', mode => {
  // It remembers that a login has failed, and for how long a query waits for one that works: 15 s and 120 s by default.
  const settings = { pool_mode: mode, server_login_retry: '1', query_wait_timeout: '3' }
  const bouncer = useServer(() => startPgbouncer(database.server, settings))

  const world = pgbouncerWorld(database, bouncer)

  it('fails no query in rotations that are announced', () =>
    playScene(world, {}, async ({ pool, rotate, user, events }) => {
      // One that logs in during a rotation may have the new password already: then it is not retired.
      const allFiveAreOpen = async (): Promise<void> => {
        const held = await Promise.all(Array.from({ length: 5 }, () => pool.hold()))
        for (const client of held) client.release()
      }
      await allFiveAreOpen()
      const stop = keepQuerying(pool, 10)
      for (let turn = 1; turn <= 3; turn += 1) {
        await allFiveAreOpen()
        await rotate()
        await eventually(() => expect(events.filter(({ type }) => type === 'retired')).toHaveLength(5 * turn))
      }
      expect(await pool.whoAmI()).toBe(user.username)
      expect(await stop()).toEqual([])
    }))

  it('takes 08P01 at the login for a refusal: a rotation that nobody announces costs one refresh', () =>
    playScene(world, { size: 10 }, async ({ pool, rotate, user, reads }) => {
      await Promise.all(Array.from({ length: 10 }, () => pool.whoAmI()))
      await rotate({ announced: false })
      await bouncer.server.restart()
      await eventually(() => expect(pool.openConnections()).toBe(0))
      const answers = await Promise.all(Array.from({ length: 20 }, () => pool.whoAmI()))
      expect(new Set(answers)).toEqual(new Set([user.username]))
      expect(reads).toEqual(['AWSCURRENT', 'AWSCURRENT'])
    }))

  it('fails no query in a rotation that nobody announces while the pool grows', () =>
    playScene(world, { size: 10 }, async ({ pool, rotate, user }) => {
      const held = await pool.hold()
      await rotate({ announced: false })
      const stop = keepQuerying(pool, 20)
      await eventually(() => expect(pool.openConnections()).toBe(10))
      expect(await held.whoAmI()).toBe(user.username)
      held.release()
      expect(await stop()).toEqual([])
    }))

  it('gives the error to a client that was handed out, and never that client to anyone else', () =>
    playScene(world, { size: 1 }, async ({ pool, rotate, user }) => {
      const held = await pool.hold()
      await held.whoAmI()
      await rotate({ announced: false })
      await world.kill(user.username)
      await eventually(async () => expect(await world.sessions(user.username)).toBe(0))
      expect(await rejectionOf(held.whoAmI())).toBeInstanceOf(Error)
      held.release()
      expect(await pool.whoAmI()).toBe(user.username)
      expect(pool.openConnections()).toBe(1)
    }))
})
