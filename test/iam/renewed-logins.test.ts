import { describe, expect, it, onTestFinished } from 'vitest'
import { credentialsFrom, rdsIam } from '../../src/iam/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { settled } from '../support/deferred-source.js'
import { rejectionOf } from '../support/rejection.js'
import { idOf, issuer } from './issuer.js'

const minuteMs = 60_000

describe('a login that lasts for a quarter of an hour', () => {
  it('is one for all who ask', async () => {
    const { source, ...counts } = issuer()
    const ids = await Promise.all(Array.from({ length: 500 }, () => idOf(source.get())))
    expect(new Set(ids)).toEqual(new Set(['token-1']))
    expect(source.current()?.id).toBe('token-1')
    expect(counts).toBeDefined()
  })

  it('is issued by nobody before somebody asks', async () => {
    const played = issuer()
    await played.clock.advance(60 * minuteMs)
    expect([played.source.current(), played.asked]).toEqual([undefined, 0])
  })

  it('is renewed in the background in its last five minutes, and served meanwhile', async () => {
    const played = issuer()
    const { clock, source } = played
    await source.get()
    await clock.advance(10 * minuteMs - 1)
    expect([await idOf(source.get()), played.asked]).toEqual(['token-1', 1])
    await clock.advance(minuteMs)
    expect(await idOf(source.get())).toBe('token-1')
    await settled()
    expect([await idOf(source.get()), played.asked]).toEqual(['token-2', 2])
  })

  it('is waited for in its last minute', async () => {
    const played = issuer()
    const { clock, source } = played
    await source.get()
    await clock.advance(14 * minuteMs)
    expect(await idOf(source.get())).toBe('token-2')
  })

  it('is kept while it lasts if the renewal fails, which is repeated after growing pauses', async () => {
    const played = issuer()
    const { clock, source, does } = played
    await source.get()
    does.error = new Error('no')
    await clock.advance(11 * minuteMs)
    for (let second = 0; second < 239; second += 1) {
      expect(await idOf(source.get())).toBe('token-1')
      await clock.advance(1_000)
    }
    expect(played.asked).toBeLessThanOrEqual(25)
    expect(played.asked).toBeGreaterThan(6)
    await clock.advance(1_000)
    expect(await rejectionOf(source.get())).toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE' })
    delete does.error
    await clock.advance(3_000)
    expect(await idOf(source.get())).toBe('token-2')
  })

  it('is renewed once for all after a freeze that was longer than its life', async () => {
    const played = issuer()
    const { clock, source } = played
    await source.get()
    clock.set(clock.now() + 12 * 60 * minuteMs)
    expect(source.current()).toBeUndefined()
    const ids = await Promise.all(Array.from({ length: 500 }, () => idOf(source.get())))
    expect([new Set(ids), played.asked]).toEqual([new Set(['token-2']), 2])
  })
})

it.each([
  [6_000, 3_999, 4_800],
  [15 * minuteMs, 10 * minuteMs - 1, 11 * minuteMs],
  [60 * minuteMs, 45 * minuteMs - 1, 48 * minuteMs],
  [12 * 60 * minuteMs, 11 * 60 * minuteMs - 1, 11 * 60 * minuteMs + 12 * minuteMs],
])('a login that lasts for %i ms is renewed after %i ms, and before %i', async (lifeMs, keptFor, renewedBy) => {
  const played = issuer({ lifeMs })
  await played.source.get()
  await played.clock.advance(keptFor)
  await played.source.get()
  expect(played.asked).toBe(1)
  await played.clock.advance(renewedBy - keptFor)
  await played.source.get()
  expect(played.asked).toBe(2)
})

it('a user that ends before its password is renewed before it ends', async () => {
  const played = issuer({ lifeMs: 60 * minuteMs })
  played.does.accountMs = 6 * minuteMs
  await played.source.get()
  await played.clock.advance(6 * minuteMs)
  expect(played.source.current()).toBeUndefined()
  expect(await idOf(played.source.get())).toBe('token-2')
})

describe('a login that the server has rejected', () => {
  it('is replaced once for all who were rejected', async () => {
    const played = issuer()
    const login = await played.source.get()
    const ids = await Promise.all(Array.from({ length: 50 }, () => idOf(played.source.refresh(login))))
    expect([new Set(ids), played.asked]).toEqual([new Set(['token-2']), 2])
    expect([await idOf(played.source.refresh(login)), played.asked]).toEqual(['token-2', 2])
  })

  it('is not replaced again for five seconds: a server that refuses everything would have each follower ask for another', async () => {
    const played = issuer()
    const first = await played.source.get()
    const second = await played.source.refresh(first)
    const ids = await Promise.all(Array.from({ length: 20 }, () => idOf(played.source.refresh(second))))
    expect([new Set(ids), played.asked]).toEqual([new Set(['token-2']), 2])
    await played.clock.advance(5_000)
    expect([await idOf(played.source.refresh(second)), played.asked]).toEqual(['token-3', 3])
  })

  it('is replaced after growing pauses while the server rejects each replacement, whoever they are for', async () => {
    const played = issuer()
    let login = await played.source.get()
    for (let second = 0; second < 600; second += 1) {
      played.does.username = `app_${second}`
      login = await played.source.refresh(login)
      await played.clock.advance(1_000)
    }
    // At once, after 5 and 30 s, and then once a minute; at most one more by the clock.
    expect(played.asked).toBeGreaterThanOrEqual(1 + 11)
    expect(played.asked).toBeLessThanOrEqual(1 + 13)
  })

  it('is replaced by itself once the pause is over, and whoever listens is told', async () => {
    const played = issuer()
    const told: string[] = []
    const [first, subscription] = await played.source.subscribe({ onNext: ({ id }) => void told.push(id), onError() {} })
    const second = await played.source.refresh(first)
    expect(await idOf(played.source.refresh(second))).toBe('token-2')
    await played.clock.advance(4_999)
    expect(told).toEqual(['token-2'])
    await played.clock.advance(1)
    await settled()
    expect(told).toEqual(['token-2', 'token-3'])
    await played.clock.advance(5 * minuteMs)
    expect(played.asked).toBe(3)
    subscription.dispose()
    expect(played.clock.pending).toBe(0)
  })

  it('is replaced at once when there was no rejection for two minutes', async () => {
    const played = issuer()
    let login = await played.source.get()
    for (let time = 0; time < 4; time += 1) {
      const { asked } = played
      login = await played.source.refresh(login)
      expect(played.asked).toBe(asked + 1)
      await played.clock.advance(2 * minuteMs)
    }
  })

  it('is asked for no more often than an issuer that fails allows', async () => {
    const played = issuer()
    const login = await played.source.get()
    played.does.error = new Error('no')
    for (let time = 0; time < 100; time += 1) {
      await rejectionOf(played.source.refresh(login))
      await played.clock.advance(100)
    }
    expect(played.asked).toBeLessThanOrEqual(6)
  })
})

describe('an issuer', () => {
  it('that fails at first is asked at most once in a pause, whoever asks', async () => {
    const played = issuer()
    played.does.error = new Error('no')
    const failures = await Promise.all(Array.from({ length: 50 }, () => rejectionOf(played.source.get())))
    expect([new Set(failures.map(({ message }) => message)).size, played.asked]).toEqual([1, 1])
    for (let second = 0; second < 60; second += 1) {
      await rejectionOf(played.source.get())
      await played.clock.advance(1_000)
    }
    expect(played.asked).toBeLessThanOrEqual(33)
    delete played.does.error
    await played.clock.advance(2_000)
    expect(await idOf(played.source.get())).toBe('token-1')
  })

  it('that does not answer is given up after ten seconds', async () => {
    const played = issuer()
    played.does.hangs = true
    const rejection = rejectionOf(played.source.get())
    await played.clock.advance(10_000)
    expect(await rejection).toMatchObject({ code: 'ERR_SECRET_TIMEOUT' })
  })

  it('is not waited for any longer by a caller that has left', async () => {
    const played = issuer()
    played.does.hangs = true
    const leaving = new AbortController()
    const rejection = rejectionOf(played.source.get({ signal: leaving.signal }))
    leaving.abort(new Error('left'))
    expect(await rejection).toMatchObject({ message: 'left' })
  })

  it('whose logins have ended already is told to look at the clock', async () => {
    const played = issuer({ lifeMs: -1 })
    expect(await rejectionOf(played.source.get())).toMatchObject({
      code: 'ERR_SECRET_CREDENTIALS',
      message: expect.stringContaining('clock'),
    })
  })
})

describe('a subscription', () => {
  it('whose listener throws spoils no other, and its error is not swallowed', async () => {
    const { clock, source } = issuer()
    const mistake = new Error('a mistake in a listener')
    const surfaced: unknown[] = []
    const subscriptions = [
      await source.subscribe({
        onNext() {
          throw mistake
        },
        onError() {},
      }),
    ]
    const told: string[] = []
    subscriptions.push(await source.subscribe({ onNext: ({ id }) => void told.push(id), onError() {} }))
    process.setUncaughtExceptionCaptureCallback(error => surfaced.push(error))
    onTestFinished(() => process.setUncaughtExceptionCaptureCallback(null))
    await clock.advance(12 * minuteMs)
    await settled()
    expect([told, surfaced]).toEqual([['token-2'], [mistake]])
    for (const [, subscription] of subscriptions) subscription.dispose()
  })

  it('is told the next login after an outage of the issuer, though nobody asks', async () => {
    // The pauses are drawn, so that they end at any fraction of a millisecond.
    for (let round = 0; round < 30; round += 1) {
      const { clock, does, source } = issuer()
      const told: string[] = []
      const [, subscription] = await source.subscribe({ onNext: ({ id }) => void told.push(id), onError() {} })
      does.error = new Error('no')
      await clock.advance(round * minuteMs)
      delete does.error
      await clock.advance(20 * minuteMs)
      expect(told.length).toBeGreaterThan(0)
      subscription.dispose()
      expect(clock.pending).toBe(0)
    }
  })

  it('has an issuer that is down asked about once a minute while nobody needs a login', async () => {
    const played = issuer()
    const [, subscription] = await played.source.subscribe({ onNext() {}, onError() {} })
    played.does.error = new Error('no')
    await played.clock.advance(20 * minuteMs)
    const { asked } = played
    await played.clock.advance(60 * minuteMs)
    expect(played.asked - asked).toBeGreaterThanOrEqual(45)
    expect(played.asked - asked).toBeLessThanOrEqual(60)
    subscription.dispose()
  })

  it('is told each new login, which is renewed though nobody asks', async () => {
    const played = issuer()
    const told: string[] = []
    const [login, subscription] = await played.source.subscribe({ onNext: ({ id }) => told.push(id), onError() {} })
    expect(login.id).toBe('token-1')
    await played.clock.advance(60 * minuteMs)
    expect(told).toHaveLength(played.issued - 1)
    expect(told.length).toBeGreaterThanOrEqual(5)
    subscription.dispose()
    await played.clock.advance(60 * minuteMs)
    expect([told.length, played.clock.pending]).toEqual([played.issued - 1, 0])
  })
})

it('a renewal that fails until shortly before the end is repeated in time', async () => {
  const played = issuer({ lifeMs: 9_000 })
  await played.source.get()
  played.does.error = new Error('no')
  for (let ms = 0; ms < 8_000; ms += 100) {
    await played.source.get()
    await played.clock.advance(100)
  }
  delete played.does.error
  const ids: string[] = []
  for (let ms = 0; ms < 3_000; ms += 100) {
    ids.push(await idOf(played.source.get()))
    await played.clock.advance(100)
  }
  // None of the requests failed.
  expect(ids.at(-1)).toBe('token-2')
})

it.each([
  ['a line break in the password', { username: 'app', password: 'one\ntwo' }, 'password'],
  ['a NUL in the user', { username: 'app\0database\0other', password: 'one' }, 'username'],
  ['no password', { username: 'app' }, 'password'],
  ['an end that is no number', { username: 'app', password: 'one', loginUntil: '2030-01-01' }, 'loginUntil'],
  ['nothing at all', undefined, 'username, password'],
])('an issuer that returns %s is told the field', async (_, login, field) => {
  const source = credentialsFrom({ get: async () => login as never })
  expect(await rejectionOf(source.get())).toMatchObject({
    code: 'ERR_SECRET_FORMAT',
    message: expect.stringContaining(`see ${field}.`),
  })
})

it('an issuer that throws is told to log that itself: the text may quote a login', async () => {
  const source = credentialsFrom({ get: () => Promise.reject(new Error('wrong answer: planted-value')) })
  const error = await rejectionOf(source.get())
  expect(error).toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE', hint: expect.stringContaining('log it where it is thrown') })
  expect(String(error.stack)).not.toContain('planted-value')
})

it.each([
  ['nothing', undefined],
  ['no keys', {}],
  ['an expiration that is no Date', { accessKeyId: 'a', secretAccessKey: 'b', expiration: '2030-01-01' }],
])('a provider of AWS credentials that returns %s is told so', async (_, credentials) => {
  const source = rdsIam({
    host: 'db.example.com',
    port: 5432,
    user: 'app',
    region: 'eu-west-1',
    credentials: async () => credentials as never,
  })
  expect(await rejectionOf(source.get())).toMatchObject({
    code: 'ERR_SECRET_CREDENTIALS',
    message: expect.stringContaining('What the provider of AWS credentials returned is none.'),
  })
})

it('a login with an id that the one before had gets one of its own, and keeps it while it stays the same', async () => {
  let next = { username: 'app', password: 'one' }
  const clock = new ManualClock()
  const source = credentialsFrom({
    clock,
    get: async () => ({ id: 'role', ...next, loginUntil: clock.now() + 90_000 }),
  })
  const ids: string[] = []
  for (const [username, password] of [
    ['app', 'one'],
    ['app_2', 'one'],
    ['app_2', 'one'],
    ['app_2', 'two'],
    ['app', 'one'],
  ] as const) {
    next = { username, password }
    ids.push(await idOf(source.get()))
    await clock.advance(90_000)
  }
  const own = expect.stringMatching(/^role\/[\w-]{36}$/)
  expect(ids).toEqual(['role', own, ids[1], own, own])
  expect(new Set(ids).size).toBe(4)
})

it('refresh says what it takes', async () => {
  expect(await rejectionOf(issuer().source.refresh(undefined as never))).toMatchObject({
    name: 'TypeError',
    message: 'refresh takes the login that was rejected.',
  })
})
