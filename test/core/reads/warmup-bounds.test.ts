import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache, type SecretCacheOptions, type SecretSource, type WarmupResult } from '../../../src/index.js'
import { clock, fake, useFake } from '../../support/fake-cache.js'

/** BatchGetSecretValue may be called so often in a second, by a whole account. */
const batchQuota = 100

/** The most calls of each kind that were under way at one time. */
let most: { get: number; getMany: number }

/** The fake's source, watched. */
function source(): SecretSource {
  const inner = fake.source()
  const underWay = { get: 0, getMany: 0 }
  async function watched<T>(kind: 'get' | 'getMany', call: () => Promise<T>): Promise<T> {
    underWay[kind] += 1
    most[kind] = Math.max(most[kind], underWay[kind])
    try {
      return await call()
    } finally {
      underWay[kind] -= 1
    }
  }
  return {
    get: (request, options) => watched('get', () => inner.get(request, options)),
    getMany: (secretIds, options) => watched('getMany', () => inner.getMany(secretIds, options)),
  }
}

function cacheOf(options: SecretCacheOptions = {}): SecretCache {
  return new SecretCache({ source: source(), clock, ttlJitter: 0, ...options })
}

function create(count: number): string[] {
  const ids = Array.from({ length: count }, (_, number) => `secret/${number}`)
  for (const id of ids) fake.create(id, id)
  return ids
}

/** Warms up while the clock goes on, for at most so long. */
async function warm(cache: SecretCache, ids: Iterable<string>, forMs = 600_000): Promise<WarmupResult[]> {
  let isOver = false
  // Any iterable will do.
  const warmed = cache.warmup(ids as readonly string[])
  const over = (): void => {
    isOver = true
  }
  warmed.then(over, over)
  for (let passed = 0; passed < forMs && !isOver; passed += 100) await clock.advance(100)
  return warmed
}

/** The most calls of an operation that began within any second. */
function mostInASecond(operation: 'BatchGetSecretValue' | 'GetSecretValue'): number {
  const times = fake.calls.filter(call => call.operation === operation).map(({ atMs }) => atMs)
  return Math.max(0, ...times.map((time, index) => times.slice(index).filter(other => other < time + 1_000).length))
}

function keptOf(report: readonly WarmupResult[]): WarmupResult[] {
  return report.filter(result => 'kept' in result && result.kept === true)
}

useFake()

beforeEach(() => {
  most = { get: 0, getMany: 0 }
})

describe('a warm-up of ten thousand secrets', () => {
  it('stays within the quota of batches, and has few under way side by side', async () => {
    const ids = create(10_000)
    fake.inject({ operation: 'BatchGetSecretValue', delayMs: 50 })
    const report = await warm(cacheOf({ maxEntries: 20_000 }), ids)
    expect(report.filter(({ outcome }) => outcome === 'loaded')).toHaveLength(10_000)
    expect(fake.count('BatchGetSecretValue')).toBe(500)
    expect(fake.count('GetSecretValue')).toBe(0)
    expect(mostInASecond('BatchGetSecretValue')).toBeLessThanOrEqual(batchQuota)
    expect(most.getMany).toBeLessThanOrEqual(50)
  }, 60_000)

  it('reads few singly at the same time where batches are throttled', async () => {
    const ids = create(2_000)
    fake.inject({ operation: 'GetSecretValue', delayMs: 50 })
    fake.inject({ operation: 'BatchGetSecretValue', error: 'ThrottlingException' })
    const report = await warm(cacheOf({ maxEntries: 20_000 }), ids)
    expect(report.filter(({ outcome }) => outcome === 'loaded')).toHaveLength(2_000)
    expect(most.get).toBeLessThanOrEqual(100)
    expect(mostInASecond('BatchGetSecretValue')).toBeLessThanOrEqual(batchQuota)
  }, 60_000)

  it('reports which it could not keep', async () => {
    const ids = create(10_000)
    const cache = cacheOf()
    const report = await warm(cache, ids)
    expect(report.map(({ secretId }) => secretId)).toEqual(ids)
    const kept = new Set(keptOf(report).map(({ secretId }) => secretId))
    expect(kept.size).toBe(1_024)
    expect(ids.filter(id => (cache.peek(id) !== undefined) !== kept.has(id))).toEqual([])
    const notKept = report.filter(({ secretId }) => !kept.has(secretId))
    expect(notKept.every(result => 'kept' in result && result.kept === false && result.outcome === 'loaded')).toBe(true)
  }, 60_000)
})

describe('the report of a warm-up', () => {
  it('says of what was loaded, and of what was there, that it is kept', async () => {
    const ids = create(6)
    const cache = cacheOf()
    await cache.getSecretString('secret/0')
    const report = await warm(cache, [...ids, 'missing'])
    expect(report).toMatchObject([
      { secretId: 'secret/0', outcome: 'cached', kept: true },
      ...ids.slice(1).map(secretId => ({ secretId, outcome: 'loaded', kept: true })),
      { secretId: 'missing', outcome: 'failed' },
    ])
  })

  it('says of what had to go before the warm-up ended that it is not kept', async () => {
    const ids = create(3)
    const cache = cacheOf({ maxEntries: 2 })
    const report = await warm(cache, ids)
    expect(keptOf(report).map(({ secretId }) => secretId)).toEqual(ids.filter(id => cache.peek(id) !== undefined))
    expect(keptOf(report)).toHaveLength(2)
  })
})

describe('the ids of a warm-up', () => {
  const iterables: [string, (ids: string[]) => Iterable<string>][] = [
    ['a Set', ids => new Set(ids)],
    ['the keys of a Map', ids => new Map(ids.map(id => [id, 1])).keys()],
    [
      'a generator',
      function* (ids) {
        yield* ids
      },
    ],
    ['any iterable', ids => ({ [Symbol.iterator]: () => ids[Symbol.iterator]() })],
  ]
  it.each(iterables)('may be %s', async (_, iterable) => {
    const ids = create(6)
    const cache = cacheOf()
    expect((await warm(cache, iterable(ids))).map(({ secretId }) => secretId)).toEqual(ids)
    expect(cache.peek('secret/5')?.text()).toBe('secret/5')
  })

  it.each([['prod/db'], [5], [undefined], [{ id: 'prod/db' }]])('are not one text, nor anything else (%j)', async wrong => {
    await expect(cacheOf().warmup(wrong as never)).rejects.toBeInstanceOf(TypeError)
  })
})

describe('a batch that fails', () => {
  const errors = [
    'ValidationException',
    'InvalidParameterException',
    'InvalidRequestException',
    'ResourceNotFoundException',
    'SerializationException',
    'AccessDeniedException',
    'ThrottlingException',
    'DecryptionFailure',
  ]
  it.each(errors)('with %s is read singly, so that one bad id fails itself only', async error => {
    const ids = create(6)
    fake.inject({ operation: 'BatchGetSecretValue', error })
    const report = await warm(cacheOf(), [...ids, 'missing'])
    expect(report.map(({ outcome }) => outcome)).toEqual([...ids.map(() => 'loaded'), 'failed'])
  })

  it('because of one id leaves the other batches, and the good ids of its own, alone', async () => {
    const ids = create(45)
    const bad = 'secret/7'
    const inner = fake.source()
    const picky: SecretSource = {
      async get(request, options) {
        if (request.secretId === bad) throw Object.assign(new Error('Invalid name.'), { name: 'ValidationException' })
        return inner.get(request, options)
      },
      async getMany(secretIds, options) {
        if (secretIds.includes(bad)) throw Object.assign(new Error('Invalid name.'), { name: 'ValidationException' })
        return inner.getMany(secretIds, options)
      },
    }
    const report = await warm(cacheOf({ source: picky }), ids)
    expect(report.filter(({ outcome }) => outcome !== 'loaded')).toMatchObject([{ secretId: bad, outcome: 'failed' }])
    expect(fake.count('BatchGetSecretValue')).toBe(2)
    expect(fake.count('GetSecretValue')).toBe(19)
  })

  it('is told of once, however many fail', async () => {
    const ids = create(100)
    const cache = cacheOf()
    const told: string[] = []
    cache.on('error', ({ error }) => told.push(error.code))
    fake.inject({ operation: 'BatchGetSecretValue', error: 'ValidationException' })
    await warm(cache, ids)
    expect(told).toHaveLength(1)
  })
})
