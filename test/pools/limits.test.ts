import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Login } from '../../src/pools/login.js'
import { settled } from '../support/deferred-source.js'
import { rejectionOf } from '../support/rejection.js'
import { follow, full, locked, outage, refusal, working } from './followed.js'

// Pauses are spread by up to a quarter; these are the shortest.
beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
})
afterEach(() => {
  vi.restoreAllMocks()
})

describe('a login that is wrong', () => {
  it('is tried again after 5 s, 30 s and then each minute', async () => {
    const { follower, accepts, proofs, clock } = follow()
    accepts.passwords = new Set()
    await follower.again()
    follower.report(follower.take() as Login, refusal)
    await rejectionOf(follower.again())
    const triedAt: number[] = []
    const start = clock.now()
    for (let second = 1; second <= 300; second += 1) {
      await clock.advance(1_000)
      const before = proofs.length
      await rejectionOf(follower.again())
      if (proofs.length > before) triedAt.push(clock.now() - start)
    }
    expect(triedAt).toEqual([5_000, 35_000, 95_000, 155_000, 215_000, 275_000])
  })

  it('begins with short pauses again once it has worked', async () => {
    const { follower, accepts, proofs, clock } = follow({ tryPending: false, rotationWindowMs: 0 })
    const ask = async (seconds: number): Promise<number> => {
      const before = proofs.length
      await clock.advance(seconds * 1_000)
      await follower.again().catch(() => {})
      return proofs.length - before
    }
    await follower.again()
    accepts.passwords = new Set()
    follower.report(follower.take() as Login, refusal)
    expect([await ask(0), await ask(5), await ask(29), await ask(1)]).toEqual([1, 1, 0, 1])
    accepts.passwords = new Set(['one'])
    expect([await ask(59), await ask(1)]).toEqual([0, 1])
    accepts.passwords = new Set()
    follower.report(follower.take() as Login, refusal)
    expect([await ask(4), await ask(1)]).toEqual([0, 1])
    accepts.passwords = new Set(['one'])
    expect([await ask(29), await ask(1)]).toEqual([0, 1])
    accepts.passwords = new Set()
    follower.report(follower.take() as Login, refusal)
    expect([await ask(4), await ask(1)]).toEqual([0, 1])
  })
})

it.each([
  [59_999, 0],
  [60_000, 1],
])('a version that the secret moves to is tried %i ms after its account was locked: %i times', async (ms, times) => {
  const { follower, proofs, clock, rotate } = follow()
  await follower.again()
  follower.report(follower.take() as Login, locked)
  await settled()
  await rotate({ password: 'two' })
  await clock.advance(ms)
  expect(proofs).toHaveLength(times)
})

it.each([
  [9_999, 2],
  [10_000, 3],
])('the secret of a server that is not reached again after %i ms was read %i times by then', async (ms, times) => {
  const followed = follow()
  const { follower, clock, reads } = followed
  const login = await working(followed)
  follower.report(login, outage)
  await clock.advance(ms)
  follower.report(login, outage)
  await settled()
  expect(reads()).toHaveLength(times)
})

describe('logins at a time', () => {
  it.each([
    [999, 2],
    [1_000, 1],
  ])('%i ms after one has worked are %i', async (ms, count) => {
    const followed = follow()
    await working(followed)
    await followed.clock.advance(ms)
    expect([1, 2, 3].map(() => followed.follower.take()).filter(login => login !== undefined)).toHaveLength(count)
  })

  it('include that of a proof, which waits for a place and goes before who else waits for one', async () => {
    const followed = follow()
    const { follower, proofs, rotate } = followed
    await working(followed)
    const taken = [follower.take(), follower.take()] as [Login, Login]
    const waiting = follower.again()
    await rotate({ password: 'two' })
    expect(proofs).toEqual([])
    follower.report(taken[0])
    expect(follower.take()).toBeUndefined()
    await settled()
    expect([proofs.length, follower.waiting]).toEqual([1, 1])
    expect(follower.take()).toBeUndefined()
    follower.report(taken[1])
    await waiting
    expect(follower.take()).toBe(taken[0])
  })

  it('are none for two seconds after a connection was closed to make room for a proof', async () => {
    const followed = follow()
    const { follower, proofs, rotate, clock, idle } = followed
    const login = await working(followed)
    await rotate({ password: 'two' })
    idle.count = 1
    await proofs[0]?.fail(full)
    const waiting = follower.again()
    expect([follower.take(), follower.waiting, idle.count]).toEqual([undefined, 1, 0])
    await clock.advance(1_999)
    expect([follower.take(), follower.waiting]).toEqual([undefined, 1])
    await clock.advance(1)
    await waiting
    expect(follower.take()).toBe(login)
  })
})

describe('connections that are closed', () => {
  it('begin with the smallest share again, when the secret moves again meanwhile', async () => {
    const followed = follow()
    const { accepts, rotate, closed, clock } = followed
    await working(followed)
    accepts.passwords = new Set(['two', 'three'])
    await rotate({ password: 'two' })
    await clock.advance(250)
    await rotate({ password: 'three' })
    await clock.advance(2_000)
    expect(closed).toEqual([1 / 5, 1 / 4, 1 / 5, 1 / 4, 1 / 3, 1 / 2, 1])
  })

  it('are no more after the end of the pool', async () => {
    const followed = follow()
    const { accepts, rotate, closed, clock, follower } = followed
    await working(followed)
    accepts.passwords = new Set(['two'])
    await rotate({ password: 'two' })
    await clock.advance(100)
    follower.stop()
    await clock.advance(2_000)
    expect([closed, clock.pending]).toEqual([[1 / 5], 0])
  })

  it('to make room for a proof are no more once that has worked', async () => {
    const followed = follow()
    const { follower, proofs, rotate, clock } = followed
    await working(followed)
    await rotate({ password: 'two' })
    await proofs[0]?.fail(full)
    await clock.advance(250)
    await proofs[1]?.succeed()
    const connection = {}
    follower.tag(connection, follower.take() as Login)
    expect(follower.follower.retirement.isToGo(connection)).toBe(false)
  })

  it('to make room for a proof are outdated from then on', async () => {
    const followed = follow()
    const { follower, proofs, rotate } = followed
    const login = await working(followed)
    await rotate({ password: 'two' })
    await proofs[0]?.fail(full)
    const connection = {}
    follower.tag(connection, login)
    expect(follower.isOutdated(connection)).toBe(false)
    expect(follower.follower.retirement.isToGo(connection)).toBe(true)
    expect(follower.isOutdated(connection)).toBe(true)
    follower.stop()
  })

  it('are none while no login is known to work', async () => {
    const followed = follow()
    const { follower } = followed
    const login = await working(followed)
    const connection = {}
    follower.tag(connection, login)
    follower.report(login, refusal)
    const { retirement } = follower.follower
    expect([connection, {}].map(each => retirement.isToGo(each))).toEqual([false, false])
    follower.stop()
  })
})
