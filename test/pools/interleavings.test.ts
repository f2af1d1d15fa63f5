import { describe, expect, it } from 'vitest'
import type { Login } from '../../src/pools/login.js'
import { settled } from '../support/deferred-source.js'
import { rejectionOf } from '../support/rejection.js'
import { firstSecret, follow, outage, refusal, working } from './followed.js'

const passwords = (proofs: readonly { login: Login }[]): string[] => proofs.map(({ login }) => login.password)

describe('a connection that became idle before anybody waited', () => {
  it('is for whoever begins to wait', async () => {
    const followed = follow()
    followed.follower.report(await working(followed), refusal)
    followed.idle.count = 1
    await followed.follower.again()
  })

  it('is for whoever comes when no login works', async () => {
    const followed = follow()
    followed.accepts.passwords = new Set()
    await followed.follower.again()
    followed.follower.report(followed.follower.take() as Login, refusal)
    await settled()
    expect(await rejectionOf(followed.follower.again())).toBe(refusal)
    followed.idle.count = 1
    await followed.follower.again()
  })
})

describe.each([
  ['back', -3_600_000],
  ['forward', 3_600_000],
])('a wall clock that is set %s by an hour', (_, byMs) => {
  it('neither ends nor prolongs the pause after a login that is wrong', async () => {
    const followed = follow()
    const { follower, clock, accepts } = followed
    accepts.passwords = new Set()
    await follower.again()
    follower.report(follower.take() as Login, refusal)
    expect(await rejectionOf(follower.again())).toBe(refusal)
    accepts.passwords = new Set(['one'])
    clock.set(clock.now() + byMs)
    expect(await rejectionOf(follower.again())).toBe(refusal)
    // Pauses are spread by a quarter; this is the second.
    await clock.advance(30_000 * 1.25)
    await follower.again()
    expect(follower.take()).toMatchObject({ password: 'one' })
  })

  it('neither ends nor prolongs the window', async () => {
    const followed = follow({ tryPending: false })
    const { follower, clock, accepts } = followed
    accepts.passwords = new Set()
    follower.report(await working(followed), refusal)
    const waiting = rejectionOf(follower.again())
    await clock.advance(10_000)
    clock.set(clock.now() + byMs)
    await clock.advance(60_000)
    expect(follower.waiting).toBe(1)
    await clock.advance(30_000)
    expect(await waiting).toBe(refusal)
    expect(clock.pending).toBe(0)
  })

  it('neither ends nor prolongs the wait for a connection', async () => {
    const followed = follow({ tryPending: false, connectTimeoutMs: 20_000 })
    const { follower, clock, accepts } = followed
    accepts.passwords = new Set()
    follower.report(await working(followed), refusal)
    const wish = follower.follower.wish()
    clock.set(clock.now() + byMs)
    const waiting = rejectionOf(follower.follower.again(wish))
    await clock.advance(19_000)
    expect(follower.waiting).toBe(1)
    await clock.advance(1_000)
    expect(follower.waiting).toBe(0)
    expect(await waiting).toBe(refusal)
  })

  it('changes nothing about when AWSPENDING is read after a denied read', async () => {
    const followed = follow({ rotationWindowMs: 0 })
    const { follower, fake, clock, accepts, reads } = followed
    const pendingReads = (): number => reads().filter(label => label === 'AWSPENDING').length
    const refuse = async (): Promise<void> => {
      await follower.again()
      follower.report(follower.take() as Login, refusal)
      await settled()
    }
    const login = await working(followed)
    accepts.passwords = new Set(['one'])
    fake.inject({ operation: 'GetSecretValue', error: 'AccessDeniedException' })
    follower.report(login, refusal)
    await settled()
    fake.recover()
    clock.set(clock.now() + byMs)
    await clock.advance(3_500_000)
    await refuse()
    expect(pendingReads()).toBe(1)
    await clock.advance(200_000)
    await refuse()
    expect(pendingReads()).toBe(2)
  })
})

describe('a search', () => {
  it('that is needless begins no login', async () => {
    const followed = follow()
    const { follower, proofs, fake, clock, rotate, events } = followed
    const login = await working(followed)
    fake.inject({ operation: 'GetSecretValue', delayMs: 1_000 })
    follower.report(login, refusal)
    follower.stop()
    void rotate({ password: 'two' })
    await clock.advance(120_000)
    expect([proofs, clock.pending]).toEqual([[], 0])
    expect(events.filter(({ type }) => type === 'window')).toEqual([])
  })

  it('tries a version that came during its pause once before the next pause', async () => {
    const followed = follow({ tryPending: false })
    const { follower, accepts, proofs, rotate } = followed
    accepts.passwords = new Set()
    follower.report(await working(followed), refusal)
    await settled()
    await rotate({ password: 'two' })
    await settled()
    expect(passwords(proofs)).toEqual(['two'])
  })
})

describe('a retirement', () => {
  it('that a refusal interrupts is taken up again when the login works after all', async () => {
    const followed = follow()
    const { follower, accepts, rotate, clock, closed } = followed
    await working(followed)
    accepts.passwords = new Set(['two'])
    await rotate({ password: 'two' })
    await clock.advance(100)
    follower.report(follower.take() as Login, refusal)
    const waiting = follower.again()
    // What was refused is tried again after five seconds, with the next look at the secret.
    closed.length = 0
    await clock.advance(10_000)
    await waiting
    await clock.advance(1_000)
    expect(closed.slice(-5)).toEqual([1 / 5, 1 / 4, 1 / 3, 1 / 2, 1])
  })

  it('is not begun by the first login of a new pool: there is nothing to close', async () => {
    const followed = follow()
    await working(followed)
    await followed.clock.advance(1_000)
    expect(followed.closed).toEqual([])
  })
})

describe('a secret that the cache forgets', () => {
  it('and reads again, moved on without an event, moves the pool', async () => {
    const followed = follow()
    const { follower, cache, fake, accepts } = followed
    await working(followed)
    accepts.passwords = new Set(['two'])
    cache.delete('db')
    fake.put('db', { ...firstSecret, password: 'two' })
    await cache.getSecret('db')
    follower.touch()
    await settled()
    expect(follower.take()).toMatchObject({ password: 'two' })
  })

  it('and finds bad leaves a pool that works', async () => {
    const followed = follow()
    const { follower, cache, fake, accepts } = followed
    const login = await working(followed)
    accepts.passwords = new Set(['one'])
    cache.delete('db')
    fake.put('db', { ...firstSecret, password: 'bad' })
    follower.touch()
    await follower.again()
    await settled()
    expect(follower.take()).toBe(login)
  })

  it('while AWSPENDING is logged in with does not turn the pool back', async () => {
    const followed = follow()
    const { follower, cache, fake, accepts, events } = followed
    fake.put('db', { ...firstSecret, password: 'two' }, { versionStages: ['AWSPENDING'] })
    accepts.passwords = new Set(['two'])
    follower.report(await working(followed), refusal)
    await follower.again()
    cache.delete('db')
    follower.touch()
    await follower.again()
    expect(follower.take()).toMatchObject({ password: 'two' })
    expect(events.filter(({ type }) => type === 'window')).toHaveLength(2)
  })
})

it('AWSPENDING is left for a third version that AWSCURRENT moves to, and then older connections are outdated', async () => {
  const followed = follow()
  const { follower, fake, accepts, rotate, events } = followed
  const old = {}
  const login = await working(followed)
  follower.tag(old, login)
  fake.put('db', { ...firstSecret, password: 'two' }, { versionStages: ['AWSPENDING'] })
  accepts.passwords = new Set(['two', 'three'])
  follower.report(login, refusal)
  await follower.again()
  await rotate({ password: 'three' })
  expect(follower.take()).toMatchObject({ password: 'three' })
  expect(follower.isOutdated(old)).toBe(true)
  expect(events.at(-1)).toMatchObject({ type: 'credentials', pending: false })
})

describe('a pool that ends', () => {
  it('still serves who waits for a login that is under way', async () => {
    const { follower } = follow()
    await follower.again()
    const login = follower.take() as Login
    const waiting = follower.again()
    follower.stop()
    follower.report(login)
    await waiting
    expect(follower.take()).toBe(login)
  })

  it.each([
    ['is refused', refusal],
    ['cannot reach the server', outage],
  ])('tells who waits for a login that is under way if that %s', async (_, error) => {
    const { follower, clock, proofs } = follow()
    await follower.again()
    const login = follower.take() as Login
    const waiting = rejectionOf(follower.again())
    follower.stop()
    follower.report(login, error)
    expect(await waiting).toBe(error)
    await clock.advance(120_000)
    expect([proofs, clock.pending]).toEqual([[], 0])
  })

  it('makes nobody wait for a login that nobody looks for any more', async () => {
    const followed = follow()
    followed.follower.report(await working(followed), refusal)
    followed.follower.stop()
    expect(await rejectionOf(followed.follower.again())).toBe(refusal)
  })
})

it('whoever waits for a login hears of it when the cache lets the secret go', async () => {
  const followed = follow()
  const { follower, cache, fake, clock } = followed
  await working(followed)
  await clock.advance(2_000)
  expect(follower.take()).toBeDefined()
  const waiting = rejectionOf(follower.again().then(() => follower.again()))
  fake.inject({ operation: 'GetSecretValue', error: 'AccessDeniedException' })
  cache.delete('db')
  follower.touch()
  expect(await waiting).toMatchObject({ code: 'ERR_SECRET_ACCESS_DENIED' })
})
