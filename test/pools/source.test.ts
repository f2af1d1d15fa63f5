import { describe, expect, it } from 'vitest'
import { credentialsFrom, type IssuedLogin, type LoginSource } from '../../src/iam/index.js'
import type { Login } from '../../src/pools/login.js'
import { FakeLoginIssuer, type ManualClock } from '../../src/testing/index.js'
import { settled } from '../support/deferred-source.js'
import { rejectionOf } from '../support/rejection.js'
import { type Followed, follow, refusal, working } from './followed.js'

const minuteMs = 60_000

interface Sourced extends Followed {
  issuer: FakeLoginIssuer
  source: LoginSource
}

/** A pool that follows tokens of a quarter of an hour, to which its issuer may add more. */
function sourced(more: (clock: ManualClock) => Partial<IssuedLogin> = () => ({})): Sourced {
  let issuer: FakeLoginIssuer | undefined
  let source: LoginSource | undefined
  const followed = follow({
    source(clock) {
      const mine = new FakeLoginIssuer({ clock })
      issuer = mine
      source = credentialsFrom({ clock, get: async options => ({ ...(await mine.issue(options)), ...more(clock) }) })
      return source
    },
  })
  return { ...followed, issuer: issuer as FakeLoginIssuer, source: source as LoginSource }
}

/** A request for a connection. */
async function connecting({ follower }: Followed): Promise<Login | undefined> {
  follower.touch()
  const login = follower.take()
  if (login !== undefined) return login
  await follower.again()
  return follower.take()
}

describe('a new token of the same user', () => {
  it('is used for the next connection without a proof, and closes nothing that the last one has opened', async () => {
    const pool = sourced()
    const first = await working(pool)
    const connection = {}
    pool.follower.tag(connection, first)
    await pool.clock.advance(12 * minuteMs)
    const second = (await connecting(pool)) as Login
    expect(second.password).not.toBe(first.password)
    expect(second.user).toBe('app')
    pool.follower.report(second)
    await pool.clock.advance(5_000)
    expect([pool.proofs, pool.closed, pool.follower.isOutdated(connection)]).toEqual([[], [], false])
    expect(pool.events).toMatchObject([
      { type: 'credentials', secretId: undefined, user: 'app', pending: false },
      { type: 'credentials', secretId: undefined, user: 'app', pending: false },
    ])
  })

  it('is there for a burst after hours without a request', async () => {
    const pool = sourced()
    pool.follower.report(await working(pool))
    await pool.clock.advance(12 * 60 * minuteMs)
    const login = (await connecting(pool)) as Login
    expect(pool.issuer.accepts(login.user, login.password)).toBe(true)
  })

  it('is waited for after a freeze that was longer than the life of the last one', async () => {
    const pool = sourced()
    await working(pool)
    pool.clock.set(pool.clock.now() + 60 * minuteMs)
    const login = (await connecting(pool)) as Login
    expect(pool.issuer.accepts(login.user, login.password)).toBe(true)
  })
})

describe('a token that is rejected', () => {
  it('is replaced by another one, with which waiting requests go on', async () => {
    const pool = sourced()
    const first = await working(pool)
    pool.issuer.revoke()
    const used = pool.follower.take() as Login
    pool.follower.report(used, refusal)
    const waiting = pool.follower.again()
    await settled()
    expect(pool.proofs).toHaveLength(1)
    const [proof] = pool.proofs
    expect(pool.issuer.accepts('app', proof?.login.password ?? '')).toBe(true)
    await proof?.succeed()
    await waiting
    expect((pool.follower.take() as Login).password).not.toBe(first.password)
    expect(pool.events.map(({ type }) => type)).toEqual(['credentials', 'credentials'])
  })

  it('as is the next one costs at most three logins in half a minute, and no window is told', async () => {
    const pool = sourced()
    await working(pool)
    pool.accepts.passwords = new Set()
    pool.follower.report(pool.follower.take() as Login, refusal)
    expect(await rejectionOf(pool.follower.again())).toBe(refusal)
    await pool.clock.advance(3_000)
    expect(pool.proofs.length).toBeLessThanOrEqual(2)
    expect(pool.events.map(({ type }) => type)).toEqual(['credentials', 'refused'])
  })
})

/** The most of these moments within half a minute of each other. */
function mostInHalfAMinute(moments: readonly number[]): number {
  return Math.max(...moments.map(from => moments.filter(at => at >= from && at < from + 30_000).length))
}

/** Has requests come all the time to a server that rejects everything; returns when it rejected. */
async function rejectedAll(pool: Sourced, seconds: number, eachSecond: (second: number) => void = () => {}): Promise<number[]> {
  const rejected: number[] = []
  let proofs = pool.proofs.length
  pool.accepts.passwords = new Set()
  for (let second = 0; second < seconds; second += 1) {
    const login = pool.follower.take()
    if (login !== undefined) {
      rejected.push(pool.clock.now())
      pool.follower.report(login, refusal)
    }
    void pool.follower.again().catch(() => {})
    eachSecond(second)
    await pool.clock.advance(1_000)
    for (; proofs < pool.proofs.length; proofs += 1) rejected.push(pool.clock.now())
  }
  return rejected
}

describe('a server that rejects one token after another', () => {
  it.each([3, 6, 12, 30])('that lasts for %i s rejects three in half a minute, and later one in a minute', async lifeSeconds => {
    const pool = sourced()
    pool.issuer.lifeMs = lifeSeconds * 1_000
    await working(pool)
    const rejected = await rejectedAll(pool, 600)
    expect(mostInHalfAMinute(rejected)).toBeLessThanOrEqual(3)
    expect(mostInHalfAMinute(rejected.slice(-4))).toBe(1)
    expect(rejected.length).toBeGreaterThanOrEqual(8)
  })

  it('rejects no more of them because other pools have the source issue new ones', async () => {
    const pool = sourced()
    await working(pool)
    const { source } = pool
    const rejected = await rejectedAll(pool, 600, second => {
      const current = source.current()
      if (second % 7 === 3 && current !== undefined) void source.refresh(current)
    })
    expect(mostInHalfAMinute(rejected)).toBeLessThanOrEqual(3)
    expect(mostInHalfAMinute(rejected.slice(-4))).toBe(1)
  })

  it('is not offered one that has ended, though it was the last that worked', async () => {
    const pool = sourced()
    const { user, password } = await working(pool)
    await rejectedAll(pool, 900)
    const { length } = pool.proofs
    await rejectedAll(pool, 900)
    expect(pool.proofs.length).toBeGreaterThan(length)
    expect(pool.proofs.slice(length).filter(({ login }) => login.user === user && login.password === password)).toEqual([])
  })
})

it('a password that stays the same though it is rejected is tried again after growing pauses', async () => {
  const pool = sourced(() => ({ password: 'the same' }))
  await working(pool)
  pool.accepts.passwords = new Set()
  pool.follower.report(pool.follower.take() as Login, refusal)
  await rejectionOf(pool.follower.again())
  const before = pool.proofs.length
  for (let second = 0; second < 600; second += 1) {
    void pool.follower.again().catch(() => {})
    await pool.clock.advance(1_000)
  }
  // After 5 and 30 s, and then once a minute.
  expect(pool.proofs.length - before).toBeLessThanOrEqual(12)
  expect(pool.proofs.length - before).toBeGreaterThanOrEqual(7)
})

describe('another user', () => {
  it('is proven before it takes over, and then what the one before has opened is closed', async () => {
    const pool = sourced()
    const connection = {}
    pool.follower.tag(connection, await working(pool))
    pool.issuer.username = 'app_2'
    await pool.clock.advance(12 * minuteMs)
    expect((pool.follower.take() as Login).user).toBe('app')
    expect(pool.proofs.map(({ login }) => login.user)).toEqual(['app_2'])
    await pool.proofs[0]?.succeed()
    expect((pool.follower.take() as Login).user).toBe('app_2')
    expect(pool.follower.isOutdated(connection)).toBe(true)
    await pool.clock.advance(1_000)
    expect(pool.closed).not.toEqual([])
  })

  it('that does not work leaves the one before in use', async () => {
    const pool = sourced()
    await working(pool)
    pool.issuer.username = 'app_2'
    await pool.clock.advance(12 * minuteMs)
    await pool.proofs[0]?.fail(refusal)
    expect((pool.follower.take() as Login).user).toBe('app')
  })
})

describe('a connection', () => {
  it('that the server ends after an hour is closed before that', async () => {
    const pool = sourced(() => ({ sessionMs: 60 * minuteMs }))
    const connection = {}
    pool.follower.tag(connection, await working(pool))
    await pool.clock.advance(48 * minuteMs - 1)
    expect([pool.follower.isOutdated(connection), pool.closed]).toEqual([false, []])
    await pool.clock.advance(6 * minuteMs + 1)
    expect([pool.follower.isOutdated(connection), pool.closed]).toEqual([true, [1]])
  })

  it('whose user ends is closed a minute before that', async () => {
    const pool = sourced(clock => ({ accountUntil: clock.now() + 30 * minuteMs }))
    const connection = {}
    const login = await working(pool)
    pool.follower.tag(connection, login)
    pool.issuer.fail()
    await pool.clock.advance(29 * minuteMs - 1)
    expect(pool.follower.isOutdated(connection)).toBe(false)
    await pool.clock.advance(1)
    expect([pool.follower.isOutdated(connection), pool.closed]).toEqual([true, [1]])
  })

  it('whose user is kept for longer stays', async () => {
    const pool = sourced(clock => ({ password: 'the same', accountUntil: clock.now() + 30 * minuteMs }))
    const connection = {}
    pool.follower.tag(connection, await working(pool))
    for (let minute = 0; minute < 120; minute += 1) {
      await pool.clock.advance(minuteMs)
      await connecting(pool)
    }
    expect([pool.follower.isOutdated(connection), pool.closed]).toEqual([false, []])
  })
})

it('a pool that ends issues nothing any more', async () => {
  const pool = sourced()
  await working(pool)
  pool.follower.stop()
  const { asked } = pool.issuer
  await pool.clock.advance(60 * minuteMs)
  expect([pool.issuer.asked, pool.clock.pending]).toEqual([asked, 0])
})

it('an issuer that fails at first fails the request with its error, and the next one when it has recovered', async () => {
  const pool = sourced()
  pool.issuer.fail(Object.assign(new Error('no credentials'), { name: 'CredentialsProviderError' }))
  expect(await rejectionOf(pool.follower.again())).toMatchObject({ code: 'ERR_SECRET_CREDENTIALS' })
  pool.issuer.recover()
  await pool.clock.advance(3_000)
  expect((await connecting(pool))?.user).toBe('app')
})

it('a source of a user that returns no login fails the request with what is wrong', async () => {
  const login = { user: 'app' } as never
  const pool = follow({
    source: clock => ({
      type: 'streaming-credentials-provider',
      clock,
      current: () => undefined,
      get: async () => login,
      refresh: async () => login,
      subscribe: async () => [login, { dispose() {} }],
      onReAuthenticationError() {},
    }),
  })
  expect(await rejectionOf(pool.follower.again())).toMatchObject({
    code: 'ERR_SECRET_FORMAT',
    message: expect.stringContaining('the source of logins returned is not a login: see username, password.'),
  })
})

describe('a server that accepts a token only some time after it was issued', () => {
  it.each([1, 4, 8, 20])('of %i s is offered one again that it has rejected', async lagSeconds => {
    const issuedAt = new Map<string, number>()
    let n = 0
    const pool = sourced(clock => {
      n += 1
      issuedAt.set(`token ${n}`, clock.now())
      return { password: `token ${n}` }
    })
    const isGood = (password: string): boolean => pool.clock.now() - Number(issuedAt.get(password)) >= lagSeconds * 1_000
    let workedAfter: number | undefined
    for (let second = 0; second < 90 && workedAfter === undefined; second += 1) {
      pool.accepts.passwords = new Set([...issuedAt.keys()].filter(isGood))
      const login = pool.follower.take()
      if (login !== undefined) pool.follower.report(login, isGood(login.password) ? undefined : refusal)
      if (login !== undefined && isGood(login.password)) workedAfter = second
      void pool.follower.again().catch(() => {})
      await pool.clock.advance(1_000)
    }
    expect(workedAfter).toBeLessThanOrEqual(lagSeconds < 5 ? 10 : 50)
  })
})

it('logins that the source has issued by itself are replaced too when they are rejected', async () => {
  const pool = sourced()
  await working(pool)
  const { source } = pool
  const rejectedIn = new Set<string>()
  // Another pool has the source pause, so that it issues the next login only later, by itself.
  await source.refresh((await source.get()) as never)
  const isGood = (password: string): boolean => pool.clock.now() >= goodFrom && !rejectedIn.has(password)
  const goodFrom = pool.clock.now() + 90_000
  let workedAt: number | undefined
  for (let second = 0; second < 400 && workedAt === undefined; second += 1) {
    const current = source.current()
    // What was issued while the server rejected everything stays worthless.
    if (current !== undefined && pool.clock.now() < goodFrom) rejectedIn.add(current.password)
    pool.accepts.passwords = new Set(current !== undefined && isGood(current.password) ? [current.password] : [])
    const login = pool.follower.take()
    if (login !== undefined) {
      pool.follower.report(login, isGood(login.password) ? undefined : refusal)
      if (isGood(login.password)) workedAt = second
    }
    void pool.follower.again().catch(() => {})
    await pool.clock.advance(1_000)
  }
  expect(workedAt).toBeLessThanOrEqual(90 + 150)
})

it('a rejection is told of the login that was rejected', async () => {
  const pool = sourced()
  await working(pool)
  const offered = new Set<string | undefined>()
  const ids = new Map<string, string>()
  const note = (): void => {
    const current = pool.source.current()
    if (current !== undefined) ids.set(current.password, current.id)
  }
  note()
  await rejectedAll(pool, 300, note)
  for (const { login } of pool.proofs) offered.add(ids.get(login.password))
  const told = pool.events.filter(({ type }) => type === 'refused').map(event => (event as { versionId?: string }).versionId)
  expect(told.length).toBeGreaterThanOrEqual(5)
  expect(told.filter(versionId => !offered.has(versionId))).toEqual([])
})

it('a user that has ended during a freeze is not offered to the server while the next one is proven', async () => {
  const pool = sourced(clock => ({ accountUntil: clock.now() + 60 * minuteMs, loginUntil: undefined }))
  await working(pool)
  pool.issuer.username = 'app_2'
  pool.clock.set(pool.clock.now() + 120 * minuteMs)
  const taken = connecting(pool)
  await settled()
  expect(pool.proofs.map(({ login }) => login.user)).toEqual([])
  expect((await taken)?.user).toBe('app_2')
})
