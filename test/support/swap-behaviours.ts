import { describe, expect, it } from 'vitest'
import type { Swap } from '../../src/swap/index.js'
import {
  eventually,
  keepQuerying,
  type PoolWorld,
  playScene,
  type Scene,
  type SceneOptions,
  type TestedPool,
} from './pool-scene.js'
import { rejectionOf } from './rejection.js'
import { newSignal } from './signal.js'

/** What a driver's own pool does for the tests. */
export interface SwappedPool {
  whoAmI(): Promise<string>
  /** Takes a connection out. */
  hold(): Promise<{ whoAmI(): Promise<string>; release(): unknown }>
}

/** Lets a swap be played with as a pool is. */
export function asPool(swap: Swap<SwappedPool>, openConnections: () => number): TestedPool {
  return {
    whoAmI: () => swap.use(pool => pool.whoAmI()),
    hold: () =>
      new Promise((resolve, reject) => {
        const inUse = async (pool: SwappedPool): Promise<void> => {
          const released = newSignal()
          const held = await pool.hold()
          resolve({ whoAmI: () => held.whoAmI(), release: released.happen })
          await released.happened
          await held.release()
        }
        swap.use(inUse).catch(reject)
      }),
    openConnections,
    on: (type, listener) => swap.on(type, event => listener(event as never)),
    end: () => swap.close(),
  }
}

/** What a swap of a driver's pools must do, on a real server. */
export function describeSwap(world: PoolWorld): void {
  const play = (options: SceneOptions, run: (scene: Scene) => Promise<void>): Promise<void> => playScene(world, options, run)

  it.each(['single-user', 'alternating-users'] as const)('a rotation that is announced fails no query (%s)', strategy =>
    play({ strategy }, async ({ pool, rotate, rotation, reads, user, events }) => {
      await pool.whoAmI()
      const stop = keepQuerying(pool, 20)
      for (let turn = 1; turn <= 3; turn += 1) {
        await rotate()
        const { username } = rotation.read('db')
        await eventually(() => expect(events.filter(({ type }) => type === 'retired')).toHaveLength(turn))
        expect(await pool.whoAmI()).toBe(username)
      }
      expect(await stop()).toEqual([])
      if (strategy === 'single-user') return
      // One user's logins may be refused between two steps; then there are more.
      expect(reads).toEqual(['AWSCURRENT', 'AWSCURRENT', 'AWSCURRENT', 'AWSCURRENT'])
      await eventually(async () => expect(await world.sessions(user.username)).toBe(0))
    }),
  )

  it('a connection that is in use is not closed before it is given back', () =>
    play({ strategy: 'alternating-users' }, async ({ pool, rotate, user }) => {
      const held = await pool.hold()
      await rotate()
      await eventually(async () => expect(await pool.whoAmI()).toBe(`${user.username}_clone`))
      expect(await held.whoAmI()).toBe(user.username)
      held.release()
      await eventually(async () => expect(await world.sessions(user.username)).toBe(0))
    }))

  it('a rotation that nobody announces costs one refresh, however many queries are refused', () =>
    play({}, async ({ pool, rotate, reads, user, loseConnections }) => {
      await Promise.all(Array.from({ length: 20 }, () => pool.whoAmI()))
      await rotate({ announced: false })
      await loseConnections()
      const answers = await Promise.all(Array.from({ length: 20 }, () => pool.whoAmI()))
      expect(new Set(answers)).toEqual(new Set([user.username]))
      expect(reads).toEqual(['AWSCURRENT', 'AWSCURRENT'])
    }))

  describe.each([
    ['readable', {}],
    ['denied', { pendingDenied: true }],
  ])('between set and finish of a rotation, with AWSPENDING %s', (_, how) => {
    it('no query fails', () => {
      const [inWindow, finish] = [newSignal(), newSignal()]
      const before: SceneOptions['before'] = async ({ Step }) => {
        if (Step !== 'finishSecret') return
        inWindow.happen()
        await finish.happened
      }
      return play({ ...how, before }, async ({ pool, rotate, events, user, loseConnections }) => {
        await pool.whoAmI()
        const rotated = rotate()
        await inWindow.happened
        await loseConnections()
        const stop = keepQuerying(pool, 8)
        await eventually(() => expect(events).toContainEqual(expect.objectContaining({ phase: 'opened' })))
        finish.happen()
        await rotated
        await eventually(() => expect(events.at(-1)).toMatchObject({ type: expect.stringMatching(/credentials|retired/) }))
        expect(await pool.whoAmI()).toBe(user.username)
        expect(await stop()).toEqual([])
      })
    })
  })

  it('a version that is wrong never replaces a pool that works, and its logins are few', () =>
    play({}, async ({ pool, put, user, events }) => {
      await pool.whoAmI()
      await put({ ...user, password: 'wrong' })
      await eventually(() => expect(events.at(-1)).toMatchObject({ type: 'refused' }))
      await Promise.all(Array.from({ length: 20 }, () => pool.whoAmI()))
      expect(events.filter(({ type }) => type === 'retired')).toEqual([])
      expect(JSON.stringify(events)).not.toContain('wrong')
      await put({ ...user })
      await eventually(() => expect(events.at(-1)).toMatchObject({ type: 'retired' }))
    }))

  it("a secret that is wrong from the start fails with the driver's own error, and costs two logins", () =>
    play({ secret: user => ({ ...user, password: 'wrong' }) }, async ({ pool, user }) => {
      const errors = await Promise.all(Array.from({ length: 20 }, () => rejectionOf(pool.whoAmI())))
      for (const error of errors) expect(error).toSatisfy(world.isAuthError)
      expect(world.refusedLogins(user.username)).toBe(2)
    }))
}
