import { describe, expect, it } from 'vitest'
import type { Login } from '../../src/pools/login.js'
import { settled } from '../support/deferred-source.js'
import { rejectionOf } from '../support/rejection.js'
import { type Followed, follow, full, locked, outage, refusal, working } from './followed.js'

/** A pool with one connection, whose login has worked. */
async function connected(options?: Parameters<typeof follow>[0]): Promise<Followed & { connection: object }> {
  const followed = follow(options)
  const connection = {}
  followed.follower.tag(connection, await working(followed))
  return { ...followed, connection }
}

describe('a session that the server ends because it rejects the login', () => {
  it.each([
    ['rejects the login', refusal],
    ['has locked the account', locked],
  ])('has the pool look for a login that works, if the server %s', async (_, error) => {
    const { follower, connection, rotate, accepts } = await connected()
    accepts.passwords = new Set(['two'])
    follower.follower.refusedAtWork(connection, error)
    expect(follower.take()).toBeUndefined()
    await settled()
    await rotate({ password: 'two', username: 'app_clone' })
    expect(follower.take()).toMatchObject({ password: 'two' })
  })

  it.each([
    ['has no room', full],
    ['is not reached', outage],
    ['fails for another reason', new Error('terminating connection')],
  ])('is of no account to others, if the server %s', async (_, error) => {
    const followed = await connected()
    const { follower, connection, reads, proofs } = followed
    follower.follower.refusedAtWork(connection, error)
    await settled()
    expect(follower.take()).toMatchObject({ password: 'one' })
    expect([reads().length, proofs.length]).toEqual([1, 0])
  })

  it.each([refusal, outage])('is not used again, whatever login it has (%s)', async error => {
    const { follower, connection } = await connected()
    const other = {}
    follower.tag(other, follower.take() as Login)
    const { retirement } = follower.follower
    expect([retirement.hasEnded(connection), follower.isOutdated(connection)]).toEqual([false, false])
    follower.follower.refusedAtWork(connection, error)
    expect([retirement.hasEnded(connection), follower.isOutdated(connection)]).toEqual([true, true])
    expect([retirement.hasEnded(other), follower.isOutdated(other)]).toEqual([false, false])
  })

  it('says nothing about a login that it did not have', async () => {
    const { follower, connection, rotate, accepts, proofs } = await connected()
    accepts.passwords = new Set(['two'])
    await rotate({ password: 'two' })
    follower.follower.refusedAtWork(connection, refusal)
    follower.follower.refusedAtWork({}, refusal)
    expect(follower.take()).toMatchObject({ password: 'two' })
    await settled()
    expect(proofs).toHaveLength(1)
  })

  it('begins one search, however many sessions are ended', async () => {
    const followed = await connected({ tryPending: false })
    const { follower, connection, reads, events } = followed
    const other = {}
    follower.tag(other, follower.take() as Login)
    for (const ended of [connection, other]) {
      follower.follower.refusedAtWork(ended, refusal)
      await settled()
    }
    expect(reads()).toHaveLength(2)
    expect(events.filter(({ type }) => type === 'window')).toHaveLength(1)
    follower.stop()
  })

  it('counts as a login that is refused, which is not tried again for five seconds', async () => {
    const { follower, connection, proofs, clock } = await connected({ tryPending: false })
    follower.follower.refusedAtWork(connection, refusal)
    await clock.advance(4_999)
    expect(proofs).toHaveLength(0)
    await clock.advance(10_000)
    expect(proofs).toHaveLength(1)
    follower.stop()
  })
})

describe('whoever asks how a rejection ends', () => {
  it('has nothing to wait for while no login is rejected', async () => {
    const { follower } = await connected()
    await follower.follower.settled()
    expect(follower.waiting).toBe(0)
  })

  it('waits for the login that works', async () => {
    const { follower, connection, rotate, accepts } = await connected()
    accepts.passwords = new Set(['two'])
    follower.follower.refusedAtWork(connection, refusal)
    const waiting = follower.follower.settled()
    expect(follower.waiting).toBe(1)
    await settled()
    await rotate({ password: 'two' })
    await waiting
    expect(follower.take()).toMatchObject({ password: 'two' })
  })

  it('hears why none works', async () => {
    const { follower, connection } = await connected({ tryPending: false, rotationWindowMs: 0 })
    follower.follower.refusedAtWork(connection, refusal)
    expect(await rejectionOf(follower.follower.settled())).toBe(refusal)
  })

  it('waits no longer than the driver lets anyone wait', async () => {
    const { follower, connection, clock } = await connected({ connectTimeoutMs: 3_000 })
    follower.follower.refusedAtWork(connection, refusal)
    const waiting = rejectionOf(follower.follower.settled())
    await clock.advance(2_999)
    expect(follower.waiting).toBe(1)
    await clock.advance(1)
    expect(await waiting).toBe(refusal)
    follower.stop()
  })
})

describe('a connection that is closed because it is outdated', () => {
  it('is told of with its version and its user', async () => {
    const { follower, connection, events } = await connected()
    const { versionId } = follower.take() as Login
    follower.follower.retired(connection)
    expect(events.at(-1)).toMatchObject({ type: 'retired', secretId: 'db', versionId, user: 'app' })
  })

  it('is told of without them, if it is older than the following', async () => {
    const { follower, events } = await connected()
    follower.follower.retired({})
    expect(events.at(-1)).toMatchObject({ type: 'retired', secretId: 'db', versionId: undefined, user: undefined })
  })
})
