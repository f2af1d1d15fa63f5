import { describe, expect, it } from 'vitest'
import type { Login } from '../../src/pools/login.js'
import { settled } from '../support/deferred-source.js'
import { rejectionOf } from '../support/rejection.js'
import { anotherOutage, type Followed, firstSecret, follow, locked, outage, refusal, working } from './followed.js'

/** A pool whose login has worked and is refused now. */
async function refused(options?: Parameters<typeof follow>[0], accepted: string[] = [], error = refusal): Promise<Followed> {
  const followed = follow(options)
  const login = await working(followed)
  followed.accepts.passwords = new Set(accepted)
  followed.follower.report(login, error)
  return followed
}

const pending = (followed: Followed, fields: object): void => {
  followed.fake.put('db', { ...firstSecret, ...fields }, { versionStages: ['AWSPENDING'] })
}

/** A pool that is logged in with AWSPENDING, in the window of a rotation. */
async function workingByPending(): Promise<{ followed: Followed; instead: Login }> {
  const followed = await refused({}, ['two'])
  const { follower } = followed
  pending(followed, { password: 'two' })
  await follower.again()
  const instead = follower.take() as Login
  follower.report(instead)
  return { followed, instead }
}

it('AWSPENDING is tried as soon as its account may be tried again, before versions that were rejected', async () => {
  const followed = follow()
  const { follower, accepts, proofs, rotate, clock } = followed
  const login = await working(followed)
  accepts.passwords = new Set(['one'])
  await rotate({ password: 'two' })
  await clock.advance(12_000)
  pending(followed, { password: 'three' })
  accepts.passwords = new Set(['three'])
  follower.report(login, refusal)
  void follower.again().catch(() => {})
  await clock.advance(26_000)
  expect(proofs.map(proof => proof.login.password)).toEqual(['two', 'two', 'three'])
  expect(follower.take()).toMatchObject({ password: 'three' })
})

it.each([
  ['that comes later', undefined],
  ['whose first read fails', 'InternalServiceError'],
])('AWSPENDING %s is found in the window', async (_, error) => {
  const followed = await refused({}, ['two'])
  if (error !== undefined) {
    pending(followed, { password: 'two' })
    followed.fake.inject({ error, operation: 'GetSecretValue', times: 3 })
  }
  void followed.follower.again().catch(() => {})
  await followed.clock.advance(4_000)
  if (error === undefined) pending(followed, { password: 'two' })
  await followed.clock.advance(40_000)
  expect(followed.follower.take()).toMatchObject({ password: 'two' })
})

describe('a login that has worked and is refused', () => {
  it('costs at most three logins in half a minute, the refused one included, and then one a minute', async () => {
    const { proofs, clock, follower } = await refused()
    const waiting = rejectionOf(follower.again())
    await clock.advance(30_000)
    expect(proofs.length).toBeLessThanOrEqual(2)
    await clock.advance(60_000)
    expect(await waiting).toBe(refusal)
    const before = proofs.length
    for (let minute = 0; minute < 5; minute += 1) {
      await clock.advance(60_000)
      expect(await rejectionOf(follower.again())).toBe(refusal)
    }
    expect(proofs.length - before).toBeLessThanOrEqual(5)
    expect(proofs.length - before).toBeGreaterThanOrEqual(3)
  })

  it('is asked once a minute while its account is locked, and used once it is unlocked', async () => {
    const { follower, proofs, clock, accepts } = await refused({}, [], locked)
    accepts.passwords = undefined
    expect(await rejectionOf(follower.again())).toBe(locked)
    for (let minute = 1; minute <= 3; minute += 1) {
      await clock.advance(76_000)
      const waiting = Promise.all([rejectionOf(follower.again()), rejectionOf(follower.again())])
      await settled()
      expect(proofs).toHaveLength(minute)
      await proofs.at(-1)?.fail(locked)
      expect(await waiting).toEqual([locked, locked])
      expect(await rejectionOf(follower.again())).toBe(locked)
    }
    await clock.advance(76_000)
    const waiting = follower.again()
    await settled()
    await proofs.at(-1)?.succeed()
    await waiting
    expect(proofs).toHaveLength(4)
    expect(follower.take()).toMatchObject({ password: 'one' })
  })

  it('is found where its server has moved to, also while AWSPENDING is logged in with', async () => {
    const { followed, instead } = await workingByPending()
    const { follower, fake, clock } = followed
    expect(instead).toMatchObject({ password: 'two', host: 'db' })
    fake.put('db', { ...firstSecret, password: 'two', host: 'elsewhere' })
    await clock.advance(11_000)
    const error = anotherOutage()
    follower.report(follower.take() as Login, error)
    await follower.again(error).catch(() => {})
    expect(follower.take()).toMatchObject({ password: 'two', host: 'elsewhere' })
  })

  it('does not try what AWSPENDING has taken the place of, rotation after rotation that nobody tells of', async () => {
    const followed = follow()
    const { follower, fake, accepts, clock, proofs, reads } = followed
    await working(followed)
    for (const password of ['two', 'three', 'four']) {
      const [login, readsBefore, proofsBefore] = [follower.take() as Login, reads().length, proofs.length]
      follower.report(login)
      accepts.passwords = new Set([password])
      const { versionId } = fake.put('db', { ...firstSecret, password }, { versionStages: ['AWSPENDING'] })
      for (let connection = 0; connection < 2; connection += 1) follower.report(login, refusal)
      await follower.again()
      expect(follower.take()).toMatchObject({ password })
      expect(proofs.slice(proofsBefore).map(proof => proof.login.password)).toEqual([password])
      expect(reads().length - readsBefore).toBe(2)
      fake.moveCurrent('db', versionId)
      await clock.advance(10_000)
    }
  })

  it('finds the next version when Secrets Manager answers again, if AWSPENDING was logged in with', async () => {
    const { followed, instead } = await workingByPending()
    const { follower, fake, accepts, clock } = followed
    accepts.passwords = new Set(['three'])
    fake.put('db', { ...firstSecret, password: 'three' })
    fake.inject({ operation: 'GetSecretValue', error: 'InternalServiceError' })
    follower.report(instead, refusal)
    await clock.advance(1_000)
    fake.recover()
    const waiting = follower.again()
    await clock.advance(20_000)
    await waiting
    expect(follower.take()).toMatchObject({ password: 'three' })
  })

  it('keeps a login for the version that the secret moves to at the end of the window', async () => {
    const followed = await refused()
    const { proofs, clock, follower, accepts, rotate } = followed
    const waiting = follower.again()
    await clock.advance(80_000)
    accepts.passwords = new Set(['two'])
    await rotate({ password: 'two' })
    await waiting
    expect(proofs.length).toBeLessThanOrEqual(5)
    expect(follower.take()).toMatchObject({ password: 'two' })
  })

  it.each([
    ['AWSPENDING', (followed: Followed) => pending(followed, { password: 'two' })],
    [
      'the version that the secret moves to',
      async (followed: Followed) => {
        await followed.clock.advance(1_000)
        await followed.rotate({ password: 'two' })
      },
    ],
  ])('tries %s even if two connections were refused at once', async (_, move) => {
    const followed = follow()
    const { follower, accepts, clock } = followed
    const login = await working(followed)
    accepts.passwords = new Set(['two'])
    for (let connection = 0; connection < 2; connection += 1) follower.report(login, refusal)
    const waiting = follower.again()
    await move(followed)
    await clock.advance(1_000)
    await waiting
    expect(follower.take()).toMatchObject({ password: 'two' })
  })

  it('reads the secret once a pause, with pauses that grow to eight seconds', async () => {
    const { clock, reads } = await refused({ tryPending: false })
    await clock.advance(90_000)
    expect(reads().length).toBeGreaterThanOrEqual(12)
    expect(reads().length).toBeLessThanOrEqual(24)
  })

  it('is over when whoever waits has waited as long as the driver lets them', async () => {
    const { clock, follower } = await refused({ connectTimeoutMs: 3_000 })
    const waiting = rejectionOf(follower.again())
    await clock.advance(3_000)
    expect(await waiting).toBe(refusal)
  })

  it('is not looked into further when the server cannot be reached: all are told that', async () => {
    const followed = follow()
    const { follower, proofs } = followed
    follower.report(await working(followed), refusal)
    const waiting = rejectionOf(follower.again())
    await followed.rotate({ password: 'two' })
    await proofs[0]?.fail(outage)
    expect(await waiting).toBe(outage)
    expect(follower.take()).toMatchObject({ password: 'two' })
  })

  it('still has its window when the server was out of reach in the middle of it', async () => {
    const followed = await refused()
    const { follower, clock, events, accepts } = followed
    await clock.advance(100)
    accepts.passwords = undefined
    // By then the version may be tried again.
    await clock.advance(10_000)
    await followed.proofs.at(-1)?.fail(outage)
    const login = follower.take()
    expect(login).toMatchObject({ password: 'one' })
    follower.report(login as never, refusal)
    await settled()
    expect(events.filter(event => event.type === 'window' && event.phase === 'opened')).toHaveLength(2)
  })
})

describe('AWSPENDING', () => {
  it('is logged in with; what is older is retired then, and nothing when it becomes AWSCURRENT', async () => {
    const followed = follow()
    const { follower, accepts, closed, clock, fake, cache, events } = followed
    const first = await working(followed)
    const [older, newer] = [{}, {}]
    follower.tag(older, first)
    pending(followed, { password: 'two' })
    accepts.passwords = new Set(['two'])
    follower.report(first, refusal)
    await follower.again()
    const login = follower.take() as object as Parameters<typeof follower.tag>[1]
    expect(login).toMatchObject({ password: 'two' })
    follower.tag(newer, login)
    closed.length = 0
    await clock.advance(1_000)
    expect([follower.isOutdated(older), follower.isOutdated(newer)]).toEqual([true, false])
    expect([followed.proofs.length, closed.length]).toEqual([1, 5])

    await cache.handleRotationEvent(fake.moveCurrent('db', login.versionId))
    await clock.advance(1_000)
    expect([follower.isOutdated(older), follower.isOutdated(newer)]).toEqual([true, false])
    expect([followed.proofs.length, closed.length]).toEqual([1, 5])
    expect(events.at(-1)).toMatchObject({ type: 'credentials', pending: false, versionId: login.versionId })
  })

  it('that is abandoned is left when the database takes AWSCURRENT again', async () => {
    const followed = follow()
    const { follower, accepts } = followed
    const first = await working(followed)
    pending(followed, { password: 'two' })
    accepts.passwords = new Set(['two'])
    follower.report(first, refusal)
    await follower.again()
    accepts.passwords = new Set(['one'])
    follower.report(follower.take() as never, refusal)
    await follower.again()
    expect(follower.take()).toMatchObject({ password: 'one' })
  })

  it.each([
    ['for another user', { username: 'app_clone', password: 'two' }],
    ['for another host', { host: 'elsewhere', password: 'two' }],
    ['without a password', { password: '' }],
  ])('%s is not logged in with', async (_, fields) => {
    const followed = follow()
    const login = await working(followed)
    pending(followed, fields)
    followed.accepts.passwords = new Set(['two', ''])
    followed.follower.report(login, refusal)
    await followed.clock.advance(10_000)
    expect(followed.proofs.map(proof => proof.login.password)).not.toContain('two')
    expect(followed.reads()).toContain('AWSPENDING')
  })

  it('that is still attached to the current version costs no login of its own', async () => {
    const proofsOf = async (versionStages: string[]): Promise<number> => {
      const followed = follow()
      followed.fake.put('db', { ...firstSecret, password: 'two' }, { versionStages })
      const login = await working(followed)
      followed.accepts.passwords = new Set()
      followed.follower.report(login, refusal)
      await followed.clock.advance(90_000)
      expect(followed.proofs.every(proof => proof.login.password === 'two')).toBe(true)
      return followed.proofs.length
    }
    expect(await proofsOf(['AWSPENDING', 'AWSCURRENT'])).toBe(await proofsOf(['AWSCURRENT']))
  })

  it('leads to a version that has become current, if that is still read as it was before', async () => {
    const followed = follow()
    const { follower, accepts, fake, cache, proofs } = followed
    const login = await working(followed)
    accepts.passwords = new Set(['two'])
    fake.put('db', { ...firstSecret, password: 'two' }, { versionStages: ['AWSPENDING', 'AWSCURRENT'] })
    fake.inject({ operation: 'GetSecretValue', answer: 'old', times: 1 })
    follower.report(login, refusal)
    await follower.again()
    expect(follower.take()).toMatchObject({ password: 'two' })
    await cache.refreshNow('db')
    await settled()
    expect(follower.take()).toMatchObject({ password: 'two' })
    expect(proofs).toHaveLength(1)
    expect(followed.events.at(-1)).toMatchObject({ type: 'credentials', pending: false })
  })

  it('is not read again for an hour after that was denied, and then is', async () => {
    const followed = follow({ rotationWindowMs: 1_000 })
    const { follower, fake, clock, reads, accepts } = followed
    const login = await working(followed)
    accepts.passwords = new Set()
    fake.inject({ operation: 'GetSecretValue', error: 'AccessDeniedException' })
    const refuseAgain = async (): Promise<number> => {
      follower.report(follower.take() ?? login, refusal)
      await clock.advance(2_000)
      accepts.passwords = new Set(['one'])
      await clock.advance(60_000)
      await follower.again().catch(() => {})
      accepts.passwords = new Set()
      return reads().filter(label => label === 'AWSPENDING').length
    }
    expect([await refuseAgain(), await refuseAgain()]).toEqual([1, 1])
    await clock.advance(3_600_000)
    fake.recover()
    follower.touch()
    await settled()
    expect(await refuseAgain()).toBe(2)
  })
})

describe('the end of a pool', () => {
  it('settles who waits, and ends every timer and login to come', async () => {
    const { follower, clock, proofs } = await refused()
    const waiting = rejectionOf(follower.again())
    await settled()
    follower.stop()
    expect(await waiting).toBe(refusal)
    const before = proofs.length
    await clock.advance(600_000)
    expect([proofs.length, clock.pending]).toEqual([before, 0])
  })

  it('lets go of the secret', async () => {
    const followed = follow()
    await working(followed)
    followed.follower.stop()
    await followed.rotate({ password: 'two' })
    expect(followed.proofs).toEqual([])
  })
})

it('a pool that has connections already proves the login without waiting for a new one', async () => {
  const { follower, proofs } = follow({ hasConnections: true })
  await settled()
  const existing = {}
  expect(follower.isOutdated(existing)).toBe(false)
  await proofs[0]?.succeed()
  expect(follower.isOutdated(existing)).toBe(true)
})

it('a connection that becomes idle is for who has waited longest', async () => {
  const { follower } = await refused()
  const order: string[] = []
  const first = follower.again().then(() => order.push('first'))
  void follower
    .again()
    .then(() => order.push('second'))
    .catch(() => {})
  expect(follower.waiting).toBeGreaterThan(0)
  follower.freed()
  await first
  expect(order).toEqual(['first'])
  follower.stop()
})
