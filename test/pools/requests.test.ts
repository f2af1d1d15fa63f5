import { describe, expect, it } from 'vitest'
import type { Login } from '../../src/pools/login.js'
import { notYet } from '../../src/pools/pool-follower.js'
import { settled } from '../support/deferred-source.js'
import { rejectionOf } from '../support/rejection.js'
import { anotherOutage, firstSecret, follow, full, locked, outage, refusal, working } from './followed.js'

describe('a connection that failed', () => {
  it.each([
    ['because no login is known to work yet', notYet],
    ['because its login was refused', refusal],
    ['because its account was locked', locked],
  ])('%s may be asked for again', async (_, error) => {
    const followed = follow()
    await working(followed)
    expect(followed.follower.mayTryAgain(error)).toBe(true)
  })

  it.each([
    ['because the server had no room', full],
    ['because a server was not reached, of which the follower was not told', anotherOutage()],
    ['with something that is no error', 'failed'],
    ['with nothing', undefined],
  ])('%s is not asked for again', async (_, error) => {
    const followed = follow()
    await working(followed)
    expect(followed.follower.mayTryAgain(error)).toBe(false)
  })

  it('is not asked for again after the end of the pool, except where it never tried to log in', async () => {
    const followed = follow()
    const { follower } = followed
    follower.report(await working(followed), outage)
    expect([notYet, refusal, outage].map(error => follower.mayTryAgain(error))).toEqual([true, true, true])
    follower.stop()
    expect([notYet, refusal, outage].map(error => follower.mayTryAgain(error))).toEqual([true, false, false])
  })

  it('with null has not failed', async () => {
    const { follower } = follow()
    await follower.again()
    const login = follower.take() as Login
    follower.report(login, null)
    expect([follower.take(), follower.take()]).toEqual([login, login])
  })
})

describe('requests that wait', () => {
  it('are served in the order in which they came, however often each had to wait', async () => {
    const followed = follow()
    const { follower } = followed
    follower.report(await working(followed), refusal)
    const inner = follower.follower
    const wishes = [inner.wish(), inner.wish(), inner.wish()]
    const served: number[] = []
    for (const number of [2, 0, 1]) {
      const wish = wishes[number]
      if (wish !== undefined) void inner.again(wish).then(() => served.push(number))
    }
    await settled()
    for (let connection = 0; connection < 3; connection += 1) follower.freed()
    await settled()
    expect(served).toEqual([0, 1, 2])
    follower.stop()
  })

  it('are told that no login has ended, when the one that they wait for takes too long', async () => {
    const followed = follow({ connectTimeoutMs: 900 })
    const { follower, clock } = followed
    await follower.again()
    follower.take()
    const waiting = rejectionOf(follower.again())
    await clock.advance(899)
    expect(follower.waiting).toBe(1)
    await clock.advance(1)
    expect(follower.waiting).toBe(0)
    expect(await waiting).toMatchObject({
      code: 'ETIMEDOUT',
      message: 'No connection within the time that the driver allows: no login has completed yet.',
    })
  })

  it('fail at once when their time is over already', async () => {
    const followed = follow({ tryPending: false, connectTimeoutMs: 3_000 })
    const { follower, clock } = followed
    follower.report(await working(followed), refusal)
    const wish = follower.follower.wish()
    await clock.advance(3_000)
    const waiting = rejectionOf(follower.follower.again(wish))
    await clock.advance(0)
    expect(await waiting).toBe(refusal)
    follower.stop()
  })

  it('for a secret that cannot be read wait no longer than the driver lets them', async () => {
    const { follower, fake, clock } = follow({ connectTimeoutMs: 3_000 })
    fake.inject({ operation: 'GetSecretValue', hang: true })
    const waiting = rejectionOf(follower.again())
    await clock.advance(3_000)
    expect(await waiting).toMatchObject({ code: 'ETIMEDOUT' })
  })

  it('for the outcome of a login have it for a second after the end of the pool, and no longer', async () => {
    const { follower, clock } = follow()
    await follower.again()
    follower.take()
    const waiting = rejectionOf(follower.again())
    await settled()
    follower.stop()
    await clock.advance(999)
    expect(follower.waiting).toBe(1)
    await clock.advance(1)
    expect(follower.waiting).toBe(0)
    expect(await waiting).toMatchObject({ code: 'ETIMEDOUT' })
    expect(clock.pending).toBe(0)
  })
})

it('the end of a pool for which nobody waits leaves no timer', async () => {
  const followed = follow()
  await working(followed)
  await followed.clock.advance(2_000)
  followed.follower.stop()
  expect(followed.clock.pending).toBe(0)
})

describe('a request after the end of the pool', () => {
  it('fails with what no login has worked with, and tries none', async () => {
    const followed = follow({ tryPending: false, rotationWindowMs: 0 })
    const { follower, clock, proofs } = followed
    follower.report(await working(followed), refusal)
    await settled()
    follower.stop()
    await clock.advance(120_000)
    expect(await rejectionOf(follower.again())).toBe(refusal)
    expect(proofs).toEqual([])
  })
})

describe('the secret', () => {
  it('is read by one call, however many connections ask while it is due again', async () => {
    const followed = follow()
    const { follower, cache, reads } = followed
    await working(followed)
    cache.invalidate('db')
    for (let connection = 0; connection < 3; connection += 1) follower.touch()
    await settled()
    expect(reads()).toHaveLength(2)
  })

  it('that is due again is followed as soon as it is read, without an event', async () => {
    const followed = follow()
    const { follower, cache, fake, accepts } = followed
    await working(followed)
    accepts.passwords = new Set(['two'])
    fake.put('db', { ...firstSecret, password: 'two' })
    cache.invalidate('db')
    follower.touch()
    await settled()
    expect(follower.take()).toMatchObject({ password: 'two' })
  })

  it('is not read again by a pool that has ended', async () => {
    const followed = follow()
    const { follower, cache, reads } = followed
    await working(followed)
    follower.stop()
    cache.invalidate('db')
    follower.touch()
    await settled()
    expect(reads()).toHaveLength(1)
  })

  it('of a pool that has connections already is tried by one login, however many more it opens', async () => {
    const { follower, proofs } = follow({ hasConnections: true })
    for (let connection = 0; connection < 3; connection += 1) follower.touch()
    await settled()
    follower.touch()
    await settled()
    expect(proofs).toHaveLength(1)
  })

  it('of a pool that has connections already is not tried again as long as it works', async () => {
    const { follower, proofs, cache, reads } = follow({ hasConnections: true })
    await settled()
    await proofs[0]?.succeed()
    cache.invalidate('db')
    follower.touch()
    await settled()
    expect([reads().length, proofs.length]).toEqual([2, 1])
  })

  it('of a pool that has connections already is tried again after its login was refused', async () => {
    const { follower, proofs } = follow({ hasConnections: true })
    await settled()
    await proofs[0]?.fail(refusal)
    const waiting = follower.again()
    await settled()
    await proofs[1]?.succeed()
    await waiting
    expect(follower.take()).toMatchObject({ password: 'one' })
  })
})
