import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { SecretCache, type SecretCacheOptions } from '../../src/index.js'
import { type MetricsOptions, recordMetrics } from '../../src/otel/index.js'
import { clock, fake, useFake } from '../support/fake-cache.js'
import { rejectionOf } from '../support/rejection.js'
import { type Collector, startCollector } from './collector.js'

const id = 'prod/db'

let collector: Collector

function recorded(options: SecretCacheOptions = {}, secrets?: MetricsOptions['secrets']): SecretCache {
  const cache = new SecretCache({
    source: fake.source(),
    clock,
    ttlMs: 60_000,
    ttlJitter: 0,
    staleIfErrorMs: 600_000,
    ...options,
  })
  onTestFinished(recordMetrics({ meter: collector.meter, caches: { main: cache }, clock, secrets }))
  return cache
}

async function firstOf(name: string): Promise<number | undefined> {
  return (await collector.series(name))[0]?.[1]
}

useFake({ [id]: 'one' })

beforeEach(() => {
  collector = startCollector()
})

describe('until when a value can be served', () => {
  const left = () => firstOf('awscurrent.secret.servable_time')

  it('counts down from the TTL and the time after it, and begins anew with each load', async () => {
    const cache = recorded()
    await cache.getSecretString(id)
    expect(await left()).toBe(660)
    await clock.advance(100_000)
    expect(await left()).toBe(560)
    await cache.refreshNow(id)
    expect(await left()).toBe(660)
  })

  it('is what is left of the TTL after a denial', async () => {
    const cache = recorded()
    await cache.getSecretString(id)
    await clock.advance(20_000)
    fake.inject({ error: 'AccessDeniedException' })
    await rejectionOf(cache.refreshNow(id))
    expect(await left()).toBe(40)
  })

  it('is 0 when reads reject', async () => {
    const cache = recorded()
    await cache.getSecretString(id)
    fake.inject({ error: 'InternalServiceError' })
    await clock.advance(700_000)
    await rejectionOf(cache.getSecretString(id))
    expect(await left()).toBe(0)
  })

  it('has no series where it never ends', async () => {
    const cache = recorded({ ttlMs: Infinity })
    await cache.getSecretString(id)
    expect(await left()).toBeUndefined()
    expect(await firstOf('awscurrent.secret.ttl')).toBeUndefined()
    expect(await firstOf('awscurrent.secret.age')).toBe(0)
  })
})

it('the TTL is in seconds', async () => {
  const cache = recorded()
  await cache.getSecretString(id)
  expect(await firstOf('awscurrent.secret.ttl')).toBe(60)
})

describe('a secret that must load', () => {
  const loaded = async (): Promise<unknown> =>
    (await collector.series('awscurrent.secret.loaded')).map(([attributes, value]) => [
      (attributes as Record<string, string>)['awscurrent.secret.name'],
      value,
    ])

  it('is told by its name before it has loaded, and while it fails', async () => {
    const cache = recorded({}, { main: [id, 'prod/missing'] })
    expect(await loaded()).toEqual([
      [id, 0],
      ['prod/missing', 0],
    ])
    await cache.getSecretString(id)
    await rejectionOf(cache.getSecretString('prod/missing'))
    expect(await loaded()).toEqual([
      [id, 1],
      ['prod/missing', 0],
    ])
  })

  it('has loaded for good, though it is evicted before anything is collected', async () => {
    fake.create('another', 'two')
    const cache = recorded({ maxEntries: 1 }, { main: [id] })
    await cache.getSecretString(id)
    await cache.getSecretString('another')
    expect(await loaded()).toEqual([[id, 1]])
  })

  it('may be read by its ARN', async () => {
    const cache = recorded()
    const { arn } = await cache.getSecret(id)
    onTestFinished(recordMetrics({ meter: collector.meter, caches: { main: cache }, secrets: { main: [arn] } }))
    expect(await loaded()).toEqual([[arn, 1]])
  })

  it('may be that of a label of your own', async () => {
    fake.put(id, 'green', { versionStages: ['GREEN'] })
    const cache = recorded({ versionStage: 'GREEN' }, { main: [id] })
    await cache.getSecretString(id)
    expect(await loaded()).toEqual([[id, 1]])
  })

  it.each<[unknown, RegExp]>([
    [{ main: 'prod/db' }, /^secrets must be an object of at most 200 secret ids for each cache/],
    [{ main: [''] }, /^secrets must be/],
    [{ main: Array.from({ length: 201 }, String) }, /^secrets must be/],
    [{ other: ['prod/db'] }, /^secrets names the cache "other", which is not one of caches\.$/],
  ])('is a TypeError if it is given as %j', (secrets, message) => {
    expect(() => recorded({}, secrets as MetricsOptions['secrets'])).toThrow(message)
  })
})
