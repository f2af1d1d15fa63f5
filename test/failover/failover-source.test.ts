import { beforeEach, describe, expect, it, vi } from 'vitest'
import { type FailoverSourceOptions, failoverSource, type RegionOrigin } from '../../src/failover/index.js'
import { SecretCache, type SecretSource } from '../../src/index.js'
import { FakeSecretsManager } from '../../src/testing/index.js'
import { id, type Scene, setScene } from './support.js'

let scene: Scene

beforeEach(() => {
  scene = setScene()
})

describe('the replica', () => {
  it('is not asked while the primary answers', async () => {
    expect(await scene.outcome()).toBe('one')
    expect(scene.replica.count()).toBe(0)
  })

  it.each(['ServiceUnavailable', 'InternalServiceError', 'RequestTimeout', 'ExpiredTokenException', 'SomethingNew'])(
    'answers after a %s of the primary',
    async error => {
      scene.primaryFails(error)
      expect(await scene.outcome()).toBe('one')
      expect(scene.replica.count()).toBe(1)
    },
  )

  it.each([
    'ThrottlingException',
    'AccessDeniedException',
    'ResourceNotFoundException',
    'DecryptionFailure',
    'InvalidRequestException',
    'UnrecognizedClientException',
  ])('is not asked after a %s of the primary', async error => {
    scene.primaryFails(error)
    expect(await scene.outcome()).toBe(error)
    expect(scene.replica.count()).toBe(0)
  })

  it('answers when what the primary says is no answer', async () => {
    const broken: RegionOrigin = { get: async () => ({ arn: 7 }) as never }
    const source = failoverSource([broken, scene.replica.source()], { clock: scene.clock })
    expect(await source.get({ secretId: id }, new AbortController())).toMatchObject({ string: 'one' })
  })

  it('is not asked because an idle connection to the primary was closed', async () => {
    scene.primary.inject({ answer: 'reset', times: 1 })
    expect(await scene.outcome()).toBe('one')
    expect(scene.replica.count()).toBe(0)
  })

  it('answers when the primary takes longer than timeoutMs', async () => {
    scene = setScene({ timeoutMs: 700 })
    scene.primary.inject({ hang: true })
    const reading = scene.outcome()
    await scene.clock.advance(699)
    expect(scene.replica.count()).toBe(0)
    await scene.clock.advance(1)
    expect(await reading).toBe('one')
  })

  it.each([
    { loadTimeoutMs: 2_000, waitedMs: 1_000 },
    { loadTimeoutMs: 300, waitedMs: 150 },
    { loadTimeoutMs: 2_001, waitedMs: 2_000 },
  ])('answers within a load of $loadTimeoutMs ms, after $waitedMs ms of silence', async ({ loadTimeoutMs, waitedMs }) => {
    const cache = new SecretCache({ source: scene.source, clock: scene.clock, loadTimeoutMs })
    scene.primary.inject({ hang: true })
    const reading = cache.getSecretString(id)
    await scene.clock.advance(waitedMs - 1)
    expect(scene.replica.count()).toBe(0)
    await scene.clock.advance(1)
    expect(await reading).toBe('one')
  })

  it('that fails too leaves the failure of the primary to tell', async () => {
    scene.primaryFails('InternalServiceError')
    scene.replica.inject({ error: 'AccessDeniedException' })
    expect(await scene.outcome()).toBe('InternalServiceError')
  })

  it('that fails is followed by the next', async () => {
    const third = new FakeSecretsManager({ region: 'eu-north-1', secrets: { [id]: 'one' } })
    scene.primaryFails()
    scene.replica.inject({ error: 'ResourceNotFoundException' })
    const sources = [scene.primary, scene.replica, third].map(fake => fake.source())
    const source = failoverSource(sources, { clock: scene.clock })
    expect(await source.get({ secretId: id }, new AbortController())).toMatchObject({ string: 'one' })
    expect(third.count()).toBe(1)
  })

  it('is not asked when the reader has left, and the primary is not taken to be down', async () => {
    const asked = vi.fn(scene.replica.source().get)
    const source = failoverSource([scene.primary.source(), { get: asked }], { clock: scene.clock })
    scene.primary.inject({ hang: true, times: 1 })
    const leaving = new AbortController()
    const reading = source.get({ secretId: id }, leaving)
    await scene.clock.advance(0)
    leaving.abort(new Error('left'))
    await expect(reading).rejects.toThrow('left')
    expect(await source.get({ secretId: id }, new AbortController())).toMatchObject({ string: 'one' })
    expect(asked).not.toHaveBeenCalled()
  })
})

describe('the primary that was down', () => {
  beforeEach(async () => {
    scene.primaryFails()
    await scene.outcome()
    scene.replica.resetCalls()
  })

  it('answers again with its third success in a row', async () => {
    scene.primary.recover()
    for (const asked of [1, 2, 2, 2]) {
      expect(await scene.outcome()).toBe('one')
      expect(scene.replica.count()).toBe(asked)
    }
  })

  it('and comes and goes has to begin again with each failure', async () => {
    for (const round of [1, 2, 3, 4]) {
      scene.primary.recover()
      await scene.outcome()
      await scene.outcome()
      scene.primaryFails()
      await scene.outcome()
      expect(scene.replica.count()).toBe(round * 3)
    }
  })

  it('is waited for no longer than its head start, and nothing is left to run once a replica has answered', async () => {
    scene.primary.inject({ hang: true })
    const reading = scene.outcome()
    await scene.clock.advance(250)
    expect(await reading).toBe('one')
    expect(scene.clock.pending).toBe(0)
    expect(scene.replica.count()).toBe(1)
  })

  it('and is slow is waited for once in half a minute, and three times more once it has answered', async () => {
    scene.primary.recover()
    scene.primary.inject({ delayMs: 1_000 })
    const waits: number[] = []
    for (const _ of [1, 2, 3, 4, 5]) {
      const startedAt = scene.clock.now()
      const reading = scene.outcome().then(() => waits.push(scene.clock.now() - startedAt))
      await scene.clock.advance(10_000)
      await reading
    }
    expect(waits).toEqual([250, 250, 250, 1_000, 1_000])
    expect(scene.replica.count()).toBe(5)
    const reading = scene.outcome()
    await scene.clock.advance(1_000)
    expect(await reading).toBe('one')
    expect(scene.replica.count()).toBe(5)
  })

  it('answers when no replica does', async () => {
    scene.primary.recover()
    scene.rotate('two', { replicate: false })
    scene.replica.inject({ error: 'InternalServiceError' })
    expect(await scene.outcome()).toBe('two')
  })

  it.each(['AccessDeniedException', 'ResourceNotFoundException'])('has the last word with a %s', async error => {
    scene.primary.recover()
    scene.primaryFails(error)
    expect(await scene.outcome()).toBe(error)
    expect(scene.replica.count()).toBe(0)
  })

  it('and has denied three times in a row is well: to deny is to answer', async () => {
    scene.primary.recover()
    scene.primaryFails('AccessDeniedException')
    for (const _ of [1, 2, 3]) await scene.outcome()
    scene.primary.recover()
    expect(await scene.outcome()).toBe('one')
    expect(scene.replica.count()).toBe(0)
  })

  it('has it also when it comes while a replica is read', async () => {
    scene.primary.recover()
    scene.primary.inject({ error: 'AccessDeniedException', delayMs: 300 })
    scene.replica.inject({ delayMs: 300 })
    const reading = scene.outcome()
    await scene.clock.advance(550)
    expect(await reading).toBe('AccessDeniedException')
  })

  it('and throttles is not: nothing is asked elsewhere', async () => {
    scene.primary.recover()
    scene.primaryFails('ThrottlingException')
    for (const _ of [1, 2, 3, 4]) expect(await scene.outcome()).toBe('ThrottlingException')
    scene.primary.recover()
    expect(await scene.outcome()).toBe('one')
    expect(scene.replica.count()).toBe(0)
  })
})

describe('a batch', () => {
  const ids = ['a', 'b', 'c']

  beforeEach(() => {
    for (const name of ids) for (const fake of [scene.primary, scene.replica]) fake.create(name, `of ${name}`)
  })

  it('is read from the replica while the primary fails', async () => {
    scene.primaryFails()
    const { values } = (await scene.source.getMany?.(ids, new AbortController())) ?? {}
    expect(values?.map(({ string }) => string)).toEqual(['of a', 'of b', 'of c'])
    expect(scene.replica.count('BatchGetSecretValue')).toBe(1)
  })

  it('tells of a secret that the primary lacks, and not of one that the replica lacks', async () => {
    for (const expected of [['ResourceNotFoundException'], []]) {
      const { errors } = (await scene.source.getMany?.([...ids, 'missing'], new AbortController())) ?? {}
      expect(errors?.map(({ code }) => code)).toEqual(expected)
      scene.primaryFails()
    }
  })

  it('of which the primary fails at some leaves those to be read singly, and so by the replica', async () => {
    const { getMany = async () => ({ values: [], errors: [] }), ...primary } = scene.primary.source()
    const failsAtB: SecretSource = {
      ...primary,
      async get(request, options) {
        if (request.secretId === 'b') throw Object.assign(new Error('It failed.'), { name: 'InternalServiceError' })
        return primary.get(request, options)
      },
      async getMany(secretIds, options) {
        const { values, errors } = await getMany(secretIds, options)
        const failed = { secretId: 'b', code: 'InternalServiceError', message: 'It failed.' }
        return { values: values.filter(({ name }) => name !== 'b'), errors: [...errors, failed] }
      },
    }
    const source = failoverSource([failsAtB, scene.replica.source()], { clock: scene.clock })
    const cache = new SecretCache({ source, clock: scene.clock })
    const report = await cache.warmup([...ids, 'missing', id])
    expect(report.map(({ outcome }) => outcome)).toEqual(['loaded', 'loaded', 'loaded', 'failed', 'loaded'])
    expect(scene.replica.count()).toBe(1)
  })

  it('that is denied or throttled is not', async () => {
    for (const error of ['AccessDeniedException', 'ThrottlingException']) {
      scene.primary.recover()
      scene.primaryFails(error)
      await expect(scene.source.getMany?.(ids, new AbortController())).rejects.toMatchObject({ name: error })
    }
    expect(scene.replica.count()).toBe(0)
  })

  it('leaves out what a replica shows in another version than the last', async () => {
    await scene.source.getMany?.(ids, new AbortController())
    scene.replica.put('b', 'ahead or behind')
    scene.primaryFails()
    const { values } = (await scene.source.getMany?.(ids, new AbortController())) ?? {}
    expect(values?.map(({ name }) => name)).toEqual(['a', 'c'])
  })

  it.each(['AccessDeniedException', 'ThrottlingException'])(
    'that the replica answers by %s is read by single reads while the primary fails',
    async error => {
      const { clock, primary, replica } = scene
      const { getMany: _, ...single } = replica.source()
      const refusal = Object.assign(new Error('No batches here.'), { name: error })
      const source = failoverSource([primary.source(), { ...single, getMany: () => Promise.reject(refusal) }], { clock })
      const cache = new SecretCache({ source, clock })
      for (const fake of [primary, replica]) fake.create('d', 'd')
      scene.primaryFails()
      const report = cache.warmup([...ids, 'd', id])
      await clock.advance(3_000)
      expect((await report).map(({ outcome }) => outcome)).toEqual(['loaded', 'loaded', 'loaded', 'loaded', 'loaded'])
    },
  )

  it('is offered if every Region has it', () => {
    const { get } = scene.replica.source()
    expect(failoverSource([scene.primary.source(), { get }]).getMany).toBeUndefined()
  })
})

it('close() closes every source and no client', async () => {
  const closed: string[] = []
  const closing = (name: string): RegionOrigin => ({ ...scene.primary.source(), close: () => void closed.push(name) })
  const client = { ...scene.primary.client(), destroy: () => void closed.push('client') }
  await failoverSource([closing('primary'), closing('replica'), client]).close?.()
  expect(closed).toEqual(['primary', 'replica'])
})

describe('what is passed wrongly', () => {
  it.each<[regions: unknown, options: unknown, message: string]>([
    [[], {}, 'failoverSource takes a list of sources or clients of the AWS SDK v3'],
    [undefined, {}, 'failoverSource takes a list'],
    [{ get() {} }, {}, 'failoverSource takes a list'],
    [['eu-west-1'], {}, 'failoverSource takes a list'],
    [[{ get() {} }], { timeoutMs: 0 }, 'timeoutMs must be a number of milliseconds above 0.'],
    [[{ get() {} }], { timeoutMs: Number.POSITIVE_INFINITY }, 'timeoutMs must be a finite number of milliseconds.'],
    [[{ get() {} }], { clock: 0 }, 'clock must be an object with a now method'],
    [[{ get() {} }], { retries: 3 }, 'Unknown option "retries" of failoverSource.'],
  ])('%j with %j is refused', (regions, options, message) => {
    const make = (): unknown => failoverSource(regions as RegionOrigin[], options as FailoverSourceOptions)
    expect(make).toThrow(TypeError)
    expect(make).toThrow(message)
  })
})

describe('a first read that the primary throttles', () => {
  const once = (fake: FakeSecretsManager): SecretSource => ({ ...fake.source(), singleAttempt: true })

  it('is made again by the cache where every Region leaves that to it', async () => {
    const { clock, primary, replica } = scene
    const cache = new SecretCache({ source: failoverSource([once(primary), once(replica)], { clock }), clock })
    primary.inject({ error: 'ThrottlingException', times: 1 })
    const read = cache.getSecretString(id)
    await clock.advance(1_000)
    expect(await read).toBe('one')
  })

  it('is not where one of them makes attempts of its own', async () => {
    const { clock, primary, replica } = scene
    const cache = new SecretCache({ source: failoverSource([once(primary), replica.source()], { clock }), clock })
    primary.inject({ error: 'ThrottlingException', times: 1 })
    await expect(cache.getSecretString(id)).rejects.toMatchObject({ code: 'ERR_SECRET_THROTTLED' })
  })
})
