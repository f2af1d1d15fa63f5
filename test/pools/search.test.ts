import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Login } from '../../src/pools/login.js'
import { settled } from '../support/deferred-source.js'
import { rejectionOf } from '../support/rejection.js'
import { type Followed, firstSecret, follow, full, locked, outage, refusal, working } from './followed.js'

// Pauses are spread by up to a quarter; these are the shortest.
beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
})
afterEach(() => {
  vi.restoreAllMocks()
})

const passwords = ({ proofs }: Followed): string[] => proofs.map(({ login }) => login.password)

const windows = ({ events }: Followed): object[] => events.filter(({ type }) => type === 'window')

describe('the window', () => {
  it('reads AWSCURRENT after each pause, and AWSPENDING at first and after every fourth', async () => {
    const followed = follow()
    const { follower, clock, accepts, reads } = followed
    accepts.passwords = new Set()
    follower.report(await working(followed), refusal)
    await clock.advance(90_000)
    const [first, ...others] = reads()
    expect(first).toBe('AWSCURRENT')
    const four = Array<string>(4).fill('AWSCURRENT')
    const expected = [
      'AWSCURRENT',
      'AWSPENDING',
      ...Array.from({ length: 4 }, () => [...four, 'AWSPENDING']).flat(),
      'AWSCURRENT',
    ]
    expect(others).toEqual(expected)
  })

  it.each([
    ['shorter than the first pause has none', 249, 0],
    ['as long as the first pause has that', 250, 1],
    ['shorter than two pauses has one', 624, 1],
    ['as long as two pauses has both', 625, 2],
  ])('%s', async (_, rotationWindowMs, pauses) => {
    const followed = follow({ tryPending: false, rotationWindowMs })
    const { follower, clock, reads } = followed
    const login = await working(followed)
    await clock.advance(10_000)
    follower.report(login, refusal)
    const waiting = rejectionOf(follower.again())
    await clock.advance(2_000)
    expect(await waiting).toBe(refusal)
    expect(reads()).toHaveLength(1 + 1 + pauses)
    const { versionId } = login
    expect(windows(followed)).toMatchObject([
      { phase: 'opened', versionId },
      { phase: 'closed', versionId },
    ])
  })

  it('that ends with a newer version names the one that was refused, and then the newer one', async () => {
    const followed = follow()
    const { follower, clock, accepts, rotate } = followed
    const { versionId } = await working(followed)
    accepts.passwords = new Set(['two'])
    follower.report(follower.take() as Login, refusal)
    await settled()
    const newer = await rotate({ password: 'two' })
    await clock.advance(1_000)
    expect(windows(followed)).toMatchObject([
      { phase: 'opened', versionId },
      { phase: 'closed', versionId: newer },
    ])
  })

  it('that ends without a version that works is told of as a version that is tried again', async () => {
    const followed = follow({ tryPending: false, rotationWindowMs: 0 })
    const { follower, events } = followed
    const { versionId } = await working(followed)
    follower.report(follower.take() as Login, refusal)
    await settled()
    expect(events.at(-1)).toMatchObject({ type: 'refused', kind: 'refused', versionId, code: '28P01' })
    expect(events.at(-1)).toMatchObject({ reason: expect.stringContaining('It is tried again after pauses') })
  })

  it('is not opened for a login that never worked', async () => {
    const followed = follow()
    const { follower, accepts } = followed
    accepts.passwords = new Set()
    await follower.again()
    follower.report(follower.take() as Login, refusal)
    expect(await rejectionOf(follower.again())).toBe(refusal)
    expect(windows(followed)).toEqual([])
  })

  it('is closed at once when the account turns out to be locked', async () => {
    const followed = follow()
    const { follower, proofs, rotate, clock, events } = followed
    follower.report(await working(followed), refusal)
    const waiting = rejectionOf(follower.again())
    await settled()
    await rotate({ password: 'two' })
    await proofs[0]?.fail(locked)
    expect(await waiting).toBe(locked)
    expect(windows(followed)).toMatchObject([{ phase: 'opened' }, { phase: 'closed' }])
    expect(events.at(-1)).toMatchObject({ type: 'refused', kind: 'locked' })
    await clock.advance(50_000)
    expect(proofs).toHaveLength(1)
  })

  it('goes on when the server has no room for a proof, for which a connection makes way', async () => {
    const followed = follow()
    const { follower, proofs, rotate, clock, room, idle } = followed
    follower.report(await working(followed), refusal)
    const waiting = follower.again()
    await settled()
    idle.count = 2
    await rotate({ password: 'two' })
    await proofs[0]?.fail(full)
    expect([follower.waiting, room.count]).toEqual([1, 1])
    await clock.advance(1_000)
    await proofs[1]?.succeed()
    await waiting
    expect(passwords(followed)).toEqual(['two', 'two'])
    expect(follower.take()).toMatchObject({ password: 'two' })
  })

  it('tells of AWSPENDING as AWSCURRENT, if it has become that before its account could be tried', async () => {
    const followed = follow()
    const { follower, accepts, fake, cache, clock, events } = followed
    const login = await working(followed)
    const { versionId } = fake.put('db', { ...firstSecret, password: 'two' }, { versionStages: ['AWSPENDING'] })
    accepts.passwords = new Set()
    for (let connection = 0; connection < 3; connection += 1) follower.report(login, refusal)
    await settled()
    await cache.handleRotationEvent(fake.moveCurrent('db', versionId))
    await settled()
    expect(passwords(followed)).toEqual(['two'])
    accepts.passwords = new Set(['two'])
    await clock.advance(80_000)
    expect(follower.take()).toMatchObject({ password: 'two' })
    expect(events.at(-1)).toMatchObject({ type: 'credentials', versionId, pending: false })
  })
})

describe('a first login that is refused', () => {
  it('is not tried once more while its account is locked', async () => {
    const followed = follow()
    const { follower, proofs } = followed
    await follower.again()
    follower.report(follower.take() as Login, locked)
    expect(await rejectionOf(follower.again())).toBe(locked)
    expect(proofs).toEqual([])
  })

  it.each([full, outage])('fails with what it is tried once more with, if the server does not decide (%s)', async error => {
    const followed = follow()
    const { follower, proofs, room, idle } = followed
    await follower.again()
    const login = follower.take() as Login
    follower.report(login, refusal)
    const waiting = rejectionOf(follower.again())
    await settled()
    await proofs[0]?.fail(error)
    expect(await waiting).toBe(error)
    expect([proofs.length, room.count, idle.count]).toEqual([1, 0, 0])
  })

  it('is used if it works when it is tried once more', async () => {
    const followed = follow()
    const { follower, proofs } = followed
    await follower.again()
    const login = follower.take() as Login
    follower.report(login, refusal)
    const waiting = follower.again()
    await settled()
    await proofs[0]?.succeed()
    await waiting
    expect([follower.take(), proofs.length]).toEqual([login, 1])
  })

  it('gives way to the version that the secret has moved to without a word', async () => {
    const followed = follow()
    const { follower, fake, accepts } = followed
    await follower.again()
    const login = follower.take() as Login
    fake.put('db', { ...firstSecret, password: 'two' })
    accepts.passwords = new Set(['two'])
    follower.report(login, refusal)
    await follower.again()
    expect(passwords(followed)).toEqual(['two'])
    expect(follower.take()).toMatchObject({ password: 'two' })
  })
})
