import { beforeEach, describe, expect, it } from 'vitest'
import { type ErrorEvent, SecretCache, type SecretCacheOptions, type SecretSource } from '../../../src/index.js'
import { clock, fake, useFake } from '../../support/fake-cache.js'
import { untilSettled } from '../../support/until-settled.js'

let batches: Calls
let singles: Calls

/** When calls of one kind began, and how many were under way at most. */
class Calls {
  readonly beganAt: number[] = []
  mostAtOnce = 0
  #underWay = 0

  async during<T>(call: () => Promise<T>): Promise<T> {
    this.beganAt.push(clock.now())
    this.#underWay += 1
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#underWay)
    try {
      return await call()
    } finally {
      this.#underWay -= 1
    }
  }

  /** The most that began within any second. */
  get mostInASecond(): number {
    return Math.max(0, ...this.beganAt.map(from => this.beganAt.filter(at => at >= from && at < from + 1_000).length))
  }
}

/** The fake's source, its calls watched; `getMany` may be another, or left out. */
function watched(getMany: SecretSource['getMany'] = fake.source().getMany): SecretSource {
  const { get } = fake.source()
  return {
    get: (request, options) => singles.during(() => get(request, options)),
    getMany: (ids, options) => batches.during(async () => getMany(ids, options)),
  }
}

function cacheOf(options: SecretCacheOptions = {}): SecretCache {
  return new SecretCache({ source: watched(), clock, ttlJitter: 0, ...options })
}

function secretsNamed(count: number): string[] {
  const names = Array.from({ length: count }, (_, n) => `s/${n}`)
  for (const name of names) fake.create(name, `value of ${name}`)
  return names
}

function errorsOf(cache: SecretCache): ErrorEvent[] {
  const errors: ErrorEvent[] = []
  cache.on('error', event => errors.push(event))
  return errors
}

const outcomesOf = (report: readonly { outcome: string }[]): string[] => [...new Set(report.map(({ outcome }) => outcome))]

useFake()

beforeEach(() => {
  batches = new Calls()
  singles = new Calls()
})

describe('thousands of secrets', { timeout: 60_000 }, () => {
  it('are read by at most fifty batches a second, four side by side, and the report says which were kept', async () => {
    const names = secretsNamed(10_000)
    const cache = cacheOf({ maxEntries: 1_024 })
    fake.inject({ delayMs: 50 })
    const report = await untilSettled(clock, cache.warmup(names))

    expect(report.map(({ secretId }) => secretId)).toEqual(names)
    expect(outcomesOf(report)).toEqual(['loaded'])
    expect(batches.beganAt).toHaveLength(500)
    expect(batches.mostAtOnce).toBe(4)
    expect(batches.mostInASecond).toBeLessThanOrEqual(50)
    expect(singles.beganAt).toEqual([])

    const kept = report.filter(result => result.outcome !== 'failed' && result.kept)
    expect(kept).toHaveLength(1_024)
    expect(cache.stats().entries).toBe(1_024)
    for (const { secretId } of kept) expect(cache.peek(secretId)).toBeDefined()
  })

  it('are read singly, ten at once, after few batches that were throttled, and that is said once', async () => {
    const names = secretsNamed(3_000)
    const cache = cacheOf({ maxEntries: 3_000 })
    const errors = errorsOf(cache)
    fake.inject({ operation: 'BatchGetSecretValue', error: 'ThrottlingException' })
    fake.inject({ delayMs: 5 })
    const report = await untilSettled(clock, cache.warmup(names))
    expect(outcomesOf(report)).toEqual(['loaded'])
    expect(report.every(result => result.outcome === 'loaded' && result.kept)).toBe(true)
    expect(batches.beganAt.length).toBeLessThanOrEqual(12)
    expect(singles.beganAt).toHaveLength(3_000)
    expect(singles.mostAtOnce).toBe(10)
    expect(errors).toMatchObject([{ error: { code: 'ERR_SECRET_THROTTLED' } }])
  })
})

it('two warm-ups at the same time make each call once', async () => {
  const names = secretsNamed(400)
  const cache = cacheOf()
  fake.inject({ delayMs: 50 })
  const reports = await untilSettled(clock, Promise.all([cache.warmup(names), cache.warmup(names)]))
  expect(reports.flatMap(outcomesOf)).toEqual(['loaded', 'loaded'])
  expect(batches.beganAt).toHaveLength(20)
})

it('a batch whose throttling passes is tried again, and nothing is said', async () => {
  const names = secretsNamed(200)
  const cache = cacheOf()
  const errors = errorsOf(cache)
  fake.inject({ operation: 'BatchGetSecretValue', error: 'ThrottlingException', times: 4 })
  const report = await untilSettled(clock, cache.warmup(names))
  expect(outcomesOf(report)).toEqual(['loaded'])
  expect(batches.beganAt).toHaveLength(14)
  expect(singles.beganAt).toEqual([])
  expect(errors).toEqual([])
})

it.each([
  'ValidationException',
  'InvalidParameterException',
  'InvalidRequestException',
  'DecryptionFailure',
  'AccessDeniedException',
])('a batch that fails by %s because of one id loads the others, and so do all other batches', async name => {
  const names = secretsNamed(60)
  names[7] = 'not a name'
  const { getMany } = fake.source()
  const source = watched((ids, options) => {
    if (ids.includes('not a name')) throw Object.assign(new Error('no'), { name })
    return getMany(ids, options)
  })
  const report = await untilSettled(clock, cacheOf({ source }).warmup(names))
  expect(report.filter(({ outcome }) => outcome === 'loaded')).toHaveLength(59)
  expect(report[7]).toMatchObject({ outcome: 'failed', error: { secretId: 'not a name' } })
  expect(batches.beganAt).toHaveLength(3)
  expect(singles.beganAt).toHaveLength(20)
  expect(singles.mostAtOnce).toBeLessThanOrEqual(10)
})

it('where there are no batches, ten secrets are read at once', async () => {
  const names = secretsNamed(100)
  fake.inject({ delayMs: 50 })
  const report = await untilSettled(clock, cacheOf({ source: { get: watched().get } }).warmup(names))
  expect(outcomesOf(report)).toEqual(['loaded'])
  expect(singles.mostAtOnce).toBe(10)
})

it('a secret that waits long for its turn has its whole deadline then', async () => {
  const names = secretsNamed(100)
  fake.inject({ delayMs: 900 })
  const cache = cacheOf({ source: { get: watched().get }, loadTimeoutMs: 1_000 })
  expect(outcomesOf(await untilSettled(clock, cache.warmup(names)))).toEqual(['loaded'])
})

it('a secret that was cached, and gave way to others of the same warm-up, is reported as not kept', async () => {
  const names = secretsNamed(6)
  const cache = cacheOf({ maxEntries: 2 })
  await cache.getSecretString('s/0')
  const report = await cache.warmup(names)
  expect(report.map(result => result.outcome !== 'failed' && [result.outcome, result.kept])).toEqual([
    ['cached', false],
    ['loaded', false],
    ['loaded', false],
    ['loaded', false],
    ['loaded', true],
    ['loaded', true],
  ])
})

it.each<[string, (names: string[]) => Iterable<string>]>([
  ['a Set', names => new Set(names)],
  ['the keys of a Map', names => new Map(names.map(name => [name, 1])).keys()],
  [
    'a generator',
    function* (names) {
      yield* names
    },
  ],
])('%s of ids will do, and is read once', async (_, iterableOf) => {
  const names = secretsNamed(3)
  const report = await cacheOf().warmup(iterableOf(names))
  expect(report.map(({ secretId, outcome }) => [secretId, outcome])).toEqual(names.map(name => [name, 'loaded']))
})

describe('a signal', () => {
  it('ends the warm-up: what is under way goes on, and nothing else begins', async () => {
    const names = secretsNamed(1_000)
    const cache = cacheOf()
    const controller = new AbortController()
    fake.inject({ delayMs: 50 })
    const warmed = cache.warmup(names, { signal: controller.signal })
    const rejected = expect(warmed).rejects.toBe('enough')
    await clock.advance(25)
    controller.abort('enough')
    await rejected
    await clock.advance(60_000)
    expect(batches.beganAt).toHaveLength(4)
    expect(cache.stats()).toMatchObject({ entries: 80, failures: 0 })
    expect(clock.pending).toBe(0)
  })

  it('that has aborted already lets nothing begin', async () => {
    await expect(cacheOf().warmup(secretsNamed(3), { signal: AbortSignal.abort('no') })).rejects.toBe('no')
    expect(fake.count()).toBe(0)
  })

  it('ends single reads that wait for their turn', async () => {
    const controller = new AbortController()
    fake.inject({ delayMs: 50 })
    const cache = cacheOf({ source: { get: watched().get } })
    const rejected = expect(cache.warmup(secretsNamed(100), { signal: controller.signal })).rejects.toBe('enough')
    await clock.advance(25)
    controller.abort('enough')
    await rejected
    await clock.advance(60_000)
    expect(singles.beganAt).toHaveLength(10)
  })
})
