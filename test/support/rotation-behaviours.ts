import { expect, it, onTestFinished } from 'vitest'
import type { RotationHandlerOptions, RotationStrategy } from '../../src/rotation/index.js'
import { keepOrdering, type OrmExample, openExample } from './orm-behaviours.js'
import { eventually } from './pool-scene.js'
import type { DatabaseFields } from './rotating.js'

/** A database whose users can be rotated. */
export interface RotationWorld {
  makeUser(): Promise<DatabaseFields>
  masterSecret(): DatabaseFields
  rotationBy(strategy: RotationStrategy): RotationHandlerOptions
}

/** What an example must do in rotations of every kind, on a real server. It is loaded anew for each test. */
export function describeRotations(world: RotationWorld, load: () => Promise<OrmExample>): void {
  const item = 'chair'

  async function open(strategy: RotationStrategy) {
    const { rotation, example } = await openExample(world, world.rotationBy(strategy), load)
    onTestFinished(() => example.close())
    return { rotation, example, before: await example.countOrders(item) }
  }

  it.each(['single-user', 'alternating-users'] as const)('no work fails in rotations that are announced (%s)', async strategy => {
    const { rotation, example, before } = await open(strategy)
    onTestFinished(rotation.fake.onEvent(event => void example.secrets.handleRotationEvent(event)))
    let all = before
    // What runs while one rotation does has ended before the next, as it has where a rotation is a matter of days.
    for (let turn = 1; turn <= 3; turn += 1) {
      const work = keepOrdering(example, item, 8)
      await eventually(() => expect(work.placed).toBeGreaterThan(20))
      await rotation.rotate('db')
      const during = work.placed
      await eventually(() => expect(work.placed).toBeGreaterThan(during + 20))
      const { placed, failures } = await work.stop()
      expect(failures).toEqual([])
      all += placed
    }
    expect(await example.countOrders(item)).toBe(all)
  })

  it.each(['single-user', 'alternating-users'] as const)(
    'no work fails after rotations that nobody announced (%s)',
    async strategy => {
      const { rotation, example, before } = await open(strategy)
      // One connection is open by now. With the second rotation each user has another password.
      for (let turn = 1; turn <= 2; turn += 1) await rotation.rotate('db')
      const work = keepOrdering(example, item, 8)
      await eventually(() => expect(work.placed).toBeGreaterThan(20))
      const { placed, failures } = await work.stop()
      expect(failures).toEqual([])
      expect(await example.countOrders(item)).toBe(before + placed)
      expect(JSON.parse(String(example.secrets.peek('db')?.text()))).toEqual(rotation.read('db'))
    },
  )
}
