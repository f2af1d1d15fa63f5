import { describe, expect, it } from 'vitest'
import { settled } from '../support/deferred-source.js'
import { rejectionOf } from '../support/rejection.js'
import { newSignal } from '../support/signal.js'
import { outage, refusal, type Swapped, swapped } from './swapped.js'

/** A swap that works, whose server has just stopped taking its key. */
async function refused(keys: string[], options?: Parameters<typeof swapped>[0]): Promise<Swapped> {
  const scene = swapped(options)
  await scene.call()
  scene.server.keys = new Set(keys)
  return scene
}

describe('work that is refused', () => {
  it('runs once more on the client of the newer version: one read and one client for all', async () => {
    const { call, rotate, made, reads } = await refused(['two'])
    await rotate('two', { announced: false })
    expect(new Set(await Promise.all(Array.from({ length: 50 }, call)))).toEqual(new Set(['two']))
    expect([made.length, reads()]).toEqual([2, ['AWSCURRENT', 'AWSCURRENT']])
  })

  it('and refused again on the newer client rejects with that', async () => {
    const { swap, rotate } = await refused(['two'])
    await rotate('two', { announced: false })
    let times = 0
    const work = swap.use(() => {
      times += 1
      throw refusal
    })
    expect([await rejectionOf(work), times]).toEqual([refusal, 2])
  })

  it('for another reason than its credentials rejects, and the client stays', async () => {
    const { swap, made, call, events } = await refused(['one'])
    let times = 0
    const forbidden = swap.use(() => {
      times += 1
      throw refusal
    })
    expect([await rejectionOf(forbidden), times]).toEqual([refusal, 1])
    expect(made.map(({ drained }) => drained)).toEqual([false, true])
    expect(await call()).toBe('one')
    expect(events).toHaveLength(1)
  })

  it('is not tried again for any other error', async () => {
    const { swap, reads } = await refused(['one'])
    const failure = new Error('no such table')
    expect(await rejectionOf(swap.use(() => Promise.reject(failure)))).toBe(failure)
    expect(reads()).toHaveLength(1)
  })

  it('is not tried again where nothing tells a refusal, and an isAuthError that throws tells none', async () => {
    const isAuthError = (): boolean => {
      throw new Error('error.response is undefined')
    }
    const { call, reads } = await refused(['two'], { isAuthError })
    expect(await rejectionOf(call())).toBe(refusal)
    expect(reads()).toHaveLength(1)
  })

  it('while the cache has lost the secret leads to no older version', async () => {
    const { swap, call, cache, fake, server, rotate } = swapped()
    await call()
    server.keys.add('two')
    await rotate('two')
    const goOn = newSignal()
    const work = rejectionOf(swap.use(() => goOn.happened.then(() => Promise.reject(refusal))))
    await settled()
    fake.inject({ error: 'AccessDeniedException' })
    cache.delete('key')
    goOn.happen()
    expect(await work).toBe(refusal)
    await settled()
    fake.recover()
    await cache.refreshNow('key')
    expect(await call()).toBe('two')
  })

  it('while a proof of the newer version is under way waits for that', async () => {
    const { call, rotate, made } = await refused(['two'])
    const rotated = rotate('two')
    expect(await Promise.all([call(), rotated, call()])).toEqual(['two', expect.anything(), 'two'])
    await settled()
    expect(made).toHaveLength(2)
  })
})

describe('in the window of a rotation', () => {
  it('runs on with AWSPENDING, whose client stays when that becomes AWSCURRENT', async () => {
    const { call, fake, cache, made, events, reads } = await refused(['two'])
    const { versionId } = fake.put('key', 'two', { versionStages: ['AWSPENDING'] })
    expect(await Promise.all([call(), call()])).toEqual(['two', 'two'])
    expect(events.at(-2)).toMatchObject({ type: 'credentials', pending: true, versionId })
    expect(reads()).toEqual(['AWSCURRENT', 'AWSCURRENT', 'AWSPENDING'])
    await cache.handleRotationEvent(fake.moveCurrent('key', versionId))
    await settled()
    expect(await call()).toBe('two')
    expect(events.at(-1)).toMatchObject({ type: 'credentials', pending: false, versionId })
    // The old one's, the proof that showed that it is refused, and the new one's.
    expect(made).toHaveLength(3)
  })

  it('that is abandoned goes back to AWSCURRENT', async () => {
    const { call, fake, server } = await refused(['two'])
    fake.put('key', 'two', { versionStages: ['AWSPENDING'] })
    expect(await call()).toBe('two')
    server.keys = new Set(['one'])
    expect(await call()).toBe('one')
  })

  it('waits for AWSCURRENT where AWSPENDING is not wanted', async () => {
    const { call, server, rotate, clock, events, reads } = await refused([], { tryPending: false })
    const waiting = call()
    await clock.advance(3_000)
    server.keys.add('two')
    await rotate('two')
    expect(await waiting).toBe('two')
    await settled()
    expect(events.map(event => ('phase' in event ? event.phase : event.type))).toEqual([
      'credentials',
      'opened',
      'closed',
      'credentials',
      'retired',
    ])
    expect(reads()).not.toContain('AWSPENDING')
  })

  it('costs at most three proofs in half a minute, then one a minute; work fails with its own error', async () => {
    const { call, clock, made, events } = await refused([])
    const waiting = rejectionOf(call())
    await clock.advance(30_000)
    expect(made.length - 1).toBeLessThanOrEqual(3)
    await clock.advance(60_000)
    expect(await waiting).toBe(refusal)
    const proofs = made.length - 1
    expect(events.at(-1)).toMatchObject({ type: 'refused', kind: 'refused', code: 'REFUSED' })
    expect(await rejectionOf(call())).toBe(refusal)
    for (let minute = 1; minute <= 8; minute += 1) {
      await clock.advance(60_000)
      expect(await Promise.all([rejectionOf(call()), rejectionOf(call())])).toEqual([refusal, refusal])
    }
    expect(made.length - 1 - proofs).toBeLessThanOrEqual(8)
    expect(made.length - 1 - proofs).toBeGreaterThanOrEqual(4)
  })

  it('costs no more beside a bad new version', async () => {
    const { call, clock, made, rotate, server } = swapped()
    await call()
    await rotate('two')
    await clock.advance(12_000)
    server.keys = new Set()
    void call().catch(() => {})
    await clock.advance(17_000)
    expect(made.length - 1).toBe(3)
  })

  it.each([
    ['is not reached', outage],
    ['answers with another error', new Error('starting up')],
  ])('tries a new version whose server %s after growing pauses, however much work is refused', async (_, error) => {
    const { call, clock, made, rotate, server } = swapped({
      verify: async client => {
        if (client !== made[0]) throw error
        await client.call()
      },
    })
    await call()
    server.keys = new Set()
    await rotate('two')
    for (let time = 0; time < 300; time += 1) {
      void call().catch(() => {})
      await clock.advance(100)
    }
    // At 0, 0.25, 1, 3.25, 10 and 30 s.
    expect(made.length - 1).toBeLessThanOrEqual(6)
    expect(made.length - 1).toBeGreaterThanOrEqual(4)
  })

  it('that found nothing is over as soon as the server takes the version again: the work runs on a new client', async () => {
    const { swap, call, clock, server, made } = await refused([], { rotationWindowMs: 1_000 })
    const waiting = rejectionOf(call())
    await clock.advance(2_000)
    await waiting
    await clock.advance(60_000)
    server.keys = new Set(['one'])
    const [old] = made
    expect(await swap.use(client => (client === old ? Promise.reject(refusal) : client.call()))).toBe('one')
    await settled()
    expect(old?.drained).toBe(true)
  })

  it.each([
    ["another user's AWSPENDING", { username: 'app_clone', password: 'two' }, false],
    ["the same user's AWSPENDING", { username: 'app', password: 'two' }, true],
  ])('%s is told by the user name', async (_, pending, isTried) => {
    const first = { username: 'app', password: 'one' }
    const scene = swapped({ rotationWindowMs: 0 }, { secret: first })
    const { server, call, fake } = scene
    server.keys = new Set([JSON.stringify(first)])
    await call()
    server.keys = new Set([JSON.stringify(pending)])
    fake.put('key', pending, { versionStages: ['AWSPENDING'] })
    expect(await call().catch(() => 'refused')).toBe(isTried ? JSON.stringify(pending) : 'refused')
  })

  it('settles who waits when the swap is closed', async () => {
    const { call, swap, clock } = await refused([])
    const waiting = rejectionOf(call())
    await clock.advance(100)
    const closed = swap.close()
    expect(await waiting).toBe(refusal)
    await closed
    expect(clock.pending).toBe(0)
  })
})

it('work that is refused for want of a right costs one client a second, and hides no window that follows', async () => {
  const { swap, call, made, clock, server, fake } = swapped()
  await call()
  const forbidden = (): Promise<unknown> => rejectionOf(swap.use(() => Promise.reject(refusal)))
  const first = forbidden()
  await clock.advance(1_000)
  expect(await first).toBe(refusal)
  expect(made).toHaveLength(2)
  const later = Promise.all(Array.from({ length: 30 }, forbidden))
  await clock.advance(1_000)
  await later
  expect(made).toHaveLength(3)
  // A window begins: the server takes what is still AWSPENDING.
  fake.put('key', 'two', { versionStages: ['AWSPENDING'] })
  server.keys = new Set(['two'])
  const work = call()
  await clock.advance(1_000)
  expect(await work).toBe('two')
})
