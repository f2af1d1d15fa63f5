import { channel } from 'node:diagnostics_channel'
import { createNoopMeter, metrics } from '@opentelemetry/api'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { SecretCache, type SecretCacheOptions } from '../../src/index.js'
import { type MeterLike, type MetricsOptions, recordMetrics } from '../../src/otel/index.js'
import { FakeSecretsManager } from '../../src/testing/index.js'
import { everythingVisibleIn } from '../support/doors.js'
import { clock, fake, useFake } from '../support/fake-cache.js'
import { rejectionOf } from '../support/rejection.js'
import { type Collector, startCollector } from './collector.js'

const id = 'prod/db'
const ofId = { 'awscurrent.secret.name': id, 'awscurrent.version_stage': 'AWSCURRENT' }
const others = { 'awscurrent.secret.name': '_OTHER', 'awscurrent.version_stage': 'AWSCURRENT' }

let collector: Collector

function cacheOf(options: SecretCacheOptions = {}): SecretCache {
  const settings = { ttlMs: 60_000, ttlJitter: 0, staleWhileRevalidateMs: 0 }
  return new SecretCache({ source: fake.source(), clock, ...settings, ...options })
}

function record(caches: MetricsOptions['caches'], meter: MeterLike = collector.meter): () => void {
  const stop = recordMetrics({ meter, caches, clock })
  onTestFinished(stop)
  return stop
}

/** A meter that counts every call of it and of its instruments. */
function countingMeter(): { meter: MeterLike; calls: () => number } {
  let calls = 0
  const counted = (): object =>
    new Proxy(
      {},
      {
        get: () => () => {
          calls += 1
          return counted()
        },
      },
    )
  return { meter: counted() as MeterLike, calls: () => calls }
}

useFake({ [id]: 'one', other: 'other' })

beforeEach(() => {
  collector = startCollector()
})

describe('of each cache', () => {
  it.each<[string, number]>([
    ['awscurrent.hits', 5],
    ['awscurrent.misses', 3],
    ['awscurrent.stale_reads', 2],
    ['awscurrent.loads', 4],
    ['awscurrent.evictions', 1],
    ['awscurrent.entries', 1],
  ])('%s is what its stats say, under its name', async (name, expected) => {
    const cache = cacheOf({ maxEntries: 1 })
    record({ main: cache })
    await cache.getSecretString('other')
    await cache.getSecretString(id)
    for (let read = 0; read < 5; read += 1) await cache.getSecretString(id)
    await clock.advance(60_000)
    fake.inject({ error: 'InternalServiceError', times: 1 })
    await cache.getSecretString(id)
    await clock.advance(60_000)
    await cache.getSecretString(id)
    expect(await collector.series(name)).toEqual([[{ 'awscurrent.cache.name': 'main' }, expected]])
  })

  it('several caches are told apart, and each grows on from where it was', async () => {
    const [orders, billing] = [cacheOf(), cacheOf()]
    record({ orders, billing })
    await orders.getSecretString(id)
    await collector.collect()
    await orders.getSecretString(id)
    await billing.getSecretString('other')
    expect(await collector.series('awscurrent.hits')).toEqual([
      [{ 'awscurrent.cache.name': 'orders' }, 1],
      [{ 'awscurrent.cache.name': 'billing' }, 0],
    ])
    expect(await collector.series('awscurrent.loads')).toEqual([
      [{ 'awscurrent.cache.name': 'orders' }, 1],
      [{ 'awscurrent.cache.name': 'billing' }, 1],
    ])
  })

  it('a closed cache keeps its counts and has no ages any more', async () => {
    const cache = cacheOf()
    record({ main: cache })
    await cache.getSecretString(id)
    await cache.close()
    expect(await collector.series('awscurrent.loads')).toEqual([[{ 'awscurrent.cache.name': 'main' }, 1]])
    expect(await collector.series('awscurrent.secret.age')).toEqual([])
  })
})

describe('of each secret', () => {
  it('the duration of a load is in seconds', async () => {
    const cache = cacheOf()
    record({ main: cache })
    fake.inject({ delayMs: 250 })
    const read = cache.getSecretString(id)
    await clock.advance(250)
    await read
    expect(await collector.series('awscurrent.load.duration')).toEqual([[ofId, 0.25]])
  })

  it('a rotation counts once for each label that moved', async () => {
    const cache = cacheOf()
    record({ main: cache })
    fake.rotate(id, 'two')
    for (const value of ['three', 'four']) {
      await cache.getSecretString(id)
      await cache.getSecretString(id, { versionStage: 'AWSPREVIOUS' })
      fake.rotate(id, value)
      await clock.advance(60_000)
    }
    await cache.getSecretString(id)
    expect(await collector.series('awscurrent.rotations')).toEqual([
      [ofId, 2],
      [{ ...ofId, 'awscurrent.version_stage': 'AWSPREVIOUS' }, 1],
    ])
  })

  it('an error counts by its code', async () => {
    const cache = cacheOf()
    record({ main: cache })
    await cache.getSecretString(id)
    for (const error of ['ThrottlingException', 'InternalServiceError', 'InternalServiceError']) {
      fake.inject({ error, times: 1 })
      await rejectionOf(cache.refreshNow(id))
    }
    expect(await collector.series('awscurrent.errors')).toEqual([
      [{ ...ofId, 'error.type': 'ERR_SECRET_THROTTLED' }, 1],
      [{ ...ofId, 'error.type': 'ERR_SECRET_UNAVAILABLE' }, 2],
    ])
  })

  it('a version that is read by its id has no label', async () => {
    const cache = cacheOf()
    const { versionId } = await cache.getSecret(id)
    record({ main: cache })
    await cache.getSecret(id, { versionId })
    expect(await collector.series('awscurrent.load.duration')).toEqual([[{ 'awscurrent.secret.name': id }, 0]])
    expect(await collector.series('awscurrent.secret.age')).toEqual([])
  })

  it('its age is told for each cache, however it was asked for, and begins anew with each load', async () => {
    const [orders, billing] = [cacheOf(), cacheOf()]
    record({ orders, billing })
    const { arn } = await orders.getSecret(id)
    await clock.advance(20_000)
    await billing.getSecret(arn)
    await clock.advance(10_000)
    const ages = (seconds: [number, number]): unknown[] => [
      [{ ...ofId, 'awscurrent.cache.name': 'orders' }, seconds[0]],
      [{ ...ofId, 'awscurrent.cache.name': 'billing' }, seconds[1]],
    ]
    expect(await collector.series('awscurrent.secret.age')).toEqual(ages([30, 10]))
    await orders.refreshNow(id)
    expect(await collector.series('awscurrent.secret.age')).toEqual(ages([0, 10]))
  })

  it.each([
    ['may be served has an age, also past its TTL', 60_999, [[{ ...ofId, 'awscurrent.cache.name': 'main' }, 60.999]]],
    ['may not be served any more has none, if nothing has failed', 61_000, []],
  ])('what %s', async (_, ageMs, expected) => {
    const cache = cacheOf({ staleIfErrorMs: 1_000 })
    record({ main: cache })
    await cache.getSecretString(id)
    await clock.advance(ageMs)
    expect(await collector.series('awscurrent.secret.age')).toEqual(expected)
  })

  it.each([
    ['is deleted', 'ResourceNotFoundException'],
    ['may not be read any more', 'AccessDeniedException'],
    ['is not answered for', 'InternalServiceError'],
  ])('the age of one that %s goes on rising, until it is read again', async (_, error) => {
    const cache = cacheOf({ staleIfErrorMs: 1_000 })
    record({ main: cache })
    const age = async (): Promise<unknown> => (await collector.series('awscurrent.secret.age'))[0]?.[1]
    await cache.getSecretString(id)
    await collector.collect()
    fake.inject({ error })
    await clock.advance(3_600_000)
    await rejectionOf(cache.getSecretString(id))
    expect(await age()).toBe(3_600)
    await clock.advance(60_000)
    expect(await age()).toBe(3_660)
    fake.recover()
    await cache.refreshNow(id)
    expect(await age()).toBe(0)
  })

  describe('the age of one that is denied for an hour rises', () => {
    async function deny(cache: SecretCache): Promise<unknown> {
      fake.inject({ error: 'AccessDeniedException' })
      await clock.advance(3_600_000)
      await rejectionOf(cache.getSecretString(id))
      return (await collector.series('awscurrent.secret.age')).find(
        ([attributes]) => (attributes as Record<string, string>)['awscurrent.secret.name'] === id,
      )?.[1]
    }

    it('though it was invalidated, and that collected', async () => {
      const cache = cacheOf()
      record({ main: cache })
      await cache.getSecretString(id)
      cache.invalidate(id)
      await collector.collect()
      expect(await deny(cache)).toBe(3_600)
    })

    it('though it was evicted', async () => {
      const cache = cacheOf({ maxEntries: 1 })
      record({ main: cache })
      await cache.getSecretString(id)
      await cache.getSecretString('other')
      await collector.collect()
      expect(await deny(cache)).toBe(3_600)
    })

    it('though another cache may read it', async () => {
      const [cache, another] = [
        cacheOf(),
        new SecretCache({ source: new FakeSecretsManager({ clock, secrets: { [id]: 'one' } }).source(), clock }),
      ]
      record({ main: cache, another })
      await cache.getSecretString(id)
      await another.getSecretString(id)
      fake.inject({ error: 'AccessDeniedException' })
      await clock.advance(3_600_000)
      await rejectionOf(cache.getSecretString(id))
      await another.getSecretString(id)
      expect((await collector.series('awscurrent.secret.age')).map(([, age]) => age)).toEqual([3_600, 0])
    })
  })

  it('of two with one name, in two accounts, the older one counts', async () => {
    const cache = cacheOf({
      source: {
        async get({ secretId }) {
          const account = secretId.split(':')[4] ?? '111122223333'
          const arn = `arn:aws:secretsmanager:eu-west-1:${account}:secret:prod/db-AbCdEf`
          return { arn, name: id, versionId: 'v', versionStages: ['AWSCURRENT'], string: 'one' }
        },
      },
    })
    record({ main: cache })
    await cache.getSecret(id)
    await clock.advance(5_000)
    await cache.getSecret('arn:aws:secretsmanager:eu-west-1:444455556666:secret:prod/db-AbCdEf')
    expect(await collector.series('awscurrent.secret.age')).toEqual([[{ ...ofId, 'awscurrent.cache.name': 'main' }, 5]])
  })
})

describe('names of labels', () => {
  it('are those that an answer has confirmed: any other may be a value that was passed by mistake', async () => {
    const cache = cacheOf()
    record({ main: cache })
    await cache.getSecretString(id)
    for (let read = 0; read < 600; read += 1) await rejectionOf(cache.getSecretString(id, { versionStage: `hunter2-${read}` }))
    await rejectionOf(cache.getSecretString('unknown', { versionStage: 'hunter2' }))
    expect(everythingVisibleIn(await collector.collect())).not.toContain('hunter2')
    const failed = (await collector.series('awscurrent.errors')).map(([attributes]) => attributes)
    expect(failed).toHaveLength(2)
    for (const attributes of failed) expect(attributes).toMatchObject({ 'awscurrent.version_stage': '_OTHER' })
  })

  it('include those of your own, once they were answered', async () => {
    const cache = cacheOf()
    record({ main: cache })
    fake.put(id, 'green', { versionStages: ['GREEN'] })
    await cache.getSecretString(id, { versionStage: 'GREEN' })
    const own = { ...ofId, 'awscurrent.version_stage': 'GREEN' }
    expect(await collector.series('awscurrent.load.duration')).toEqual([[own, 0]])
  })
})

describe('names of secrets', () => {
  it('are 200 at most, and the rest is one series', async () => {
    for (let index = 0; index < 203; index += 1) fake.create(`s/${index}`, 'value')
    const cache = cacheOf()
    record({ main: cache })
    for (let index = 0; index < 203; index += 1) await cache.getSecretString(`s/${index}`)
    await cache.refreshNow('s/0')
    const durations = (await collector.collect()).find(({ descriptor }) => descriptor.name === 'awscurrent.load.duration')
    expect(durations?.dataPoints).toHaveLength(201)
    expect(durations?.dataPoints.at(-1)).toMatchObject({ attributes: others, value: { count: 3 } })
    expect(await collector.series('awscurrent.secret.age')).toHaveLength(201)
  })

  it('tell the age of the rest by the oldest of it, also of one that is denied', async () => {
    for (let index = 0; index < 203; index += 1) fake.create(`s/${index}`, 'value')
    const cache = cacheOf()
    record({ main: cache })
    for (let index = 0; index < 203; index += 1) await cache.getSecretString(`s/${index}`)
    fake.inject({ error: 'AccessDeniedException', secretId: 's/201' })
    await clock.advance(3_600_000)
    await rejectionOf(cache.getSecretString('s/201'))
    await cache.getSecretString('s/202')
    const ages = await collector.series('awscurrent.secret.age')
    expect(ages.at(-1)).toEqual([{ ...others, 'awscurrent.cache.name': 'main' }, 3_600])
  })

  it('tell the age of labels that have no names by the oldest of them', async () => {
    const labels = Array.from({ length: 19 }, (_, index) => `LABEL-${index}`)
    const cache = cacheOf()
    record({ main: cache })
    for (const label of labels) {
      fake.put(id, label, { versionStages: [label] })
      await cache.getSecretString(id, { versionStage: label })
      await clock.advance(1_000)
    }
    const other = { ...ofId, 'awscurrent.version_stage': '_OTHER' }
    const ages = await collector.series('awscurrent.secret.age')
    expect(ages).toHaveLength(18)
    expect(ages).toContainEqual([{ ...other, 'awscurrent.cache.name': 'main' }, 2])
  })

  it('are those that answers reveal: an id that may be anything is not told', async () => {
    const cache = cacheOf()
    record({ main: cache })
    await rejectionOf(cache.getSecretString('hunter2-passed-by-mistake'))
    expect(await collector.series('awscurrent.errors')).toEqual([[{ ...others, 'error.type': 'ERR_SECRET_NOT_FOUND' }, 1]])
  })
})

describe('recording', () => {
  it('ends for good when it is stopped, once or twice', async () => {
    const cache = cacheOf()
    const stop = record({ main: cache })
    await cache.getSecretString(id)
    stop()
    stop()
    for (const type of ['loaded', 'rotated', 'error']) expect(channel(`awscurrent:${type}`).hasSubscribers).toBe(false)
    await cache.refreshNow(id)
    for (const name of ['awscurrent.hits', 'awscurrent.secret.age']) expect(await collector.series(name)).toEqual([])
  })

  it('costs a hit nothing: neither the meter nor an instrument is touched', async () => {
    const { meter, calls } = countingMeter()
    const cache = cacheOf()
    record({ main: cache }, meter)
    await cache.getSecretString(id)
    const before = calls()
    for (let read = 0; read < 1_000; read += 1) await cache.getSecretString(id)
    expect(calls()).toBe(before)
    await cache.refreshNow(id)
    expect(calls()).toBeGreaterThan(before)
  })

  it.each([
    ['no SDK has started', () => metrics.getMeter('awscurrent')],
    ['metrics are off', createNoopMeter],
  ])('harms nothing where %s', async (_, meter) => {
    const cache = cacheOf()
    record({ main: cache }, meter())
    expect(await cache.getSecretString(id)).toBe('one')
  })

  it('is not the end of the process where an instrument throws: it warns', async () => {
    const { meter } = collector
    const fail = (): never => {
      throw new Error('full')
    }
    const createHistogram = () => ({ record: fail })
    const warned = new Promise<Error>(resolve => process.once('warning', resolve))
    record({ main: cacheOf() }, Object.assign(Object.create(meter), { createHistogram }))
    await cacheOf().getSecretString(id)
    expect(await warned).toMatchObject({ code: 'AWSCURRENT_OTEL' })
  })

  it('shows no value', async () => {
    const planted = 'planted-7d1f'
    fake.put(id, planted)
    const cache = cacheOf()
    record({ main: cache })
    await cache.getSecretString(id)
    fake.inject({ error: 'InternalServiceError', message: planted, times: 1 })
    await rejectionOf(cache.refreshNow(id))
    expect(everythingVisibleIn(await collector.collect())).not.toContain(planted)
  })

  it.each<[string, unknown]>([
    ['meter', { caches: { main: { stats() {}, peek() {} } } }],
    ['meter', { meter: metrics, caches: { main: { stats() {}, peek() {} } } }],
    ['caches', { meter: createNoopMeter() }],
    ['caches', { meter: createNoopMeter(), caches: {} }],
    ['caches', { meter: createNoopMeter(), caches: { main: {} } }],
    ['cache', { meter: createNoopMeter(), cache: {} }],
    ['recordMetrics', undefined],
  ])('a wrong option is a TypeError that names it: %s', (name, options) => {
    expect(() => recordMetrics(options as MetricsOptions)).toThrow(TypeError)
    expect(() => recordMetrics(options as MetricsOptions)).toThrow(name)
  })
})
