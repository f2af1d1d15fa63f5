import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { attachStatus } from '../../src/core/events/status.js'
import { createHealth, type FollowerStatus, type Health, type LoginState } from '../../src/health/index.js'
import { SecretCache } from '../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../src/testing/index.js'
import { queueUrl, setUp } from '../sqs/listening.js'
import { serviceException } from '../support/fake-queues.js'

const minute = 60_000

function world(): { clock: ManualClock; fake: FakeSecretsManager; cache: SecretCache; health: Health } {
  const clock = new ManualClock()
  const secrets = { 'prod/db': { username: 'app', 'k3y-name': 'pl4nted' }, 'prod/key': 'pl4nted' }
  const fake = new FakeSecretsManager({ clock, secrets })
  const cache = new SecretCache({ client: fake.client(), clock, ttlJitter: 0 })
  return { clock, fake, cache, health: createHealth({ caches: { main: cache }, required: ['prod/db'] }) }
}

const time = (clock: ManualClock): string => new Date(clock.now()).toISOString()

function playedPool(state: LoginState, more: Partial<FollowerStatus> = {}): object {
  const pool = {}
  const status: FollowerStatus = {
    kind: 'pool',
    secretId: 'prod/db',
    versionId: 'v1',
    user: 'app',
    state,
    since: 0,
    connections: [],
    lastFailure: undefined,
    lastEvent: undefined,
    counts: { logins: 0, failures: 0, moves: 0, retired: 0, windows: 0 },
    ...more,
  }
  attachStatus(pool, () => status)
  return pool
}

test('a required secret is read by the first check, and then told with its age, its end and its version', async () => {
  const { clock, cache, health } = world()
  expect(await health.check()).toMatchObject({ verdict: 'ok', reason: 'All secrets can be served, and all logins work.' })
  const loadedAt = clock.now()
  await clock.advance(minute)
  const { secrets } = await health.check()
  expect(secrets).toEqual({
    'prod/db': {
      cache: 'main',
      secretId: 'prod/db',
      required: true,
      state: 'fresh',
      versionId: cache.peek('prod/db')?.versionId,
      ageMs: minute,
      servableUntil: loadedAt + 300_000 + 86_400_000,
      lastFailure: undefined,
      lastEvent: { type: 'loaded', at: loadedAt },
    },
  })
})

test('in an outage it is degraded while the last known value can be served, and then failing', async () => {
  const { clock, fake, cache, health } = world()
  await health.check()
  const servableUntil = clock.now() + 300_000 + 86_400_000
  fake.inject({ error: 'InternalServiceError' })
  await clock.advance(301_000)
  await cache.refreshNow('prod/db').catch(() => {})
  const degraded = await health.check()
  expect(degraded).toMatchObject({ verdict: 'degraded', secrets: { 'prod/db': { state: 'stale', servableUntil } } })
  expect(degraded.reason).toContain(
    `InternalServiceError); the last known value is served until ${new Date(servableUntil).toISOString()}.`,
  )
  await clock.advance(86_400_000)
  const checking = health.check()
  await clock.advance(1_000)
  expect(await checking).toMatchObject({
    verdict: 'failing',
    secrets: { 'prod/db': { state: 'gone', servableUntil: undefined, lastFailure: { kind: 'transient' } } },
  })
})

test('a denied secret is failing at once, and the reason says what the role needs', async () => {
  const { clock, fake, health } = world()
  await health.check()
  fake.inject({ error: 'AccessDenied' })
  await clock.advance(361_000)
  const { verdict, reason, secrets } = await health.check()
  expect(verdict).toBe('failing')
  expect(reason).toContain(`prod/db: denied at ${time(clock)} (AccessDenied); nothing can be served. `)
  expect(reason).toContain('secretsmanager:GetSecretValue')
  expect(secrets['prod/db']).toMatchObject({ state: 'gone', lastFailure: { kind: 'denied', code: 'ERR_SECRET_ACCESS_DENIED' } })
})

test('what is not required degrades only; without the option, all that was loaded once is required', async () => {
  const { cache, fake, health } = world()
  await health.check()
  await expect(cache.getSecret('prod/nothing')).rejects.toMatchObject({ code: 'ERR_SECRET_NOT_FOUND' })
  expect(await health.check()).toMatchObject({ verdict: 'degraded', secrets: { 'prod/nothing': { required: false } } })
  const all = createHealth({ caches: { main: cache } })
  // An id that was never loaded may come from a request.
  expect(await all.check()).toMatchObject({ verdict: 'degraded', secrets: { 'prod/nothing': { required: false } } })
  fake.perform('DeleteSecret', { SecretId: 'prod/db', ForceDeleteWithoutRecovery: true })
  cache.invalidate('prod/db')
  expect(await all.check()).toMatchObject({ verdict: 'failing', secrets: { 'prod/db': { required: true } } })
})

test('a required secret whose load does not end is failing, within a second', async () => {
  const { clock, fake, health } = world()
  fake.inject({ hang: true })
  const checking = health.check()
  await clock.advance(900)
  expect(await checking).toMatchObject({ verdict: 'failing', reason: 'prod/db: not read yet.' })
})

test('a label that does not exist, such as AWSPENDING outside of a rotation, is no problem', async () => {
  const { cache, health } = world()
  await expect(cache.getSecret('prod/db', { versionStage: 'AWSPENDING' })).rejects.toThrow()
  expect(await health.check()).toMatchObject({ verdict: 'ok' })
})

test('no report contains a value or the name of a key', async () => {
  const { clock, fake, cache, health } = world()
  await cache.getSecretJson('prod/db')
  await cache.getSecretString('prod/key')
  fake.inject({ error: 'AccessDenied' })
  await clock.advance(361_000)
  const report = await health.check()
  expect(inspect([report, health], { depth: 9, showHidden: true }) + JSON.stringify(report)).not.toMatch(/pl4nted|k3y-name/)
})

const failure = { kind: 'refused', code: '28P01', versionId: 'v1', at: 5 } as const
const since = '1970-01-01T00:00:00.000Z'

test.each([
  ['working', {}, 'ok', 'All secrets can be served, and all logins work.'],
  ['unproven', {}, 'ok', 'All secrets can be served, and all logins work.'],
  ['moving', {}, 'ok', 'All secrets can be served, and all logins work.'],
  [
    'moving',
    { lastFailure: { ...failure, versionId: 'v2' } },
    'degraded',
    'orders: version v2 does not work (28P01); the one before is in use.',
  ],
  ['window', {}, 'degraded', `orders: in a rotation window since ${since}.`],
  ['full', {}, 'degraded', `orders: the server has no room for a login since ${since}.`],
  ['unreachable', {}, 'degraded', `orders: the server is not reached since ${since}.`],
  ['refused', { lastFailure: failure }, 'failing', `orders: its login is rejected since ${since} (28P01); no login works.`],
  ['locked', {}, 'failing', `orders: its account is locked since ${since}; no login works.`],
  [
    'refused',
    { connections: [{ versionId: 'v1', count: 1 }] },
    'degraded',
    `orders: its login is rejected since ${since}; open connections work, new ones do not.`,
  ],
] as const)('a pool that is %s (%o) is %s', async (state, more, verdict, reason) => {
  const { pools, ...found } = await createHealth({ pools: { orders: playedPool(state, more) } }).check()
  expect(found).toMatchObject({ verdict, reason })
  expect(pools.orders).toMatchObject({ state })
})

test('the reason is the worst problem, and says how many others there are', async () => {
  const pools = { one: playedPool('window'), two: playedPool('locked') }
  const { reason } = await createHealth({ pools, swaps: { three: playedPool('full') } }).check()
  expect(reason).toBe(`two: its account is locked since ${since}; no login works. (2 more problems)`)
})

test('a status that throws neither makes the check throw nor hides the others', async () => {
  const broken = {}
  attachStatus(broken, () => {
    throw new Error('pl4nted')
  })
  const report = await createHealth({ pools: { broken, other: playedPool('working') } }).check()
  expect(report).toMatchObject({
    verdict: 'degraded',
    reason: 'broken: its status cannot be read.',
    pools: { other: { state: 'working' } },
  })
  expect(JSON.stringify(report)).not.toContain('pl4nted')
})

test('a queue listener is listening, failing after a failure, well after the next success, and at last closed', async () => {
  const { clock, queues, listener } = await setUp()
  const health = createHealth({ listeners: { queue: listener } })
  queues.put(queueUrl, 'event')
  await clock.advance(0)
  expect(await health.check()).toMatchObject({
    verdict: 'ok',
    listeners: { queue: { kind: 'listener', state: 'listening', messages: 1, failures: 0, lastMessageAt: clock.now() } },
  })
  queues.failNext('ReceiveMessage', serviceException('AccessDeniedException', 'pl4nted'))
  queues.put(queueUrl, 'another')
  await clock.advance(0)
  const failing = await health.check()
  expect(failing).toMatchObject({
    verdict: 'degraded',
    listeners: { queue: { state: 'failing', failures: 1, lastFailure: { code: 'ERR_SECRET_ACCESS_DENIED' } } },
  })
  expect(failing.reason).toMatch(/^queue: fails since .* \(ERR_SECRET_ACCESS_DENIED\); rotations may be missed\.$/)
  expect(JSON.stringify(failing)).not.toContain('pl4nted')
  queues.put(queueUrl, 'a third')
  await clock.advance(2_000)
  expect(await health.check()).toMatchObject({ verdict: 'ok', listeners: { queue: { state: 'listening', failures: 1 } } })
  const closed = listener.close()
  await clock.advance(1_000)
  await closed
  const { verdict, reason } = await health.check()
  expect(verdict).toBe('degraded')
  expect(reason).toMatch(/^queue: closed since .*; rotations are not heard of\.$/)
})

test.each([
  ['caches must be an object of SecretCaches by name', { caches: { main: {} } }],
  ['caches must be an object of SecretCaches by name', { caches: [] }],
  ['pools must be an object of pools that follow a secret by name', { pools: { orders: {} } }],
  ['swaps must be an object of swaps', { swaps: { api: null } }],
  ['listeners must be an object of listeners', { listeners: { queue: 'url' } }],
  ['required must be an array of ids', { required: 'prod/db' }],
  ['caches must name the cache of what is required', { required: ['prod/db'] }],
  [
    'swaps.db must have another name than the pool',
    { pools: { db: playedPool('working') }, swaps: { db: playedPool('working') } },
  ],
  ['Unknown option "pool" of createHealth', { pool: {} }],
])('wrong options are a TypeError: %s', (message, options) => {
  expect(() => createHealth(options as never)).toThrow(message)
  expect(() => createHealth(options as never)).toThrow(TypeError)
})
