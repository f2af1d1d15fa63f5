import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache, type SecretSource } from '../../../src/index.js'
import { clock, fake, useFake } from '../../support/fake-cache.js'
import { untilSettled } from '../../support/until-settled.js'

const names = Array.from({ length: 100 }, (_, n) => `t/${n}`)

let cache: SecretCache

useFake()

beforeEach(() => {
  for (const name of names) fake.create(name, name)
  cache = new SecretCache({ source: fake.source(), clock, ttlJitter: 0 })
})

describe('a batch of many', () => {
  it('waits for its turn after four', async () => {
    const warmed = cache.warmup(names)
    await clock.advance(0)
    expect(fake.count('BatchGetSecretValue')).toBe(4)
    await clock.advance(22)
    expect(fake.count('BatchGetSecretValue')).toBe(5)
    await warmed
  })

  it('is left out if others have read its secrets meanwhile', async () => {
    const warmed = cache.warmup(names)
    await clock.advance(0)
    await Promise.all(names.slice(80).map(name => cache.getSecretString(name)))
    await clock.advance(22)
    expect(new Set((await warmed).map(({ outcome }) => outcome))).toEqual(new Set(['loaded']))
    expect(fake.count('GetSecretValue')).toBe(20)
  })

  it('is no longer tried once throttling has lasted', async () => {
    fake.inject({ operation: 'BatchGetSecretValue', error: 'ThrottlingException' })
    await untilSettled(clock, cache.warmup(names))
    const { length } = fake.calls.filter(({ operation }) => operation === 'BatchGetSecretValue')
    expect(length).toBeLessThanOrEqual(12)
    expect(fake.count('GetSecretValue')).toBe(100)
  })
})

it('a batch that meets a dead connection is read one by one, each on a new connection', async () => {
  const { get } = fake.source()
  const isNew: unknown[] = []
  const source: SecretSource = {
    singleAttempt: true,
    get(request, options) {
      isNew.push(options.newConnection)
      return get(request, options)
    },
    getMany: () => Promise.reject(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })),
  }
  const report = await new SecretCache({ source, clock }).warmup(names.slice(0, 6))
  expect(report.map(({ outcome }) => outcome)).toEqual(report.map(() => 'loaded'))
  expect(isNew).toEqual(report.map(() => true))
})

it('single reads wait for no turn of a batch where there are none', async () => {
  const { get } = fake.source()
  let isDone = false
  void new SecretCache({ source: { get }, clock }).warmup(names).then(() => {
    isDone = true
  })
  await clock.advance(0)
  expect(isDone).toBe(true)
})
