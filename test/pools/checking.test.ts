import { describe, expect, it } from 'vitest'
import type { Login } from '../../src/pools/login.js'
import { type Followed, follow, outage, refusal, working } from './followed.js'

/** A pool that opens connections again, some time after the last: who goes first has the login, and two wait. */
async function checking(): Promise<Followed & { login: Login; waiting: Promise<unknown> }> {
  const followed = follow()
  const { follower, clock } = followed
  const login = await working(followed)
  await clock.advance(2_000)
  expect([follower.take(), follower.take(), follower.take()]).toEqual([login, undefined, undefined])
  return { ...followed, login, waiting: Promise.all([follower.again(), follower.again()]) }
}

describe('of the connections that are opened some time after the last', () => {
  it('one logs in first, and then two others at a time', async () => {
    const { follower, login, waiting } = await checking()
    follower.report(login)
    await waiting
    expect([follower.take(), follower.take(), follower.take()]).toEqual([login, login, undefined])
  })

  it('one is refused, however many there are', async () => {
    const { follower, login, waiting, rotate, accepts, proofs } = await checking()
    accepts.passwords = new Set(['two'])
    follower.report(login, refusal)
    await rotate({ password: 'two' })
    await waiting
    expect(follower.take()).toMatchObject({ password: 'two' })
    expect(proofs.map(proof => proof.login.password)).toEqual(['two'])
  })

  it('one goes on after a second if the first hangs, and as soon as that has logged in, the others', async () => {
    const { follower, login, waiting, clock } = await checking()
    await clock.advance(999)
    expect(follower.take()).toBeUndefined()
    await clock.advance(1)
    expect([follower.take(), follower.take()]).toEqual([login, undefined])
    follower.report(login)
    // The second that went on has its place still.
    expect([follower.take(), follower.take()]).toEqual([login, undefined])
    follower.report(login)
    await waiting
    expect(follower.take()).toBe(login)
  })

  it('each further one that hangs doubles the time until the next: it may be a refusal that takes its time', async () => {
    const { follower, login, clock } = await checking()
    const began: number[] = []
    const start = clock.now()
    for (let second = 0; second < 16; second += 1) {
      await clock.advance(1_000)
      if (follower.take() !== undefined) began.push(clock.now() - start)
    }
    expect(began).toEqual([1_000, 2_000, 4_000, 8_000, 16_000])
    follower.report(login)
    // The last one that went is still within its second.
    expect([follower.take(), follower.take()]).toEqual([login, undefined])
  })

  it('none fails because another cannot reach the server', async () => {
    const { follower, login, clock } = await checking()
    follower.report(login, outage)
    expect(follower.take()).toBe(login)
    follower.report(login)
    await clock.advance(0)
    expect([follower.take(), follower.take()]).toEqual([login, login])
  })

  it('none is held back, and no timer left, by the end of the pool', async () => {
    const { follower, login, waiting, clock } = await checking()
    follower.stop()
    follower.report(login)
    await waiting
    for (let connection = 0; connection < 5; connection += 1) {
      expect(follower.take()).toBe(login)
      follower.report(login)
    }
    await clock.advance(1_000)
    expect(clock.pending).toBe(0)
  })

  it('none keeps outdated ones alive', async () => {
    const followed = follow()
    const { follower, clock, accepts, rotate } = followed
    const old = {}
    follower.tag(old, await working(followed))
    accepts.passwords = new Set(['two'])
    await rotate({ password: 'two' })
    await clock.advance(2_000)
    follower.take()
    expect(follower.isOutdated(old)).toBe(true)
  })
})

it('an outage between refusals does not begin the count of refused logins anew', async () => {
  const followed = follow({ tryPending: false })
  const { follower, proofs, clock } = followed
  await working(followed)
  let refusals = 0
  for (let query = 0; query < 20; query += 1) {
    await clock.advance(2_000)
    const login = follower.take()
    if (login === undefined) continue
    refusals += 1
    follower.report(login, refusal)
    await clock.advance(500)
    await proofs.at(-1)?.fail(outage)
  }
  expect(refusals).toBeLessThanOrEqual(6)
})
