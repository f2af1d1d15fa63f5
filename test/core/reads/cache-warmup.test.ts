import { beforeEach, describe, expect, it } from 'vitest'
import type { ErrorEvent, SecretCache, SecretSource } from '../../../src/index.js'
import { FakeSecretsManager } from '../../../src/testing/index.js'
import { cacheOf, clock, fake, useFake } from '../../support/fake-cache.js'
import { rejectionOf } from '../../support/rejection.js'
import { untilSettled } from '../../support/until-settled.js'

const many = Array.from({ length: 6 }, (_, n) => `s/${n}`)
const [first = ''] = many

function errorsOf(cache: SecretCache): ErrorEvent[] {
  const errors: ErrorEvent[] = []
  cache.on('error', event => errors.push(event))
  return errors
}

useFake()

beforeEach(() => {
  for (const name of many) fake.create(name, `value of ${name}`)
})

describe('how many calls', () => {
  it.each([
    [0, 0, 0],
    [1, 1, 0],
    [4, 4, 0],
    [5, 0, 1],
    [20, 0, 1],
    [21, 0, 2],
    [40, 0, 2],
    [45, 0, 3],
  ])('%i secrets are %i single calls and %i batches', async (count, singles, batches) => {
    const names = Array.from({ length: count }, (_, n) => `t/${n}`)
    for (const name of names) fake.create(name, name)
    const report = await cacheOf().warmup(names)
    expect(report.map(({ secretId }) => secretId)).toEqual(names)
    expect(fake.count('GetSecretValue')).toBe(singles)
    expect(fake.count('BatchGetSecretValue')).toBe(batches)
  })

  it('counts only what is not fresh: of six secrets, two of them read before, four are read singly', async () => {
    const cache = cacheOf()
    for (const name of many.slice(0, 2)) await cache.getSecretString(name)
    await cache.warmup(many)
    expect(fake.count('BatchGetSecretValue')).toBe(0)
    expect(fake.count('GetSecretValue')).toBe(6)
  })

  it('a second warm-up at the same time makes none', async () => {
    const cache = cacheOf()
    fake.inject({ delayMs: 100 })
    const both = Promise.all([cache.warmup(many), cache.warmup(many)])
    await clock.advance(100)
    for (const report of await both) expect(report.every(({ outcome }) => outcome === 'loaded')).toBe(true)
    expect(fake.count()).toBe(1)
  })

  it('a batch whose answer leaves an id out reads that one singly', async () => {
    const { get, getMany } = fake.source()
    const source: SecretSource = {
      get,
      async getMany(ids, options) {
        const { values, errors } = await getMany(ids, options)
        return { values: values.filter(({ name }) => name !== first), errors }
      },
    }
    const report = await cacheOf({ source }).warmup(many)
    expect(report.every(({ outcome }) => outcome === 'loaded')).toBe(true)
    expect(fake.calls.map(({ operation }) => operation)).toEqual(['BatchGetSecretValue', 'GetSecretValue'])
  })
})

describe('one secret among others', () => {
  it('that is broken in the answer spoils none of them', async () => {
    const { get, getMany } = fake.source()
    const source: SecretSource = {
      get,
      async getMany(ids, options) {
        const { values } = await getMany(ids, options)
        return { values: [null as never, { name: first } as never, ...values.slice(1)], errors: [null as never] }
      },
    }
    const report = await cacheOf({ source }).warmup(many)
    expect(report.slice(1).map(({ outcome }) => outcome)).toEqual(many.slice(1).map(() => 'loaded'))
    expect(report[0]).toMatchObject({ outcome: 'failed', error: { code: 'ERR_SECRET_UNAVAILABLE', secretId: first } })
  })

  it('whose deadline is shorter does not end the batch for them', async () => {
    const cache = cacheOf({ perSecret: { [first]: { loadTimeoutMs: 50 } } })
    fake.inject({ delayMs: 100, times: 1 })
    const warmed = cache.warmup(many)
    await clock.advance(100)
    const report = await warmed
    expect(report[0]).toMatchObject({ outcome: 'failed', error: { code: 'ERR_SECRET_TIMEOUT' } })
    expect(report.slice(1).map(({ outcome }) => outcome)).toEqual(many.slice(1).map(() => 'loaded'))
  })

  it('goes by its own settings afterwards, also if they are kept under its ARN', async () => {
    const { ARN } = fake.perform('DescribeSecret', { SecretId: first })
    const cache = cacheOf({ perSecret: { [String(ARN)]: { ttlMs: 1_000 } } })
    await cache.warmup(many)
    await clock.advance(1_000)
    expect(many.map(name => cache.peek(name)?.stale)).toEqual(many.map(name => name === first))
  })

  it('that is denied within a batch is not asked for again', async () => {
    fake.inject({ secretId: first, error: 'AccessDeniedException' })
    const cache = cacheOf()
    const errors = errorsOf(cache)
    const report = await cache.warmup(many)
    expect(report[0]).toMatchObject({ outcome: 'failed', error: { code: 'ERR_SECRET_ACCESS_DENIED', secretId: first } })
    expect(report.slice(1).every(({ outcome }) => outcome === 'loaded')).toBe(true)
    expect(errors).toMatchObject([{ secretId: first }])
    expect(fake.count()).toBe(1)
  })

  it('of another account than is allowed is refused, the others are loaded', async () => {
    const theirs = new FakeSecretsManager({ accountId: '999999999999', clock })
    const { arn } = theirs.create('theirs', 'x')
    const ours = fake.source()
    const source: SecretSource = {
      get: (request, options) => (request.secretId === arn ? theirs.source() : ours).get(request, options),
    }
    const report = await cacheOf({ source, allowedAccounts: ['123456789012'] }).warmup([...many.slice(0, 2), arn])
    expect(report).toMatchObject([
      { outcome: 'loaded' },
      { outcome: 'loaded' },
      { outcome: 'failed', error: { code: 'ERR_SECRET_ACCOUNT', secretId: arn } },
    ])
  })
})

describe('a pause after a failure', () => {
  it('holds for a warm-up too, which tells why', async () => {
    const cache = cacheOf()
    fake.inject({ error: 'InternalServiceError', times: 1 })
    await rejectionOf(cache.getSecretString(first))
    expect(await cache.warmup([first])).toMatchObject([{ outcome: 'failed', error: { code: 'ERR_SECRET_UNAVAILABLE' } }])
    expect(fake.count()).toBe(1)
  })

  it('does not make it say that the last known good was loaded', async () => {
    const cache = cacheOf({ ttlMs: 1_000, staleWhileRevalidateMs: 0 })
    await cache.getSecretString(first)
    await clock.advance(1_000)
    fake.inject({ error: 'InternalServiceError', times: 1 })
    await cache.getSecretString(first)
    const [result] = await cache.warmup([first])
    expect(result?.outcome).not.toBe('loaded')
    expect(fake.count()).toBe(2)
  })
})

describe('a batch', () => {
  it('is not asked of a source that knows none', async () => {
    const { get } = fake.source()
    const report = await cacheOf({ source: { get } }).warmup(many)
    expect(report.map(({ outcome }) => outcome)).toEqual(many.map(() => 'loaded'))
    expect(fake.count('GetSecretValue')).toBe(6)
  })

  it('is told to end when nobody waits for it any more, and not before', async () => {
    const { get } = fake.source()
    const signals: AbortSignal[] = []
    const source: SecretSource = {
      get,
      getMany(_, { signal }) {
        signals.push(signal)
        return new Promise(() => {})
      },
    }
    const cache = cacheOf({ source, loadTimeoutMs: 1_000, perSecret: { [first]: { loadTimeoutMs: 500 } } })
    const warmed = cache.warmup(many)
    await clock.advance(500)
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
    await clock.advance(500)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    expect(new Set((await warmed).map(({ outcome }) => outcome))).toEqual(new Set(['failed']))
  })

  it('that fails for a transient reason fails its secrets, which then pause', async () => {
    fake.inject({ operation: 'BatchGetSecretValue', error: 'InternalServiceError' })
    const cache = cacheOf()
    const report = await cache.warmup(many)
    expect(new Set(report.map(({ outcome }) => outcome))).toEqual(new Set(['failed']))
    await rejectionOf(cache.getSecretString(first))
    expect(fake.count()).toBe(1)
  })

  it('that is refused is said once in the life of a cache, with what to grant', async () => {
    const cache = cacheOf({ ttlMs: 0 })
    const errors = errorsOf(cache)
    fake.inject({ operation: 'BatchGetSecretValue', error: 'AccessDeniedException' })
    await cache.warmup(many)
    await cache.warmup(many)
    expect(errors).toMatchObject([
      {
        error: {
          code: 'ERR_SECRET_ACCESS_DENIED',
          message: expect.stringMatching(/^BatchGetSecretValue failed.*one by one/),
          hint: expect.stringContaining('secretsmanager:BatchGetSecretValue'),
        },
      },
    ])
    expect(cache.stats()).toMatchObject({ failures: 0 })
  })

  it('that is throttled is told with the quota', async () => {
    const cache = cacheOf()
    const errors = errorsOf(cache)
    fake.inject({ operation: 'BatchGetSecretValue', error: 'ThrottlingException' })
    await untilSettled(clock, cache.warmup(many))
    expect(errors).toMatchObject([{ error: { hint: expect.stringContaining('100 calls a second') } }])
  })

  it.each<[string, SecretSource['getMany']]>([
    [
      'throws instead of rejecting',
      () => {
        throw Object.assign(new Error('no'), { name: 'AccessDeniedException' })
      },
    ],
    ['rejects', () => Promise.reject(Object.assign(new Error('no'), { name: 'AccessDeniedException' }))],
    ['answers nothing', () => undefined as never],
  ])('of a source that %s is read one by one', async (_, getMany) => {
    const { get } = fake.source()
    const report = await cacheOf({ source: { get, getMany: getMany as NonNullable<typeof getMany> } }).warmup(many)
    expect(report.map(({ outcome }) => outcome)).toEqual(many.map(() => 'loaded'))
    expect(fake.count('GetSecretValue')).toBe(6)
  })

  it('that is refused while the cache closes is still answered, whether or not somebody listens', async () => {
    const cache = cacheOf()
    errorsOf(cache)
    fake.inject({ operation: 'BatchGetSecretValue', error: 'AccessDeniedException', delayMs: 100 })
    const warmed = cache.warmup(many)
    await clock.advance(50)
    const closed = cache.close()
    await clock.advance(50)
    expect((await warmed).map(({ outcome }) => outcome)).toEqual(many.map(() => 'loaded'))
    await closed
  })
})

it.each([undefined, null, 5, 'prod/db', {}])('what is not iterable, or a text, is a TypeError: %j', async secretIds => {
  await expect(cacheOf().warmup(secretIds as never)).rejects.toThrow(
    new TypeError('warmup takes an array of secret ids, a Set or another iterable.'),
  )
})

it('ids that can be none are reported, each in its place', async () => {
  const report = await cacheOf().warmup([null, first, 5, 'arn:aws:s3:::bucket'] as never)
  expect(report).toMatchObject([
    { outcome: 'failed', error: { code: 'ERR_SECRET_REQUEST' } },
    { outcome: 'loaded' },
    { outcome: 'failed', error: { code: 'ERR_SECRET_REQUEST' } },
    { outcome: 'failed', error: { code: 'ERR_SECRET_REQUEST' } },
  ])
})

it('more secrets than the cache keeps are all reported as loaded, and the newest are kept', async () => {
  const cache = cacheOf({ maxEntries: 4 })
  const report = await cache.warmup(many)
  expect(report.every(({ outcome }) => outcome === 'loaded')).toBe(true)
  expect(cache.stats()).toMatchObject({ entries: 4, evictions: 2 })
})

describe('the signal of a warm-up', () => {
  it('ends the waiting and not the loads', async () => {
    fake.inject({ delayMs: 1_000 })
    const cache = cacheOf()
    const controller = new AbortController()
    const report = rejectionOf(cache.warmup(many, { signal: controller.signal }))
    controller.abort(new Error('enough'))
    expect((await report).message).toBe('enough')
    await clock.advance(1_000)
    expect(cache.peek(first)?.text()).toBe(`value of ${first}`)
  })

  it('that has aborted begins nothing', async () => {
    await expect(cacheOf().warmup(many, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
    expect(fake.count()).toBe(0)
  })

  it('is all that a warm-up takes', async () => {
    await expect(cacheOf().warmup(many, { versionStage: 'AWSPENDING' } as never)).rejects.toThrow(
      new TypeError('Unknown option "versionStage" of warmup. Known options: signal.'),
    )
  })
})
