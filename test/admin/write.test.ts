import { afterEach, describe, expect, it } from 'vitest'
import { createSecret, putSecretValue } from '../../src/admin/index.js'
import { SecretCache, type SecretCacheEvent, type SecretCacheOptions } from '../../src/index.js'
import { type FakeCommand, FakeSecretsManager, ManualClock } from '../../src/testing/index.js'
import { settled } from '../support/deferred-source.js'
import { everythingVisibleIn } from '../support/doors.js'
import { rejectionOf } from '../support/rejection.js'

const planted = 'planted-value'
const caches: SecretCache[] = []
afterEach(() => Promise.all(caches.splice(0).map(cache => cache.close())))

function setUp(options: SecretCacheOptions = {}) {
  const clock = new ManualClock()
  const fake = new FakeSecretsManager({ secrets: { db: 'one' }, clock })
  const cache = new SecretCache({ client: fake.client(), clock, ...options })
  caches.push(cache)
  const rotated: SecretCacheEvent[] = []
  cache.on('rotated', event => rotated.push(event))
  return { clock, fake, cache, rotated }
}

/** A client whose answers differ from the service's. */
function answeringWith(fake: FakeSecretsManager, output: object): { send(command: FakeCommand): Promise<object> } {
  return { send: async command => ({ ...(await fake.client().send(command)), ...output }) }
}

describe('a secret that is written', () => {
  it('is what readers are given at once, without a call', async () => {
    const { cache, fake, rotated } = setUp()
    await cache.getSecretString('db')
    const written = await putSecretValue(cache, 'db', 'two')
    fake.resetCalls()
    expect(await cache.getSecretString('db')).toBe('two')
    expect(cache.peek('db')).toBe(written)
    expect([fake.count(), rotated]).toEqual([0, [expect.objectContaining({ versionId: written.versionId })]])
  })

  it('by its ARN is written for those who read it by its name, and never read before for those who read it first', async () => {
    const { cache, fake } = setUp()
    const { arn } = await cache.getSecret('db')
    await putSecretValue(cache, arn, 'two')
    expect(await cache.getSecretString('db')).toBe('two')
    fake.create('other', 'one')
    await putSecretValue(cache, 'other', new Uint8Array([1, 2]))
    fake.resetCalls()
    expect(await cache.getSecretBinary('other')).toEqual(Buffer.from([1, 2]))
    expect(fake.count()).toBe(0)
  })

  it('is not turned back by a load that was under way and brings the old version', async () => {
    const { cache, clock, fake, rotated } = setUp({ ttlMs: 1_000, staleWhileRevalidateMs: 60_000, ttlJitter: 0 })
    await cache.getSecretString('db')
    await clock.advance(1_500)
    fake.inject({ operation: 'GetSecretValue', delayMs: 500, times: 1 })
    expect(await cache.getSecretString('db')).toBe('one')
    await putSecretValue(cache, 'db', 'two')
    await clock.advance(500)
    expect(await cache.getSecretString('db')).toBe('two')
    expect(rotated).toHaveLength(1)
  })

  it('is not turned back by a service that still answers the old version afterwards', async () => {
    const { cache, clock, fake } = setUp()
    await cache.getSecretString('db')
    await putSecretValue(cache, 'db', 'two')
    fake.inject({ operation: 'GetSecretValue', answer: 'old', times: 2 })
    const refreshed = cache.refreshNow('db')
    await clock.advance(5_000)
    expect((await refreshed).text()).toBe('two')
  })

  it('is new to readers who were waiting for an older load', async () => {
    const { cache, clock, fake } = setUp()
    fake.inject({ operation: 'GetSecretValue', delayMs: 500, times: 1 })
    const waiting = cache.getSecretString('db')
    await clock.advance(0)
    await putSecretValue(cache, 'db', 'two')
    await clock.advance(500)
    expect(await waiting).toBe('two')
  })

  it('twice at once ends with what was written last', async () => {
    const { cache, clock, fake } = setUp()
    fake.inject({ operation: 'PutSecretValue', delayMs: 500, times: 1 })
    const both = [putSecretValue(cache, 'db', 'two'), putSecretValue(cache, 'db', 'three')]
    await clock.advance(500)
    await Promise.all(both)
    expect(await cache.getSecretString('db')).toBe('three')
    expect(fake.perform('GetSecretValue', { SecretId: 'db' }).SecretString).toBe('three')
  })

  it('during an invalidation is not waited for again', async () => {
    const { cache, clock, fake } = setUp()
    await cache.getSecretString('db')
    fake.inject({ operation: 'PutSecretValue', delayMs: 500, times: 1 })
    const written = putSecretValue(cache, 'db', 'two')
    await clock.advance(100)
    cache.invalidate('db')
    await clock.advance(400)
    await written
    fake.resetCalls()
    expect([await cache.getSecretString('db'), fake.count()]).toEqual(['two', 0])
  })

  it('has its other labels read again', async () => {
    const { cache } = setUp()
    await cache.getSecretString('db')
    await putSecretValue(cache, 'db', 'two')
    expect(await cache.getSecretString('db', { versionStage: 'AWSPREVIOUS' })).toBe('one')
    await putSecretValue(cache, 'db', 'three')
    expect(await cache.getSecretString('db', { versionStage: 'AWSPREVIOUS' })).toBe('two')
  })

  it('as AWSPENDING alone changes nothing for readers of AWSCURRENT', async () => {
    const { cache, rotated } = setUp()
    await cache.getSecretString('db')
    const pending = await putSecretValue(cache, 'db', 'next', { versionStages: ['AWSPENDING'] })
    expect([pending.text(), pending.versionStages]).toEqual(['next', ['AWSPENDING']])
    expect(pending).toMatchObject({ ageMs: 0, stale: true })
    expect(await cache.getSecretString('db')).toBe('one')
    expect(await cache.getSecretString('db', { versionStage: 'AWSPENDING' })).toBe('next')
    expect(rotated).toEqual([])
  })

  it('under a label that the service does not repeat in its answer has that label and no other', async () => {
    const { cache, fake } = setUp()
    await cache.getSecretString('db')
    const client = answeringWith(fake, { VersionStages: undefined })
    const pending = await putSecretValue(cache, 'db', 'next', { client, versionStages: ['AWSPENDING'] })
    expect([pending.versionStages, await cache.getSecretString('db')]).toEqual([['AWSPENDING'], 'one'])
  })
})

describe('a secret that is made', () => {
  it('is there at once, also for those who were told that it does not exist', async () => {
    const { cache, fake } = setUp()
    expect((await rejectionOf(cache.getSecretString('new'))).code).toBe('ERR_SECRET_NOT_FOUND')
    const made = await createSecret(cache, 'new', 'first', { description: 'A key.', tags: { team: 'db' } })
    fake.resetCalls()
    expect(await cache.getSecretString('new')).toBe('first')
    expect([fake.count(), made.name]).toEqual([0, 'new'])
    expect(fake.perform('DescribeSecret', { SecretId: 'new' })).toMatchObject({
      Description: 'A key.',
      Tags: [{ Key: 'team', Value: 'db' }],
    })
  })

  it('that is there already is an error, and what is cached stays', async () => {
    const { cache } = setUp()
    await cache.getSecretString('db')
    const error = await rejectionOf(createSecret(cache, 'db', planted))
    expect([error.code, error.secretId]).toEqual(['ERR_SECRET_REQUEST', 'db'])
    expect(await cache.getSecretString('db')).toBe('one')
  })
})

describe('a write that fails', () => {
  it('by a client of the caller, which has tries of its own, is sent once', async () => {
    const { cache, fake } = setUp()
    fake.inject({ operation: 'PutSecretValue', error: 'InternalServiceError', times: 1 })
    const error = await rejectionOf(putSecretValue(cache, 'db', planted))
    expect([error.code, error.hint]).toEqual(['ERR_SECRET_UNAVAILABLE', expect.stringContaining('may have been carried out')])
    expect(fake.count('PutSecretValue')).toBe(1)
  })

  it('for ever rejects in time, and the next read looks what has become of it', async () => {
    const { cache, clock, fake } = setUp()
    await cache.getSecretString('db')
    fake.inject({ operation: 'PutSecretValue', hang: true })
    const failed = rejectionOf(putSecretValue(cache, 'db', planted))
    await clock.advance(10_000)
    const error = await failed
    expect(error.code).toBe('ERR_SECRET_TIMEOUT')
    fake.put('db', 'written by the lost call')
    expect(await cache.getSecretString('db')).toBe('written by the lost call')
  })

  it('since it is denied says what is missing, and leaves the cache as it is', async () => {
    const { cache, fake } = setUp()
    await cache.getSecretString('db')
    fake.inject({ operation: 'PutSecretValue', error: 'AccessDeniedException' })
    const error = await rejectionOf(putSecretValue(cache, 'db', planted))
    expect([error.code, error.hint]).toEqual([
      'ERR_SECRET_ACCESS_DENIED',
      expect.stringContaining('secretsmanager:PutSecretValue'),
    ])
    fake.resetCalls()
    expect([await cache.getSecretString('db'), fake.count()]).toEqual(['one', 0])
  })

  it.each([
    ['in an answer that quotes a field', { error: 'ValidationException', message: `1 validation error: ${planted}` }],
    ['in an answer that quotes a parameter', { error: 'InvalidParameterException', message: `Not valid: ${planted}` }],
    ['in what could not be read', { error: 'SerializationException', message: `Cannot convert ${planted}` }],
    ['in a service that is down', { error: 'InternalServiceError', message: `Not stored: ${planted}` }],
    ['in a service that is busy', { error: 'ThrottlingException', message: `Not now: ${planted}` }],
  ])('never tells the value (%s)', async (_, fault) => {
    const { cache, clock, fake } = setUp()
    fake.inject({ operation: 'PutSecretValue', ...fault })
    const failed = rejectionOf(putSecretValue(cache, 'db', planted))
    await clock.advance(20_000)
    const error = await failed
    expect(everythingVisibleIn(error)).not.toContain(planted)
  })

  it.each([
    ['AWSCURRENT, has the next read ask the service', ['AWSCURRENT'], 1],
    ['AWSPENDING alone, leaves readers of AWSCURRENT alone', ['AWSPENDING'], 0],
  ])('without an answer, of %s', async (_, versionStages, calls) => {
    const { cache, fake } = setUp()
    await cache.getSecretString('db')
    fake.inject({ operation: 'PutSecretValue', error: 'InternalServiceError', times: 1 })
    await rejectionOf(putSecretValue(cache, 'db', planted, { versionStages }))
    fake.resetCalls()
    expect([await cache.getSecretString('db'), fake.count()]).toEqual(['one', calls])
  })

  it('by a denial after an attempt without an answer has the next read ask the service', async () => {
    const { fake, clock } = setUp()
    const failures = ['InternalServiceError', 'AccessDeniedException']
    const source = {
      ...fake.source(),
      singleAttempt: true,
      write: () => Promise.reject(Object.assign(new Error('It failed.'), { name: failures.shift() })),
    }
    const cache = new SecretCache({ source, clock })
    caches.push(cache)
    await cache.getSecretString('db')
    const failed = rejectionOf(putSecretValue(cache, 'db', planted))
    await clock.advance(1_000)
    expect((await failed).code).toBe('ERR_SECRET_ACCESS_DENIED')
    fake.put('db', 'written by the first attempt')
    expect(await cache.getSecretString('db')).toBe('written by the first attempt')
  })

  it('since it is throttled leaves the cache as it is', async () => {
    const { cache, fake } = setUp()
    await cache.getSecretString('db')
    fake.inject({ operation: 'PutSecretValue', error: 'ThrottlingException' })
    expect((await rejectionOf(putSecretValue(cache, 'db', planted))).code).toBe('ERR_SECRET_THROTTLED')
    fake.resetCalls()
    expect([await cache.getSecretString('db'), fake.count()]).toEqual(['one', 0])
  })

  it('to name its version was done, so the next read asks the service', async () => {
    const { cache, fake } = setUp()
    await cache.getSecretString('db')
    const client = answeringWith(fake, { VersionId: undefined })
    expect((await rejectionOf(putSecretValue(cache, 'db', 'two', { client }))).message).toContain('lacks a version id')
    expect(await cache.getSecretString('db')).toBe('two')
  })

  it.each([
    ['nothing', null],
    ['no field', {}],
    ['labels that are none', { ARN: 'arn', Name: 'db', VersionId: 'v', VersionStages: { 0: 'AWSCURRENT' } }],
    ['a label in the place of labels', { ARN: 'arn', Name: 'db', VersionId: 'v', VersionStages: 'AWSCURRENT' }],
    ['a number for an ARN', { ARN: 7, Name: 'db', VersionId: 'v' }],
  ])('to answer by more than %s says that it may have been done', async (_, answer) => {
    const { cache } = setUp()
    const client = { send: async () => answer }
    expect(await rejectionOf(putSecretValue(cache, 'db', planted, { client }))).toMatchObject({
      code: 'ERR_SECRET_UNAVAILABLE',
      message: expect.stringMatching(/^The secret db could not be written: The response lacks /),
      hint: expect.stringContaining('may have been carried out'),
    })
  })

  it('since the cache is closed says so', async () => {
    const { cache } = setUp()
    await cache.close()
    expect((await rejectionOf(putSecretValue(cache, 'db', planted))).code).toBe('ERR_SECRET_CACHE_CLOSED')
  })

  it('does not hold up the next one', async () => {
    const { cache, fake } = setUp()
    fake.inject({ operation: 'PutSecretValue', error: 'AccessDeniedException', times: 1 })
    const [first, second] = await Promise.allSettled([putSecretValue(cache, 'db', 'two'), putSecretValue(cache, 'db', 'three')])
    expect([first.status, second.status, await cache.getSecretString('db')]).toEqual(['rejected', 'fulfilled', 'three'])
  })
})

describe('held wrong', () => {
  it('a cache with a source of its own needs a client to write by, and then writes', async () => {
    const { fake, clock } = setUp()
    const cache = new SecretCache({ source: fake.source(), clock })
    caches.push(cache)
    await expect(putSecretValue(cache, 'db', 'two')).rejects.toThrow(/pass \{ client \}/)
    await putSecretValue(cache, 'db', 'two', { client: fake.client() })
    await settled()
    expect(await cache.getSecretString('db')).toBe('two')
  })

  it.each([
    ['no cache', () => putSecretValue({} as never, 'db', 'x'), /must be a SecretCache/],
    ['no id', () => putSecretValue(setUp().cache, '', 'x'), /id is empty/],
    ['a number', () => putSecretValue(setUp().cache, 'db', 5 as never), /a string or a Uint8Array/],
    ['no labels', () => putSecretValue(setUp().cache, 'db', 'x', { versionStages: [] }), /versionStages must be a list/],
    ['one label', () => putSecretValue(setUp().cache, 'db', 'x', { versionStages: 'AWSCURRENT' as never }), /versionStages must/],
    ['no client', () => putSecretValue(setUp().cache, 'db', 'x', { client: {} as never }), /client must be/],
    ['a misspelt option', () => putSecretValue(setUp().cache, 'db', 'x', { stages: [] } as never), /Unknown option "stages"/],
    ['tags in a list', () => createSecret(setUp().cache, 'new', 'x', { tags: [] as never }), /tags must be texts by name/],
    ['an empty key', () => createSecret(setUp().cache, 'new', 'x', { kmsKeyId: '' }), /kmsKeyId must be a string/],
  ])('%s is an error that says what was expected', async (_, call, message) => {
    await expect(call()).rejects.toThrow(message)
  })
})
