import { describe, expect, it } from 'vitest'
import type { Login } from '../../src/pools/login.js'
import { settled } from '../support/deferred-source.js'
import { rejectionOf } from '../support/rejection.js'
import { anotherOutage, type Followed, firstSecret, follow, outage, refusal, working } from './followed.js'

const passwords = ({ proofs }: Followed): string[] => proofs.map(({ login }) => login.password)

/** A connection of the version in use does not reach its server. */
async function unreached({ follower }: Followed): Promise<void> {
  follower.report(follower.take() as Login, anotherOutage())
  await settled()
}

describe('beside a newer version whose server was never reached, the one that worked last', () => {
  async function untried(): Promise<Followed> {
    const followed = follow({ tryPending: false })
    const { follower, proofs, rotate, clock } = followed
    const login = await working(followed)
    await rotate({ password: 'two' })
    await proofs[0]?.fail(outage)
    follower.report(login, refusal)
    await settled()
    await proofs[1]?.fail(outage)
    // For so long, what was refused is left alone.
    await clock.advance(6_250)
    return followed
  }

  async function beside(): Promise<Followed> {
    const followed = await untried()
    await unreached(followed)
    expect(passwords(followed)).toEqual(['two', 'two', 'one'])
    return followed
  }

  it('is used again if it works', async () => {
    const { follower, proofs } = await beside()
    await proofs[2]?.succeed()
    expect(follower.take()).toMatchObject({ password: 'one' })
  })

  it('is not used, and left alone, if it is refused', async () => {
    const followed = await beside()
    const { follower, proofs } = followed
    await proofs[2]?.fail(refusal)
    const login = follower.take() as Login
    expect(login).toMatchObject({ password: 'two' })
    follower.report(login, anotherOutage())
    await settled()
    expect(proofs).toHaveLength(3)
  })

  it('is not used, but tried again at once, if its server is not reached either', async () => {
    const followed = await beside()
    await followed.proofs[2]?.fail(outage)
    await unreached(followed)
    expect(passwords(followed)).toEqual(['two', 'two', 'one', 'one'])
  })

  it('is tried after the newer one was refused twice, without a window', async () => {
    const followed = await untried()
    const { follower, proofs, events, clock } = followed
    // An account may be rejected three times in so long.
    await clock.advance(30_000)
    follower.report(follower.take() as Login, refusal)
    await settled()
    await proofs[2]?.fail(refusal)
    await proofs[3]?.succeed()
    expect(passwords(followed)).toEqual(['two', 'two', 'two', 'one'])
    expect(follower.take()).toMatchObject({ password: 'one' })
    expect(events.filter(({ type }) => type === 'window')).toEqual([])
  })

  it('is not used if it works after the end of the pool', async () => {
    const { follower, proofs, events } = await beside()
    const before = events.length
    follower.stop()
    await proofs[2]?.succeed()
    expect([follower.take(), events.length]).toEqual([expect.objectContaining({ password: 'two' }), before])
  })
})

it('a version that has worked is not tried outside of the pool when its own server is not reached', async () => {
  const followed = follow({ tryPending: false })
  const { follower, proofs, clock } = followed
  follower.report(await working(followed), refusal)
  await clock.advance(20_000)
  await proofs[0]?.fail(outage)
  await unreached(followed)
  expect(proofs).toHaveLength(1)
  follower.stop()
})

it('a server that is not reached is not looked for after the end of the pool', async () => {
  const followed = follow()
  const { follower, reads } = followed
  await working(followed)
  follower.stop()
  await unreached(followed)
  expect(reads()).toHaveLength(1)
})

describe('whoever did not reach a server', () => {
  it('waits for the login at the address that it has moved to', async () => {
    const followed = follow()
    const { follower, fake, proofs } = followed
    await working(followed)
    fake.put('db', { ...firstSecret, host: 'elsewhere' })
    follower.report(follower.take() as Login, outage)
    let isOver = false
    const waiting = follower.again(outage).finally(() => {
      isOver = true
    })
    await settled()
    expect([proofs.length, isOver]).toEqual([1, false])
    await proofs[0]?.succeed()
    await waiting
    expect(follower.take()).toMatchObject({ host: 'elsewhere' })
  })

  it('does not wait for a login at the same address', async () => {
    const followed = follow({ tryPending: false })
    const { follower, clock, proofs } = followed
    const login = await working(followed)
    follower.take()
    follower.report(follower.take() as Login, refusal)
    follower.report(login, refusal)
    await clock.advance(20_000)
    expect(proofs).toHaveLength(1)
    follower.report(login, outage)
    expect(await rejectionOf(follower.again(outage))).toBe(outage)
    follower.stop()
  })

  it('of an older version does not wait for a login of the next', async () => {
    const followed = follow()
    const { follower, rotate, proofs } = followed
    await working(followed)
    const older = follower.take() as Login
    await rotate({ password: 'two' })
    await proofs[0]?.succeed()
    await rotate({ password: 'three' })
    follower.report(older, outage)
    await follower.again(outage)
    expect(proofs).toHaveLength(2)
    expect(follower.take()).toMatchObject({ password: 'two' })
  })
})

describe('a pool that may not read its secret any more', () => {
  /** A pool whose login has worked, and whose cache has dropped the secret since. */
  async function denied(): Promise<Followed> {
    const followed = follow()
    const { follower, cache, fake } = followed
    await working(followed)
    fake.inject({ operation: 'GetSecretValue', error: 'AccessDeniedException' })
    cache.delete('db')
    follower.touch()
    await settled()
    return followed
  }

  it('opens no connection with what has worked', async () => {
    const { follower } = await denied()
    expect(follower.take()).toBeUndefined()
    expect(await rejectionOf(follower.again())).toMatchObject({ code: 'ERR_SECRET_ACCESS_DENIED' })
    expect(follower.take()).toBeUndefined()
  })

  it('moves to a newer version when it may again', async () => {
    const { follower, fake, accepts, clock } = await denied()
    accepts.passwords = new Set(['two'])
    fake.recover()
    fake.put('db', { ...firstSecret, password: 'two' })
    // The cache does not repeat what was denied for a while.
    await clock.advance(60_000)
    await follower.again()
    await settled()
    expect(follower.take()).toMatchObject({ password: 'two' })
  })
})

it('a pool that could never read its secret says why, and works when it can', async () => {
  const { follower, fake, clock } = follow()
  fake.inject({ operation: 'GetSecretValue', error: 'AccessDeniedException' })
  expect(await rejectionOf(follower.again())).toMatchObject({ code: 'ERR_SECRET_ACCESS_DENIED' })
  fake.recover()
  await clock.advance(60_000)
  await follower.again()
  expect(follower.take()).toMatchObject({ password: 'one' })
})
