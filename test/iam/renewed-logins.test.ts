import { describe, expect, it } from 'vitest'
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
    expect(played.asked).toBeLessThan(12)
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
