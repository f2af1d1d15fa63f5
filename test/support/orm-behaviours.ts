import { randomUUID } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { SecretCache } from '../../src/index.js'
import type { RotationHandlerOptions } from '../../src/rotation/index.js'
import { eventsDuring } from './events-during.js'
import { serveToExample } from './example-world.js'
import { eventually, type PoolWorld } from './pool-scene.js'
import { rejectionOf } from './rejection.js'
import { type DatabaseFields, masterNamed, type Rotating, rotating } from './rotating.js'

/** What the example of an ORM, or of a driver, exports. */
export interface OrmExample {
  readonly secrets: SecretCache
  /** In a transaction. */
  placeOrder(item: string): Promise<void>
  /** Outside of one. */
  countOrders(item: string): Promise<number>
  close(): Promise<void>
}

/** A database server with a table `orders` for its users. */
type OrmWorld = Pick<
  PoolWorld,
  'makeUser' | 'masterSecret' | 'engine' | 'setPassword' | 'sessions' | 'refusedLogins' | 'isAuthError'
>

const strategies = ['alternating-users', 'single-user'] as const

/** What the example of an ORM must do, on a real server. Each is loaded anew for each test. */
export function describeOrms(world: OrmWorld, examples: Readonly<Record<string, () => Promise<OrmExample>>>): void {
  describe.each(Object.entries(examples))('%s', (_name, load) => {
    it.each(strategies)('loses no query while rotations are announced, and moves with each (%s)', async strategy => {
      const item = randomUUID()
      const { user, rotation, moves, example } = await openExample(world, { strategy, engine: world.engine() }, load)
      const work = keepOrdering(example, item, 8)
      const other = strategy === 'single-user' ? user.username : `${user.username}_clone`
      for (const from of [user.username, other]) {
        await eventually(async () => expect(await world.sessions(from)).toBeGreaterThan(1))
        const events = await eventsDuring(rotation.fake, () => rotation.rotate('db'))
        for (const event of events) await example.secrets.handleRotationEvent(event)
        const { VersionId } = rotation.fake.perform('GetSecretValue', { SecretId: 'db' })
        await eventually(() => expect(moves.at(-1)).toBe(VersionId))
        if (strategy === 'alternating-users') await eventually(async () => expect(await world.sessions(from)).toBe(0))
      }
      const { placed, failures } = await work.stop()
      expect(failures).toEqual([])
      expect(placed).toBeGreaterThan(0)
      expect(await example.countOrders(item)).toBe(placed)
      await example.close()
      await eventually(async () => expect(await world.sessions(user.username)).toBe(0))
    })

    it.each(strategies)('loses no query while new logins are rejected and no event has come (%s)', async strategy => {
      const item = randomUUID()
      const { user, rotation, moves, example } = await openExample(world, { strategy, engine: world.engine() }, load)
      const works = [keepOrdering(example, item, 2)]
      await eventually(() => expect(moves).not.toEqual([]))
      if (strategy === 'single-user') {
        await beginRotation(world, rotation, user)
      } else {
        // The second rotation changes the password of the first user.
        await rotation.rotate('db')
        await rotation.rotate('db')
      }
      works.push(keepOrdering(example, item, 8))
      await eventually(() => expect(world.refusedLogins(user.username)).toBeGreaterThan(0))
      await eventually(() => expect(new Set(moves).size).toBeGreaterThan(1))
      const results = await Promise.all(works.map(work => work.stop()))
      expect(results.flatMap(({ failures }) => failures)).toEqual([])
      expect(await example.countOrders(item)).toBe(results.reduce((sum, { placed }) => sum + placed, 0))
      await example.close()
    })

    it('fails with an error that isAuthError does not take for a refused login if a statement is wrong', async () => {
      const user = await world.makeUser()
      await serve(rotating({ db: user }, { strategy: 'single-user', engine: world.engine() }))
      const example = await load()
      expect(await rejectionOf(example.placeOrder(null as never))).not.toSatisfy(world.isAuthError)
      expect(await example.countOrders('nothing')).toBe(0)
      await example.close()
    })

    it('fails with an error that isAuthError knows if the password is wrong, in a transaction and outside', async () => {
      const user = { ...(await world.makeUser()), password: 'wrong' }
      await serve(rotating({ db: user }, { strategy: 'single-user', engine: world.engine() }))
      const asks: ((example: OrmExample) => Promise<unknown>)[] = [
        example => example.placeOrder('chair'),
        example => example.countOrders('chair'),
      ]
      for (const ask of asks) expect(await rejectionOf(load().then(ask))).toSatisfy(world.isAuthError)
    })
  })
}

/** Goes as far as the middle of a rotation of one user: the database has the new password, and AWSCURRENT is the old one. */
async function beginRotation(world: OrmWorld, { fake }: Rotating, user: DatabaseFields): Promise<void> {
  const password = randomUUID()
  fake.perform('PutSecretValue', {
    SecretId: 'db',
    SecretString: JSON.stringify({ ...user, password }),
    VersionStages: ['AWSPENDING'],
    ClientRequestToken: randomUUID(),
  })
  await world.setPassword(user.username, password)
}

/** A user, the function that rotates it, and the example on its secret. `moves`: the versions that the example has moved to. */
export async function openExample(
  world: Pick<OrmWorld, 'makeUser' | 'masterSecret'>,
  options: RotationHandlerOptions,
  load: () => Promise<OrmExample>,
): Promise<{ user: DatabaseFields; rotation: Rotating; moves: string[]; example: OrmExample }> {
  const user = masterNamed(await world.makeUser(), options.strategy)
  const rotation = rotating({ db: user, master: { ...world.masterSecret() } }, options)
  await serve(rotation)
  const moves = hearMoves()
  return { user, rotation, moves, example: await load() }
}

/** What is imported from now on, in this test, finds the fake. */
export async function serve({ fake }: Rotating, env: Readonly<Record<string, string>> = { SECRET_ID: 'db' }): Promise<void> {
  await serveToExample(fake, env)
  vi.resetModules()
}

/** Orders that are being placed and counted. */
export interface Ordering {
  readonly placed: number
  stop(): Promise<{ placed: number; failures: unknown[] }>
}

/** The versions that the example's pool or swap moves to while the test runs. */
function hearMoves(): string[] {
  const versions: string[] = []
  const hear = (event: unknown): void => void versions.push((event as { versionId: string }).versionId)
  subscribe('awscurrent:credentials', hear)
  onTestFinished(() => void unsubscribe('awscurrent:credentials', hear))
  return versions
}

/** Places and counts orders until it is told to stop. */
export function keepOrdering({ placeOrder, countOrders }: OrmExample, item: string, workers: number): Ordering {
  const failures: unknown[] = []
  let placed = 0
  let over = false
  const work = async (): Promise<void> => {
    while (!over && failures.length < 100) {
      try {
        await placeOrder(item)
        placed += 1
        await countOrders(item)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  const all = Promise.all(Array.from({ length: workers }, work))
  return {
    get placed() {
      return placed
    },
    async stop() {
      over = true
      await all
      return { placed, failures }
    },
  }
}
