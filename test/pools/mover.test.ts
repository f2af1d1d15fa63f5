import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Login } from '../../src/pools/login.js'
import { settled } from '../support/deferred-source.js'
import { rejectionOf } from '../support/rejection.js'
import { follow, full, outage, refusal, working } from './followed.js'

// Pauses are spread by up to a quarter; these are the shortest.
beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
})
afterEach(() => {
  vi.restoreAllMocks()
})

const thrown = new Error('an error that cannot be looked at')

/** An error of another realm or of a proxy, which throws when its class is asked for. */
const unreadable = new Proxy(new Error('unreadable'), {
  getPrototypeOf() {
    throw thrown
  },
})

describe('the proof of a newer version', () => {
  it.each([
    ['whose server is not reached', outage],
    ['for which the server has no room', full],
    ['that fails for another reason', new Error('no such database')],
  ])('%s is repeated after pauses that triple up to a minute, and told of once', async (_, error) => {
    const followed = follow()
    const { proofs, rotate, clock, events, follower } = followed
    const old = await working(followed)
    await rotate({ password: 'two' })
    const start = clock.now()
    const triedAfter: number[] = []
    await proofs[0]?.fail(error)
    while (proofs.length < 9) {
      await clock.advance(250)
      if (proofs.length === triedAfter.length + 1) continue
      triedAfter.push(clock.now() - start)
      await proofs.at(-1)?.fail(error)
    }
    const pauses = triedAfter.map((at, index) => at - (triedAfter[index - 1] ?? 0))
    expect(pauses).toEqual([250, 750, 2_250, 6_750, 20_250, 60_000, 60_000, 60_000])
    const told = events.filter(({ type }) => type === 'refused')
    expect(told).toMatchObject([{ reason: expect.stringContaining('The pool keeps its credentials, and tries again.') }])
    // Room that is made at the server is kept for the proof for so long.
    await clock.advance(2_000)
    expect(follower.take()).toBe(old)
  })

  it('begins with short pauses again for the version after that, and is told of for each', async () => {
    const followed = follow()
    const { proofs, rotate, clock, events } = followed
    await working(followed)
    const versionIds = [await rotate({ password: 'two' })]
    for (const pauseMs of [250, 750, 2_250]) {
      await proofs.at(-1)?.fail(outage)
      await clock.advance(pauseMs)
    }
    expect(proofs).toHaveLength(4)
    versionIds.push(await rotate({ password: 'three' }))
    await proofs[3]?.fail(outage)
    expect(proofs.map(({ login }) => login.password)).toEqual(['two', 'two', 'two', 'two', 'three'])
    await proofs[4]?.fail(outage)
    await clock.advance(249)
    expect(proofs).toHaveLength(5)
    await clock.advance(1)
    expect(proofs).toHaveLength(6)
    expect(events.filter(({ type }) => type === 'refused')).toMatchObject(versionIds.map(versionId => ({ versionId })))
  })

  it('is repeated after the next longer pause, whatever its database has rejected in between', async () => {
    const followed = follow()
    const { proofs, rotate, clock } = followed
    await working(followed)
    await rotate({ password: 'two' })
    await proofs[0]?.fail(outage)
    await clock.advance(250)
    await proofs[1]?.fail(refusal)
    await clock.advance(5_000)
    await proofs[2]?.fail(outage)
    await clock.advance(749)
    expect(proofs).toHaveLength(3)
    await clock.advance(1)
    expect(proofs).toHaveLength(4)
  })

  it('begins with short pauses again, and is told of again, when the secret moves back to a version that has worked', async () => {
    const followed = follow()
    const { proofs, rotate, clock, cache, fake, events } = followed
    const { versionId } = await working(followed)
    const newer = await rotate({ password: 'two' })
    for (const pauseMs of [250, 750]) {
      await proofs.at(-1)?.fail(outage)
      await clock.advance(pauseMs)
    }
    await proofs[2]?.succeed()
    await cache.handleRotationEvent(fake.moveCurrent('db', versionId))
    await settled()
    await proofs[3]?.succeed()
    await cache.handleRotationEvent(fake.moveCurrent('db', newer))
    await settled()
    await proofs[4]?.fail(outage)
    await clock.advance(250)
    expect(proofs.map(({ login }) => login.password)).toEqual(['two', 'two', 'two', 'one', 'two', 'two'])
    expect(events.filter(({ type }) => type === 'refused')).toHaveLength(2)
  })

  it('that works is told of once', async () => {
    const followed = follow()
    const { proofs, rotate, events } = followed
    await working(followed)
    const versionId = await rotate({ password: 'two' })
    await proofs[0]?.succeed()
    expect(events.map(({ type }) => type)).toEqual(['credentials', 'credentials'])
    expect(events.at(-1)).toMatchObject({ versionId, pending: false })
  })

  it('that does not reach the server has no pause after it, if the login in use is refused meanwhile', async () => {
    const followed = follow()
    const { proofs, rotate, follower } = followed
    const old = await working(followed)
    await rotate({ password: 'two' })
    follower.report(old, refusal)
    await proofs[0]?.fail(outage)
    expect(proofs).toHaveLength(2)
    await proofs[1]?.succeed()
    expect(follower.take()).toMatchObject({ password: 'two' })
  })

  it('that works lets in as many of those who wait as may log in at once, and the others wait on', async () => {
    const followed = follow()
    const { proofs, rotate, follower } = followed
    follower.report(await working(followed), refusal)
    const served: (Login | undefined)[] = []
    for (let request = 0; request < 5; request += 1) void follower.again().then(() => served.push(follower.take()))
    await settled()
    await rotate({ password: 'two' })
    await proofs[0]?.succeed()
    await settled()
    const login = expect.objectContaining({ password: 'two' })
    expect([served, follower.waiting]).toEqual([[login, login], 3])
    follower.stop()
  })

  it('that fails with an error that cannot be looked at does not end the following', async () => {
    const followed = follow()
    const { proofs, rotate, follower } = followed
    await working(followed)
    await rotate({ password: 'two' })
    await proofs[0]?.fail(unreadable)
    await rotate({ password: 'three' })
    await proofs[1]?.succeed()
    expect(follower.take()).toMatchObject({ password: 'three' })
  })

  it('that works after the end of the pool changes nothing', async () => {
    const followed = follow()
    const { proofs, rotate, follower, events, clock } = followed
    const old = await working(followed)
    await rotate({ password: 'two' })
    follower.stop()
    await proofs[0]?.succeed()
    expect(follower.take()).toBe(old)
    expect(events.map(({ type }) => type)).toEqual(['credentials'])
    await clock.advance(1_000)
    expect(clock.pending).toBe(0)
  })

  it.each([outage, refusal])('that fails after the end of the pool is not told of (%s)', async error => {
    const followed = follow()
    const { proofs, rotate, follower, events, clock } = followed
    await working(followed)
    await rotate({ password: 'two' })
    follower.stop()
    await proofs[0]?.fail(error)
    follower.touch()
    await clock.advance(60_000)
    expect(events.map(({ type }) => type)).toEqual(['credentials'])
    expect([proofs.length, clock.pending]).toEqual([1, 0])
  })
})

it('whoever waits is told of what an error that cannot be looked at has thrown', async () => {
  const followed = follow()
  const { proofs, rotate, follower } = followed
  follower.report(await working(followed), refusal)
  const waiting = rejectionOf(follower.again())
  await rotate({ password: 'two' })
  await proofs[0]?.fail(unreadable)
  expect(await waiting).toBe(thrown)
})

describe('a login that works after all', () => {
  it('is not told of again', async () => {
    const followed = follow()
    const { follower, events } = followed
    const login = await working(followed)
    follower.report(login)
    follower.report(login, refusal)
    follower.report(login)
    expect(events.map(({ type }) => type)).toEqual(['credentials'])
    follower.stop()
  })

  it('ends the search for another after its pause', async () => {
    const followed = follow()
    const { follower, clock, reads, events } = followed
    const login = await working(followed)
    follower.report(login, refusal)
    await settled()
    follower.report(login)
    await clock.advance(90_000)
    expect(reads()).toEqual(['AWSCURRENT', 'AWSCURRENT', 'AWSPENDING'])
    expect(events.map(({ type }) => type)).toEqual(['credentials', 'window', 'window'])
  })
})
