import { setTimeout as sleep } from 'node:timers/promises'
import mysql from 'mysql2/promise'
import { describe, expect, inject, it } from 'vitest'
import { ManualClock } from '../../../src/testing/index.js'
import { eventually, keepQuerying, type PoolWorld, playScene, type Scene, type SceneOptions } from '../../support/pool-scene.js'
import { rejectionOf } from '../../support/rejection.js'
import type { DatabaseFields } from '../../support/rotating.js'
import { readLog } from '../../support/server-process.js'
import { startSlowRefusals } from '../../support/slow-refusals.js'
import { useTestDatabase } from './database.js'
import { withPromises } from './open-pool.js'
import { mysqlWorld } from './world.js'

const isMysql = inject('mysqlServer') === 'mysql'
const database = useTestDatabase(isMysql ? {} : { flags: { 'max-password-errors': '4' } })

const world: PoolWorld = {
  ...mysqlWorld(database),
  async makeUser() {
    const user = await database.makeUser()
    if (isMysql) await database.admin.query(`ALTER USER ${user.username}@'%' FAILED_LOGIN_ATTEMPTS 4 PASSWORD_LOCK_TIME 1`)
    return user
  },
  // Errors are readable on the way for who delays them.
  open: withPromises(() => undefined),
}

/** How often anyone has come to log in as a user: of those who meet a locked account, the servers log nothing else. */
const loginsOf = (username: string): number => readLog(database.server).split(`Connect\t${username}@`).length - 1

const logIn = async ({ username, password }: DatabaseFields): Promise<void> => {
  const { host, port } = database.server
  await (await mysql.createConnection({ host, port, user: username, password })).end()
}

/** A scene with a rotation of one user that stops between its steps. */
interface InWindow extends Scene {
  /** The database gets a new password, which is AWSPENDING. Resolves with what the user logs in with from then on. */
  setPassword(): Promise<DatabaseFields>
  /** AWSPENDING becomes AWSCURRENT, and the cache hears of it. */
  finish(): Promise<void>
}

function play(options: SceneOptions, run: (scene: InWindow) => Promise<void>): Promise<void> {
  return playScene(world, options, scene => {
    const { fake, cache, user } = scene
    let pending = ''
    return run({
      ...scene,
      async setPassword() {
        const password = 'the new one'
        const value = { ...(options.secret?.(user) ?? user), password }
        pending = fake.put('db', value, { versionStages: ['AWSPENDING'] }).versionId
        await world.setPassword(user.username, password)
        return { ...user, password }
      },
      async finish() {
        await cache.handleRotationEvent(fake.moveCurrent('db', pending))
      },
    })
  })
}

interface Case {
  pendingIs: string
  how: SceneOptions
  /** Where AWSPENDING helps, no time has to pass; where it does not, enough to spend all logins that are allowed in half a minute. */
  windowMs: number
}

const cases: Case[] = [
  { pendingIs: 'readable', how: {}, windowMs: 0 },
  { pendingIs: 'denied', how: { pendingDenied: true }, windowMs: 7_000 },
  { pendingIs: 'not wanted', how: { pool: { tryPending: false } }, windowMs: 7_000 },
]

describe.each(cases)('an account that four failed logins lock, with AWSPENDING $pendingIs', ({ how, windowMs }) => {
  /** What there is to see after the pool has met the window. */
  const endWindow = async ({ pool, user, finish }: InWindow, stop: () => Promise<unknown[]>, renewed: DatabaseFields) => {
    if (windowMs === 0) expect(await pool.whoAmI()).toBe(user.username)
    await sleep(windowMs)
    await finish()
    expect(await pool.whoAmI()).toBe(user.username)
    expect(await stop()).toEqual([])
    expect(world.refusedLogins(user.username)).toBeGreaterThanOrEqual(1)
    expect(world.refusedLogins(user.username)).toBeLessThanOrEqual(3)
    await logIn(renewed)
  }

  it('is not locked in a window, and no query fails', () =>
    play(how, async scene => {
      const { pool, setPassword, loseConnections } = scene
      await Promise.all(Array.from({ length: 5 }, () => pool.whoAmI()))
      const renewed = await setPassword()
      await loseConnections()
      await endWindow(scene, keepQuerying(pool, 20), renewed)
    }))

  it('is not locked while a pool grows from one connection to twenty', () =>
    play({ ...how, size: 20 }, async scene => {
      const { pool, setPassword } = scene
      const held = await pool.hold()
      const renewed = await setPassword()
      const stop = keepQuerying(pool, 20)
      expect(await held.whoAmI()).toBe(scene.user.username)
      await endWindow(scene, stop, renewed)
      held.release()
    }))

  it('is not locked where refusals take a second and a half', async () => {
    await using slow = await startSlowRefusals(database.server.port, 1_500)
    const secret = (user: object): Record<string, unknown> => ({ ...user, host: '127.0.0.1', port: slow.port })
    await play({ ...how, secret, size: 20 }, async scene => {
      const { pool, setPassword, loseConnections } = scene
      await Promise.all(Array.from({ length: 20 }, () => pool.whoAmI()))
      const renewed = await setPassword()
      await loseConnections()
      await endWindow(scene, keepQuerying(pool, 20), renewed)
    })
  })
})

it('a locked account is asked once a minute, and used once it is unlocked', () => {
  const clock = new ManualClock()
  return play({ cache: { clock, ttlMs: 86_400_000 } }, async ({ pool, user, events, loseConnections }) => {
    await pool.whoAmI()
    for (let attempt = 0; attempt < 4; attempt += 1) await rejectionOf(logIn({ ...user, password: 'wrong' }))
    await clock.advance(2_000)
    await loseConnections()
    const asked = loginsOf(user.username)
    for (let minute = 1; minute <= 3; minute += 1) {
      const errors = await Promise.all(Array.from({ length: 20 }, () => rejectionOf(pool.whoAmI())))
      for (const error of errors) expect(error).toMatchObject({ errno: isMysql ? 3955 : 4150 })
      expect(loginsOf(user.username)).toBe(asked + minute)
      // Pauses are longer by up to a quarter.
      await clock.advance(76_000)
    }
    expect(events).toContainEqual(expect.objectContaining({ type: 'refused', kind: 'locked' }))
    await database.admin.query(isMysql ? `ALTER USER ${user.username}@'%' ACCOUNT UNLOCK` : 'FLUSH PRIVILEGES')
    await eventually(async () => expect(await pool.whoAmI()).toBe(user.username))
  })
})
