import { describe, expect, it } from 'vitest'
import { isSecretCacheError } from '../../src/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { eventually, keepQuerying, type PoolWorld, playScene, type Scene, type SceneOptions } from './pool-scene.js'
import { rejectionOf } from './rejection.js'
import { newSignal } from './signal.js'

/** What every pool that follows a secret must do, on a real server. */
export function describePool(world: PoolWorld): void {
  const play = (options: SceneOptions, run: (scene: Scene) => Promise<void>): Promise<void> => playScene(world, options, run)
  const strategies = ['single-user', 'alternating-users'] as const

  describe('a rotation that is announced', () => {
    it.each(strategies)('fails no query, costs one read and leaves no old connection (%s)', strategy =>
      play({ strategy }, async ({ pool, rotate, rotation, reads, user, events }) => {
        const told = (type: string): number => events.filter(event => event.type === type).length
        await pool.whoAmI()
        const stop = keepQuerying(pool, 20)
        for (let turn = 1; turn <= 3; turn += 1) {
          const before = rotation.read('db').username
          // All five connections are there when it begins: one that logs in during it may have to use AWSPENDING.
          await eventually(async () => expect(await world.sessions(before)).toBeGreaterThanOrEqual(5))
          await rotate()
          const { username } = rotation.read('db')
          await eventually(async () => expect(await pool.whoAmI()).toBe(username))
          await eventually(() => expect([told('credentials'), told('retired')]).toEqual([turn + 1, 5 * turn]))
        }
        expect(await stop()).toEqual([])
        expect(reads).toEqual(['AWSCURRENT', 'AWSCURRENT', 'AWSCURRENT', 'AWSCURRENT'])
        if (strategy === 'alternating-users') await eventually(async () => expect(await world.sessions(user.username)).toBe(0))
      }),
    )

    it('lets a transaction end on the connection that it began on, and closes that connection then', () =>
      play({ strategy: 'alternating-users' }, async ({ pool, rotate, user, events }) => {
        const held = await pool.hold()
        await rotate()
        await eventually(async () => expect(await pool.whoAmI()).toBe(`${user.username}_clone`))
        expect(await held.whoAmI()).toBe(user.username)
        held.release()
        await eventually(async () => expect(await world.sessions(user.username)).toBe(0))
        const retired = events.filter(event => event.type === 'retired')
        expect(new Set(retired.map(({ user }) => user))).toEqual(new Set([user.username]))
      }))

    it('moves a pool that is idle and full', () =>
      play({ strategy: 'alternating-users', size: 3 }, async ({ pool, rotate, user }) => {
        const held = await Promise.all([pool.hold(), pool.hold(), pool.hold()])
        for (const connection of held) connection.release()
        await eventually(async () => expect(await world.sessions(user.username)).toBe(3))
        await rotate()
        await eventually(async () => expect(await world.sessions(user.username)).toBe(0))
        expect(await pool.whoAmI()).toBe(`${user.username}_clone`)
      }))
  })

  describe('a rotation that nobody announces', () => {
    it('of one user costs one refresh, however many connections are refused', () =>
      play({ size: 20 }, async ({ pool, rotate, reads, user, loseConnections }) => {
        await Promise.all(Array.from({ length: 20 }, () => pool.whoAmI()))
        await rotate({ announced: false })
        await loseConnections()
        const answers = await Promise.all(Array.from({ length: 40 }, () => pool.whoAmI()))
        expect(new Set(answers)).toEqual(new Set([user.username]))
        expect(reads).toEqual(['AWSCURRENT', 'AWSCURRENT'])
      }))

    it('of two users is noticed at the end of the TTL', () =>
      play({ strategy: 'alternating-users', cache: { ttlMs: 300 } }, async ({ pool, rotate, user }) => {
        const stop = keepQuerying(pool, 5)
        await rotate({ announced: false })
        await eventually(async () => expect(await world.sessions(user.username)).toBe(0))
        expect(await stop()).toEqual([])
        expect(await pool.whoAmI()).toBe(`${user.username}_clone`)
      }))
  })

  describe('between set and finish of a rotation', () => {
    /** Rotates, and stops before the last step until `finish` is called. */
    const window = (): SceneOptions & { inWindow: Promise<void>; finish(): void } => {
      const inWindow = newSignal()
      const finish = newSignal()
      return {
        inWindow: inWindow.happened,
        finish: finish.happen,
        before: async ({ Step }) => {
          if (Step !== 'finishSecret') return
          inWindow.happen()
          await finish.happened
        },
      }
    }

    it('logs in with AWSPENDING, and keeps those connections when it becomes AWSCURRENT', () => {
      const { inWindow, finish, ...options } = window()
      return play(options, async ({ pool, rotate, reads, events, loseConnections }) => {
        await pool.whoAmI()
        const rotated = rotate()
        await inWindow
        await loseConnections()
        await Promise.all(Array.from({ length: 5 }, () => pool.whoAmI()))
        expect(events.filter(({ type }) => type === 'credentials').at(-1)).toMatchObject({ pending: true })
        finish()
        await rotated
        await eventually(() => expect(events.at(-1)).toMatchObject({ type: 'credentials', pending: false }))
        await Promise.all(Array.from({ length: 5 }, () => pool.whoAmI()))
        expect(events.filter(({ type }) => type === 'retired')).toEqual([])
        expect(reads).toEqual(['AWSCURRENT', 'AWSCURRENT', 'AWSPENDING', 'AWSCURRENT'])
      })
    })

    it.each([
      ['is denied', { pendingDenied: true }],
      ['is not wanted', { pool: { tryPending: false } }],
    ])('waits where AWSPENDING %s', (_, how) => {
      const { inWindow, finish, ...options } = window()
      return play({ ...options, ...how }, async ({ pool, rotate, user, events, loseConnections }) => {
        await pool.whoAmI()
        const rotated = rotate({ announced: false })
        await inWindow
        await loseConnections()
        const answers = Promise.all(Array.from({ length: 8 }, () => pool.whoAmI()))
        await eventually(() => expect(events).toContainEqual(expect.objectContaining({ type: 'window', phase: 'opened' })))
        finish()
        await rotated
        expect(new Set(await answers)).toEqual(new Set([user.username]))
        await eventually(() => expect(events).toContainEqual(expect.objectContaining({ type: 'window', phase: 'closed' })))
      })
    })

    it('serves who waits with a connection that becomes idle', () => {
      const { inWindow, finish, ...options } = window()
      return play({ ...options, pendingDenied: true, size: 2 }, async ({ pool, rotate, events }) => {
        const held = await pool.hold()
        const rotated = rotate({ announced: false })
        await inWindow
        const answer = pool.whoAmI()
        await eventually(() => expect(events).toContainEqual(expect.objectContaining({ type: 'window', phase: 'opened' })))
        held.release()
        await answer
        expect(events).not.toContainEqual(expect.objectContaining({ phase: 'closed' }))
        finish()
        await rotated
      })
    })

    it("ends with the driver's own error after the driver's own time", () =>
      play({ connectTimeoutMs: 400, pool: { tryPending: false } }, async ({ pool, user, loseConnections }) => {
        await pool.whoAmI()
        await world.setPassword(user.username, 'set by hand')
        await loseConnections()
        expect(await rejectionOf(pool.whoAmI())).toSatisfy(world.isAuthError)
      }))
  })

  describe('credentials that are wrong', () => {
    const wrong = { secret: (user: object) => ({ ...user, password: 'wrong' }) }

    it('cost two logins, then none for a minute, whoever asks', () => {
      const clock = new ManualClock()
      return play({ ...wrong, cache: { clock, ttlMs: 3_600_000 } }, async ({ pool, user }) => {
        const asked = Promise.all(Array.from({ length: 20 }, () => rejectionOf(pool.whoAmI())))
        for (const error of await asked) expect(error).toSatisfy(world.isAuthError)
        expect(await rejectionOf(pool.whoAmI())).toSatisfy(world.isAuthError)
        expect(world.refusedLogins(user.username)).toBe(2)
        await clock.advance(61_000)
        const later = Promise.all(Array.from({ length: 20 }, () => rejectionOf(pool.whoAmI())))
        for (const error of await later) expect(error).toSatisfy(world.isAuthError)
        expect(world.refusedLogins(user.username)).toBe(3)
      })
    })

    it('though they have worked, cost three logins in half a minute and then one a minute, however many connections are opened', () => {
      const clock = new ManualClock()
      const size = 20
      return play({ size, cache: { clock, ttlMs: 86_400_000 } }, async ({ pool, user, events, loseConnections }) => {
        await Promise.all(Array.from({ length: size }, () => pool.whoAmI()))
        await clock.advance(2_000)
        await world.setPassword(user.username, 'set by hand')
        await loseConnections()
        const errors = Promise.all(Array.from({ length: 2 * size }, () => rejectionOf(pool.whoAmI())))
        await eventually(() => expect(events.at(-1)).toMatchObject({ type: 'window', phase: 'opened' }))
        for (let second = 0; second < 30; second += 1) await clock.advance(1_000)
        expect(world.refusedLogins(user.username)).toBeLessThanOrEqual(3)
        await eventually(async () => {
          await clock.advance(1_000)
          expect(events.at(-1)).toMatchObject({ type: 'refused' })
        })
        for (const error of await errors) expect(error).toSatisfy(world.isAuthError)
        const before = world.refusedLogins(user.username)
        for (let minute = 0; minute < 6; minute += 1) {
          await clock.advance(60_000)
          for (let query = 0; query < 5; query += 1) expect(await rejectionOf(pool.whoAmI())).toSatisfy(world.isAuthError)
        }
        expect(world.refusedLogins(user.username) - before).toBeLessThanOrEqual(6)
        expect(world.refusedLogins(user.username) - before).toBeGreaterThanOrEqual(3)
      })
    })

    it('are left as soon as the secret moves', () =>
      play(wrong, async ({ pool, put, user }) => {
        expect(await rejectionOf(pool.whoAmI())).toSatisfy(world.isAuthError)
        await put({ ...user })
        await eventually(async () => expect(await pool.whoAmI()).toBe(user.username))
      }))

    it('never empty a healthy pool, and are said once', () =>
      play({}, async ({ pool, put, user, events, loseConnections }) => {
        await pool.whoAmI()
        await put({ ...user, password: 'wrong' })
        await eventually(() => expect(events.at(-1)).toMatchObject({ type: 'refused', secretId: 'db' }))
        await Promise.all(Array.from({ length: 5 }, () => pool.whoAmI()))
        await loseConnections()
        expect(events.filter(({ type }) => type === 'retired')).toEqual([])
        expect(JSON.stringify(events)).not.toContain('wrong')
        expect(JSON.stringify(events)).not.toContain(user.password)
      }))

    it('of an AWSPENDING that was left over are tried once', () =>
      play({ connectTimeoutMs: 2_000 }, async ({ pool, fake, user, loseConnections }) => {
        await pool.whoAmI()
        fake.put('db', { ...user, password: 'left over' }, { versionStages: ['AWSPENDING'] })
        await world.setPassword(user.username, 'set by hand')
        await loseConnections()
        expect(await rejectionOf(pool.whoAmI())).toSatisfy(world.isAuthError)
        expect(world.refusedLogins(user.username)).toBeLessThanOrEqual(6)
      }))
  })

  describe('a secret that cannot be used', () => {
    it.each([
      ['has no password', { password: undefined }, 'ERR_SECRET_SCHEMA', 'password'],
      ['has no username', { username: undefined }, 'ERR_SECRET_SCHEMA', 'username'],
      ['has a port that is no number', { port: 'five' }, 'ERR_SECRET_SCHEMA', 'port'],
      ['is of another database', { engine: 'oracle' }, 'ERR_SECRET_SCHEMA', 'engine'],
    ])('since it %s fails with one clear error, and leaves a pool that works', (_, fields, code, field) =>
      play({ secret: user => ({ ...user, ...fields }) }, async ({ pool, put, user, events }) => {
        const error = await rejectionOf(pool.whoAmI())
        expect(isSecretCacheError(error) && error.code).toBe(code)
        expect(String(error)).toContain(field)
        expect(String(error)).toContain('db')
        await put({ ...user })
        await eventually(async () => expect(await pool.whoAmI()).toBe(user.username))
        await put({ ...user, ...fields })
        await eventually(() => expect(events.at(-1)).toMatchObject({ type: 'refused', code }))
        expect(await pool.whoAmI()).toBe(user.username)
      }),
    )

    it('since its host cannot be reached fails with the error of the driver, which is not tried again', () =>
      play({ secret: user => ({ ...user, host: '127.0.0.1', port: 1 }) }, async ({ pool, reads, put, user }) => {
        const errors = await Promise.all(Array.from({ length: 5 }, () => rejectionOf(pool.whoAmI())))
        expect(errors.map(({ code }) => code as string)).toEqual(Array(5).fill('ECONNREFUSED'))
        // It may have moved: that is looked up once in ten seconds.
        expect(reads).toEqual(['AWSCURRENT', 'AWSCURRENT'])
        await put({ ...user })
        await eventually(async () => expect(await pool.whoAmI()).toBe(user.username))
      }))

    it('since the cache is denied it lets nobody log in', () =>
      play({ cache: { ttlMs: 100, staleWhileRevalidateMs: 0 } }, async ({ pool, fake, user }) => {
        await pool.whoAmI()
        fake.inject({ operation: 'GetSecretValue', error: 'AccessDeniedException' })
        await eventually(async () => {
          await world.kill(user.username)
          expect(isSecretCacheError(await rejectionOf(pool.whoAmI()))).toBe(true)
        })
        fake.recover()
        await eventually(async () => expect(await pool.whoAmI()).toBe(user.username))
      }))
  })

  it('the secret of a pool is never evicted', () =>
    play({ cache: { maxEntries: 1 } }, async ({ pool, cache, fake, reads }) => {
      await pool.whoAmI()
      fake.create('other', 'text')
      await cache.getSecretString('other')
      reads.length = 0
      await cache.getSecretString('db')
      expect(reads).toEqual([])
    }))

  it('a secret that was deleted and made again moves a pool that has an idle connection for everybody', () =>
    play({}, async ({ pool, cache, fake, user }) => {
      await pool.whoAmI()
      fake.perform('DeleteSecret', { SecretId: 'db', ForceDeleteWithoutRecovery: true })
      cache.invalidate('db')
      await rejectionOf(cache.getSecret('db'))
      expect(await pool.whoAmI()).toBe(user.username)
      const other = await world.makeUser()
      fake.create('db', { ...other })
      await cache.refreshNow('db')
      await eventually(async () => expect(await pool.whoAmI()).toBe(other.username))
    }))

  it('who waits for a connection that is in use hears in time that no other can be made', () =>
    play({ size: 2, connectTimeoutMs: 1_000 }, async ({ pool, user }) => {
      const held = await pool.hold()
      await world.setPassword(user.username, 'another')
      const errors = await Promise.all(Array.from({ length: 6 }, () => rejectionOf(pool.whoAmI())))
      for (const error of errors) expect(error).toSatisfy(world.isAuthError)
      await world.setPassword(user.username, user.password)
      held.release()
      expect(await pool.whoAmI()).toBe(user.username)
    }))

  it('the end of a pool settles who waits for a connection', () =>
    play({ size: 1 }, async ({ pool }) => {
      const held = await pool.hold()
      const waiting = Promise.allSettled([pool.whoAmI(), pool.whoAmI()])
      const ended = pool.end()
      held.release()
      await ended
      expect(await waiting).toHaveLength(2)
      await expect(pool.whoAmI()).rejects.toThrow()
    }))

  it('the end of a pool settles who waits for credentials', () =>
    play({ pool: { tryPending: false } }, async ({ pool, user, events, loseConnections }) => {
      await pool.whoAmI()
      await world.setPassword(user.username, 'set by hand')
      await loseConnections()
      const waiting = rejectionOf(pool.whoAmI())
      await eventually(() => expect(events).toContainEqual(expect.objectContaining({ type: 'window' })))
      await pool.end()
      expect(await waiting).toSatisfy(world.isAuthError)
    }))
}
