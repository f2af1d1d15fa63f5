import { describe, expect, it } from 'vitest'
import type { Login } from '../../src/pools/login.js'
import { settled } from '../support/deferred-source.js'
import { rejectionOf } from '../support/rejection.js'
import { turnsDuring } from '../support/turns-during.js'
import { follow, outage, refusal, working } from './followed.js'

const ofType = (events: readonly { type: string }[], type: string): object[] => events.filter(event => event.type === type)

describe('the first login', () => {
  it('is one connection; the others wait for its outcome', async () => {
    const { follower } = follow()
    expect(follower.take()).toBeUndefined()
    await follower.again()
    const login = follower.take() as Login
    expect(login).toMatchObject({ user: 'app', password: 'one', host: 'db' })
    expect(follower.take()).toBeUndefined()
    const waiting = follower.again()
    follower.report(login)
    await waiting
    expect(follower.take()).toBe(login)
  })

  it('that cannot reach the server fails for all who waited, and is tried by the next', async () => {
    const { follower, reads } = follow()
    await follower.again()
    const login = follower.take() as Login
    const waiting = [rejectionOf(follower.again()), rejectionOf(follower.again())]
    follower.report(login, outage)
    expect(await Promise.all(waiting)).toEqual([outage, outage])
    expect(follower.take()).toBe(login)
    // Its address may have moved.
    expect(reads()).toEqual(['AWSCURRENT', 'AWSCURRENT'])
  })

  it('that is refused costs one refresh and one login more, then one after 5 s, 30 s and each minute', async () => {
    const { follower, accepts, proofs, clock, reads } = follow()
    accepts.passwords = new Set()
    await follower.again()
    follower.report(follower.take() as Login, refusal)
    expect(await rejectionOf(follower.again())).toBe(refusal)
    expect(await rejectionOf(follower.again())).toBe(refusal)
    expect([proofs.length, reads()]).toEqual([1, ['AWSCURRENT', 'AWSCURRENT']])
    const triedAt: number[] = []
    for (let second = 1; second <= 200; second += 1) {
      await clock.advance(1_000)
      const before = proofs.length
      expect(await rejectionOf(follower.again())).toBe(refusal)
      if (proofs.length > before) triedAt.push(second)
    }
    // By a quarter later at most, so that the instances of a fleet part.
    const within = (from: number, to: number): object => expect.toSatisfy((at: number) => at >= from && at <= to)
    expect(triedAt.slice(0, 3)).toEqual([within(5, 7), within(35, 45), within(95, 121)])
  })
})

it('a query that is repeated as soon as it fails lets the event loop go on', async () => {
  const { follower, accepts } = follow()
  accepts.passwords = new Set()
  await follower.again()
  follower.report(follower.take() as Login, refusal)
  await rejectionOf(follower.again())
  const turns = await turnsDuring(async () => {
    for (let n = 0; n < 20; n += 1) await rejectionOf(follower.again())
  })
  expect(turns).toBe(10)
})

describe('a move to a newer version', () => {
  it('waits for one login outside of the pool, and only then are older connections outdated', async () => {
    const followed = follow()
    const { follower, proofs, rotate } = followed
    const old = await working(followed)
    const connection = {}
    follower.tag(connection, old)
    await rotate({ password: 'two' })
    expect([follower.take(), follower.isOutdated(connection)]).toEqual([old, false])
    await proofs[0]?.succeed()
    expect(follower.take()).toMatchObject({ password: 'two' })
    expect(follower.isOutdated(connection)).toBe(true)
  })

  it('never mixes the user of one version with the password of another', async () => {
    const followed = follow()
    await working(followed)
    await followed.rotate({ username: 'app_clone', password: 'two' })
    await followed.proofs[0]?.succeed()
    expect(followed.follower.take()).toMatchObject({ user: 'app_clone', password: 'two' })
  })

  it('that fails leaves the pool as it is and is tried again, at most three times in half a minute and then once a minute', async () => {
    const followed = follow()
    const { accepts, proofs, clock, rotate, follower, closed, events } = followed
    const old = await working(followed)
    await clock.advance(500)
    closed.length = 0
    accepts.passwords = new Set(['one'])
    await rotate({ password: 'bad' })
    await clock.advance(30_000)
    expect(proofs.length).toBeLessThanOrEqual(3)
    await clock.advance(60_000)
    expect(proofs.length).toBeLessThanOrEqual(4)
    const before = proofs.length
    await clock.advance(600_000)
    expect(proofs.length - before).toBeLessThanOrEqual(10)
    expect(proofs.length - before).toBeGreaterThanOrEqual(7)
    expect([follower.take(), closed]).toEqual([old, []])
    expect(ofType(events, 'refused')).toEqual([expect.objectContaining({ code: '28P01' })])
  })

  it('goes on to the version after that at once, when the secret moves during the pause', async () => {
    const followed = follow()
    const { accepts, rotate, follower } = followed
    await working(followed)
    accepts.passwords = new Set(['three'])
    await rotate({ password: 'bad' })
    await rotate({ password: 'three' })
    expect(follower.take()).toMatchObject({ password: 'three' })
  })

  it('goes on to the version after that at once, when the secret moves during the login', async () => {
    const followed = follow()
    const { proofs, rotate, follower } = followed
    await working(followed)
    await rotate({ password: 'bad' })
    await rotate({ password: 'three' })
    expect(proofs).toHaveLength(1)
    await proofs[0]?.fail(refusal)
    await proofs[1]?.succeed()
    expect(follower.take()).toMatchObject({ password: 'three' })
  })

  it('with the same credentials costs no login and retires nothing', async () => {
    const followed = follow()
    const { proofs, rotate, follower, closed, clock, events } = followed
    const connection = {}
    follower.tag(connection, await working(followed))
    await clock.advance(1_000)
    closed.length = 0
    const versionId = await rotate({ note: 'another field' } as object)
    await clock.advance(1_000)
    expect([proofs, closed, follower.isOutdated(connection)]).toEqual([[], [], false])
    expect(ofType(events, 'credentials').at(-1)).toMatchObject({ versionId })
  })

  it('back to the version before makes connections of that good again', async () => {
    const followed = follow()
    const { accepts, rotate, follower } = followed
    const first = {}
    follower.tag(first, await working(followed))
    accepts.passwords = new Set(['one', 'two'])
    await rotate({ password: 'two' })
    expect(follower.isOutdated(first)).toBe(true)
    await rotate({ password: 'one' })
    expect(follower.isOutdated(first)).toBe(false)
  })

  it('closes idle connections in shares that end with all of them', async () => {
    const followed = follow()
    const { accepts, rotate, closed, clock } = followed
    await working(followed)
    await clock.advance(500)
    closed.length = 0
    accepts.passwords = new Set(['two'])
    await rotate({ password: 'two' })
    await clock.advance(499)
    expect(closed).toEqual([1 / 5, 1 / 4, 1 / 3, 1 / 2])
    await clock.advance(1)
    expect(closed.at(-1)).toBe(1)
  })

  it("to a secret that is no database's is said once, and the pool stays", async () => {
    const followed = follow()
    const { rotate, follower, proofs, events, clock } = followed
    const old = await working(followed)
    await rotate({ password: '' })
    await clock.advance(600_000)
    follower.touch()
    await settled()
    expect([follower.take(), proofs]).toEqual([old, []])
    expect(ofType(events, 'refused')).toEqual([expect.objectContaining({ code: 'ERR_SECRET_SCHEMA' })])
  })
})

describe('news that comes late', () => {
  it('of an older login that was refused does not stop the pool', async () => {
    const followed = follow()
    const { accepts, rotate, follower } = followed
    const old = await working(followed)
    accepts.passwords = new Set(['two'])
    await rotate({ password: 'two' })
    follower.report(old, refusal)
    expect(follower.take()).toMatchObject({ password: 'two' })
  })

  it('of an older login that went well does not turn the pool back', async () => {
    const followed = follow()
    const { rotate, follower, proofs } = followed
    await follower.again()
    const old = follower.take() as Login
    await rotate({ password: 'two' })
    await proofs[0]?.succeed()
    follower.report(old)
    expect(follower.take()).toMatchObject({ password: 'two' })
  })

  it('of a newer version that works ends the search that a refusal began meanwhile', async () => {
    const followed = follow()
    const { rotate, follower, proofs, reads } = followed
    const old = await working(followed)
    await rotate({ password: 'two' })
    follower.report(old, refusal)
    const waiting = follower.again()
    await proofs[0]?.succeed()
    await waiting
    expect([proofs.length, reads().length]).toEqual([1, 2])
  })

  it('of a login that works after all ends the search', async () => {
    const followed = follow()
    const { follower, proofs } = followed
    const login = await working(followed)
    follower.report(login, refusal)
    await settled()
    const waiting = follower.again()
    follower.report(login)
    await waiting
    expect([follower.take(), proofs.length]).toEqual([login, 0])
  })
})

describe('a secret that the cache has lost and has again', () => {
  it.each(['and tells of', 'without a word of'])('moves a pool whose connections are all idle, %s the version', async how => {
    const followed = follow()
    const { follower, cache, fake, idle, proofs, accepts, rotate } = followed
    const old = await working(followed)
    const connection = {}
    follower.tag(connection, old)
    idle.count = 1
    accepts.passwords = new Set(['one', 'two'])
    fake.inject({ operation: 'GetSecretValue', error: 'AccessDeniedException' })
    cache.invalidate('db')
    await rejectionOf(cache.getSecret('db'))
    follower.touch()
    await settled()
    fake.recover()
    if (how.startsWith('and')) await rotate({ password: 'two' })
    else {
      fake.rotate('db', { username: 'app', password: 'two', host: 'db' })
      await cache.refreshNow('db')
      follower.touch()
    }
    await settled()
    expect(proofs).toHaveLength(1)
    expect(follower.isOutdated(connection)).toBe(true)
  })
})
