import { expect, test } from 'vitest'
import type { FollowerStatus } from '../../src/pools/pool-status.js'
import { settled } from '../support/deferred-source.js'
import { anotherOutage, type Followed, follow, full, locked, refusal, working } from './followed.js'

const statusOf = ({ follower }: Followed): FollowerStatus => follower.follower.status()

/** Has the login in use fail in the pool. */
async function fails(followed: Followed, error: Error): Promise<void> {
  const login = followed.follower.take()
  if (login === undefined) throw new Error('There is no login.')
  followed.follower.report(login, error)
  await settled()
}

test('a pool that was not used yet is unproven, and its login works once a connection has logged in', async () => {
  const followed = follow()
  const createdAt = followed.clock.now()
  expect(statusOf(followed)).toEqual({
    kind: 'pool',
    secretId: 'db',
    versionId: undefined,
    user: undefined,
    state: 'unproven',
    since: createdAt,
    connections: [],
    lastFailure: undefined,
    lastEvent: undefined,
    counts: { logins: 0, failures: 0, moves: 0, retired: 0, windows: 0 },
  })
  await followed.clock.advance(1_000)
  const { versionId } = await working(followed)
  expect(statusOf(followed)).toMatchObject({
    state: 'working',
    since: createdAt + 1_000,
    versionId,
    user: 'app',
    lastEvent: { type: 'credentials', at: createdAt + 1_000 },
    counts: { logins: 1, failures: 0, moves: 1 },
  })
})

test.each([
  ['full', full, '53300'],
  ['unreachable', anotherOutage(), 'ECONNREFUSED'],
])('a login that fails because the server is %s says so until one works', async (state, error, code) => {
  const followed = follow()
  const { versionId } = await working(followed)
  await followed.clock.advance(1_000)
  await fails(followed, error)
  const at = followed.clock.now()
  expect(statusOf(followed)).toMatchObject({ state, since: at, lastFailure: { kind: state, code, versionId, at } })
  const login = followed.follower.take()
  if (login !== undefined) followed.follower.report(login)
  expect(statusOf(followed)).toMatchObject({ state: 'working', counts: { logins: 2, failures: 1 } })
})

test('a version that worked and is rejected opens a window, and is refused when that is over', async () => {
  const followed = follow({ tryPending: false, rotationWindowMs: 1_000 })
  followed.accepts.passwords = new Set()
  await working(followed)
  await fails(followed, refusal)
  expect(statusOf(followed)).toMatchObject({ state: 'window', counts: { windows: 1 } })
  await followed.clock.advance(120_000)
  expect(statusOf(followed)).toMatchObject({ state: 'refused', lastFailure: { kind: 'refused', code: '28P01' } })
})

test('a locked account is told as locked', async () => {
  const followed = follow()
  followed.accepts.passwords = new Set()
  await working(followed)
  await fails(followed, locked)
  expect(statusOf(followed)).toMatchObject({ state: 'locked', lastFailure: { kind: 'locked', code: '3955' } })
})

test('while a new version is proven the pool is moving, and a failed proof does not end what works', async () => {
  const followed = follow()
  const first = await working(followed)
  const second = await followed.rotate({ password: 'two' })
  expect(statusOf(followed)).toMatchObject({ state: 'moving', versionId: first.versionId })
  await followed.proofs[0]?.fail(refusal)
  expect(statusOf(followed)).toMatchObject({
    state: 'moving',
    versionId: first.versionId,
    lastFailure: { kind: 'refused', versionId: second },
  })
})

test('nothing secret is in a status', async () => {
  const followed = follow()
  await working(followed)
  await fails(followed, Object.assign(new Error('one'), { code: '28P01' }))
  expect(JSON.stringify(statusOf(followed))).not.toContain('"one"')
})
