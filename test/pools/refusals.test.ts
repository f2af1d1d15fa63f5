import { describe, expect, it } from 'vitest'
import type { Login } from '../../src/pools/login.js'
import { settled } from '../support/deferred-source.js'
import { rejectionOf } from '../support/rejection.js'
import { anotherOutage, type Followed, firstSecret, follow, full, locked, outage, refusal, working } from './followed.js'

describe('a locked account', () => {
  it('is asked once a minute, whoever comes', async () => {
    const followed = follow({ tryPending: false })
    const { follower, proofs, clock } = followed
    const login = await working(followed)
    follower.report(login, locked)
    expect(await rejectionOf(follower.again())).toBe(locked)
    for (let second = 0; second < 59; second += 1) {
      await clock.advance(1_000)
      expect([follower.take(), await rejectionOf(follower.again())]).toEqual([undefined, locked])
    }
    expect(proofs).toEqual([])
    await clock.advance(16_000)
    const probe = rejectionOf(follower.again())
    await settled()
    await proofs[0]?.fail(locked)
    expect(await probe).toBe(locked)
    expect(proofs).toHaveLength(1)
  })

  it('is left at once for the other user, when the secret moves to that', async () => {
    const followed = follow()
    const { follower, accepts, rotate } = followed
    follower.report(await working(followed), locked)
    accepts.passwords = new Set(['two'])
    await settled()
    await rotate({ username: 'app_clone', password: 'two' })
    expect(follower.take()).toMatchObject({ user: 'app_clone' })
  })
})

describe('a full server', () => {
  it('does not hold up a move: idle connections make room for the proof', async () => {
    const followed = follow()
    const { follower, idle, proofs, room, rotate, clock } = followed
    await working(followed)
    idle.count = 3
    await rotate({ password: 'two' })
    await proofs[0]?.fail(full)
    await clock.advance(400)
    await proofs[1]?.succeed()
    expect([room.count, follower.take()]).toEqual([1, expect.objectContaining({ password: 'two' })])
  })

  it('is no refusal: the version is tried again without a long pause', async () => {
    const followed = follow()
    const { proofs, rotate, clock, events } = followed
    await working(followed)
    await rotate({ password: 'two' })
    await proofs[0]?.fail(full)
    await clock.advance(2_000)
    expect(proofs.length).toBeGreaterThan(1)
    expect(events.filter(({ type }) => type === 'refused')).toMatchObject([{ kind: 'full', code: '53300' }])
    expect(JSON.stringify(events)).not.toContain('not reached')
  })
})

describe('a server that is not reached', () => {
  it('is looked for by one refresh in ten seconds, and found where it has moved to', async () => {
    const followed = follow()
    const { follower, fake, accepts, reads, clock } = followed
    await working(followed)
    accepts.passwords = new Set(['one'])
    await clock.advance(2_000)
    for (let second = 0; second < 20; second += 1) {
      follower.report(follower.take() as Login, outage)
      await clock.advance(1_000)
    }
    expect(reads()).toHaveLength(1 + 2)
    fake.put('db', { ...firstSecret, host: 'elsewhere' })
    for (let second = 0; second < 10; second += 1) {
      follower.report(follower.take() as Login, outage)
      await clock.advance(1_000)
    }
    expect(follower.take()).toMatchObject({ host: 'elsewhere' })
  })

  /** A pool whose second connection does not reach the server. */
  async function unreached(): Promise<Followed> {
    const followed = follow()
    await working(followed)
    followed.fake.put('db', { ...firstSecret, host: 'elsewhere' })
    followed.follower.report(followed.follower.take() as Login, outage)
    expect(followed.follower.mayTryAgain(outage)).toBe(true)
    return followed
  }

  it('is left by whoever did not reach it, for where it has moved to', async () => {
    const { follower, accepts } = await unreached()
    accepts.passwords = new Set(['one'])
    await follower.again(outage)
    expect(follower.take()).toMatchObject({ host: 'elsewhere' })
  })

  it('is left by whoever hears last that it was not reached', async () => {
    const { follower, accepts } = await unreached()
    const late = follower.take() as Login
    accepts.passwords = new Set(['one'])
    await follower.again(outage)
    const error = anotherOutage()
    follower.report(late, error)
    expect(follower.mayTryAgain(error)).toBe(true)
    await follower.again(error)
    expect(follower.take()).toMatchObject({ host: 'elsewhere' })
  })

  it('is looked for at once, when it is another one that was not reached a moment ago', async () => {
    const { follower, fake, accepts } = await unreached()
    accepts.passwords = new Set(['one'])
    await follower.again(outage)
    fake.put('db', { ...firstSecret, host: 'a third one' })
    const error = anotherOutage()
    follower.report(follower.take() as Login, error)
    await follower.again(error)
    expect(follower.take()).toMatchObject({ host: 'a third one' })
  })

  it('is not waited for by others, while the secret is looked at', async () => {
    const { follower } = await unreached()
    await follower.again()
    expect(follower.take()).toMatchObject({ host: 'db' })
  })

  it.each([outage, refusal])('fails whoever did not reach it, if no login works at its new address either (%s)', async error => {
    const { follower, proofs } = await unreached()
    const waiting = rejectionOf(follower.again(outage))
    await settled()
    await proofs[0]?.fail(error)
    expect(await waiting).toBe(outage)
    // Nor does the next one wait, until the new address is tried again.
    follower.report(follower.take() as Login, outage)
    expect(await rejectionOf(follower.again(outage))).toBe(outage)
    follower.stop()
  })

  it('fails whoever did not reach it, if it has not moved', async () => {
    const followed = follow()
    const { follower, reads } = followed
    await working(followed)
    for (let turn = 1; turn <= 3; turn += 1) {
      follower.report(follower.take() as Login, outage)
      expect(await rejectionOf(follower.again(outage))).toBe(outage)
    }
    expect(reads()).toHaveLength(1 + 1)
  })

  it('is waited for no longer than the driver lets anyone wait', async () => {
    const followed = follow({ connectTimeoutMs: 3_000 })
    const { follower, fake, clock } = followed
    await working(followed)
    fake.inject({ operation: 'GetSecretValue', hang: true })
    follower.report(follower.take() as Login, outage)
    const waiting = rejectionOf(follower.again(outage))
    await clock.advance(3_000)
    expect(await waiting).toBe(outage)
    follower.stop()
  })
})

it('two logins at a time are refused at most, however many want to connect', async () => {
  const followed = follow({ tryPending: false })
  const { follower } = followed
  await working(followed)
  const taken = Array.from({ length: 20 }, () => follower.take()).filter(login => login !== undefined)
  expect(taken).toHaveLength(2)
  for (const login of taken) follower.report(login, refusal)
  expect(follower.take()).toBeUndefined()
  follower.stop()
})

it('loginsAtOnce says how many that are', async () => {
  const followed = follow({ loginsAtOnce: 4 })
  await working(followed)
  expect(Array.from({ length: 20 }, () => followed.follower.take()).filter(login => login !== undefined)).toHaveLength(4)
})

it('a full server takes the proof when a pool whose connections are all busy gives one back', async () => {
  const followed = follow()
  const { follower, proofs, rotate, clock } = followed
  const connections = [{}, {}]
  const login = await working(followed)
  for (const connection of connections) follower.tag(connection, login)
  await rotate({ password: 'two' })
  await proofs[0]?.fail(full)
  // The first that is released is closed, and nobody else logs in meanwhile.
  const { retirement } = follower.follower
  expect(connections.map(connection => retirement.isToGo(connection))).toEqual([true, false])
  expect(follower.take()).toBeUndefined()
  await clock.advance(400)
  await proofs[1]?.succeed()
  expect(follower.take()).toMatchObject({ password: 'two' })
})

it('a version that is rejected beside one that works keeps its pauses, however many connections open', async () => {
  const followed = follow({ tryPending: false })
  const { follower, accepts, proofs, rotate, clock } = followed
  const login = await working(followed)
  accepts.passwords = new Set(['one'])
  await rotate({ password: 'two' })
  const triedAt: number[] = []
  for (let second = 1; second <= 200; second += 1) {
    const before = proofs.length
    await clock.advance(1_000)
    follower.report(login)
    follower.touch()
    await settled()
    if (proofs.length > before) triedAt.push(second)
  }
  expect(triedAt.length).toBeLessThan(6)
})

it.each([3, 12, 25, 45, 75])(
  'a secret that was changed %i s before the database is followed as soon as that has changed, too',
  async seconds => {
    const followed = follow({ tryPending: false })
    const { follower, accepts, rotate, clock } = followed
    const login = await working(followed)
    accepts.passwords = new Set(['one'])
    await rotate({ password: 'two' })
    await clock.advance(seconds * 1_000)
    follower.report(login)
    accepts.passwords = new Set(['two'])
    follower.report(login, refusal)
    await follower.again()
    expect(follower.take()).toMatchObject({ password: 'two' })
  },
)

it.each([10, 200])(
  'the version that worked is tried again, after a server has rejected everything for %i s beside a bad new one',
  async seconds => {
    const followed = follow({ tryPending: false })
    const { follower, accepts, rotate, clock } = followed
    const login = await working(followed)
    accepts.passwords = new Set(['one'])
    await rotate({ password: 'two' })
    await clock.advance(20_000)
    accepts.passwords = new Set()
    follower.report(login, refusal)
    const ask = async (): Promise<void> => {
      const taken = follower.take()
      if (taken === undefined) await follower.again().catch(() => {})
      else follower.report(taken, accepts.passwords?.has(taken.password) ? undefined : refusal)
    }
    for (let second = 0; second < seconds; second += 1) {
      void ask()
      await clock.advance(1_000)
    }
    accepts.passwords = new Set(['one'])
    for (let second = 0; second < 170; second += 1) {
      void ask()
      await clock.advance(1_000)
    }
    expect(follower.take()).toMatchObject({ password: 'one' })
  },
)

it.each([
  ['whose server is not reached', anotherOutage],
  ['whose login hangs, where nothing limits it', undefined],
])('the version that worked is tried again beside a new one %s', async (_, failure) => {
  const followed = follow({ tryPending: false })
  const { follower, proofs, rotate, clock } = followed
  const login = await working(followed)
  await rotate({ password: 'two' })
  await proofs[0]?.fail(outage)
  follower.report(login, refusal)
  const waiting = rejectionOf(follower.again())
  await settled()
  await proofs[1]?.fail(outage)
  expect(await waiting).toBe(outage)
  for (let second = 0; second < (failure ? 10 : 20) && proofs.length < 3; second += 1) {
    const taken = follower.take()
    if (taken !== undefined && failure !== undefined) follower.report(taken, failure())
    await clock.advance(1_000)
  }
  expect(proofs[2]?.login).toMatchObject({ password: 'one' })
  await proofs[2]?.succeed()
  // Those that hang keep their places for a while.
  if (failure === undefined) await clock.advance(20_000)
  expect(follower.take()).toMatchObject({ password: 'one' })
})

it('an account is rejected three times in half a minute at most, after neither the old version works nor the new one', async () => {
  const followed = follow()
  const { follower, accepts, proofs, rotate, clock } = followed
  const login = await working(followed)
  accepts.passwords = new Set()
  await rotate({ password: 'two' })
  const rejectedAt: number[] = []
  let tried = 0
  for (let second = 0; second < 300; second += 1) {
    const attempt = second < 20 ? login : follower.take()
    if (attempt === undefined) void follower.again().catch(() => {})
    else follower.report(attempt, second < 20 ? undefined : refusal)
    if (attempt !== undefined && second >= 20) rejectedAt.push(second)
    await clock.advance(1_000)
    // A login that works has the server count anew.
    for (; tried < proofs.length; tried += 1) if (second >= 20) rejectedAt.push(second)
  }
  const inHalfAMinute = rejectedAt.map(from => rejectedAt.filter(at => at >= from && at < from + 30).length)
  expect(Math.max(...inHalfAMinute)).toBeLessThanOrEqual(3)
})

it('rejections that take seconds are three at most, though each login that hangs gives up its place', async () => {
  const followed = follow()
  const { follower, proofs, clock } = followed
  const began: [login: Login, at: number][] = []
  let rejected = 0
  for (let ms = 0; ms < 30_000; ms += 100) {
    const login = follower.take()
    if (login === undefined) void follower.again().catch(() => {})
    else began.push([login, clock.now()])
    while (began[0] !== undefined && clock.now() - began[0][1] >= 2_500) {
      follower.report((began.shift() as [Login, number])[0], refusal)
      rejected += 1
    }
    await clock.advance(100)
    for (const proof of proofs.splice(0)) {
      await proof.fail(refusal)
      rejected += 1
    }
  }
  expect(rejected).toBe(3)
})
