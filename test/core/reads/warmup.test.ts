import { expect, it } from 'vitest'
import type { ErrorEvent } from '../../../src/index.js'
import { cacheOf, clock, fake, useFake } from '../../support/fake-cache.js'
import { untilSettled } from '../../support/until-settled.js'

/** Makes so many secrets and answers their names. */
function secretsNamed(count: number): string[] {
  const names = Array.from({ length: count }, (_, n) => `s/${n}`)
  for (const name of names) fake.create(name, `value of ${name}`)
  return names
}

function versionOf(name: string): string {
  return String(fake.perform('GetSecretValue', { SecretId: name }).VersionId)
}

useFake()

it('reads 45 secrets with three calls, and every read after it is a hit', async () => {
  const names = secretsNamed(45)
  const cache = cacheOf()
  const report = await cache.warmup(names)
  expect(report.map(({ secretId, outcome }) => [secretId, outcome])).toEqual(names.map(name => [name, 'loaded']))
  for (const name of names) expect(await cache.getSecretString(name)).toBe(`value of ${name}`)
  expect(fake.count('BatchGetSecretValue')).toBe(3)
  expect(fake.count()).toBe(3)
})

it('reads three secrets side by side', async () => {
  const names = secretsNamed(3)
  fake.inject({ delayMs: 100 })
  const report = cacheOf().warmup(names)
  await clock.advance(100)
  expect(await report).toHaveLength(3)
  expect(fake.count('GetSecretValue')).toBe(3)
})

it('by ARN makes reads by name hits, once one of them has shown whose plain names are', async () => {
  const arns = secretsNamed(6).map(name => String(fake.perform('DescribeSecret', { SecretId: name }).ARN))
  const cache = cacheOf()
  await cache.warmup(arns)
  for (const name of ['s/3', 's/4', 's/5']) expect(await cache.getSecretString(name)).toBe(`value of ${name}`)
  expect([fake.count('BatchGetSecretValue'), fake.count('GetSecretValue')]).toEqual([1, 1])
})

it('by ARN makes every read by name a hit where one account is allowed', async () => {
  const arns = secretsNamed(6).map(name => String(fake.perform('DescribeSecret', { SecretId: name }).ARN))
  const cache = cacheOf({ allowedAccounts: ['123456789012'] })
  await cache.warmup(arns)
  expect(await cache.getSecretString('s/3')).toBe('value of s/3')
  expect(fake.count()).toBe(1)
})

it('merges the ids of one secret', async () => {
  const names = secretsNamed(4)
  const arn = String(fake.perform('DescribeSecret', { SecretId: 's/0' }).ARN)
  fake.resetCalls()
  const report = await cacheOf().warmup([...names, arn, arn.slice(0, -7), 's/0'])
  expect(fake.count('GetSecretValue')).toBe(4)
  expect(report.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 7 }, () => 'loaded'))
  const versions = report.flatMap(result => ('versionId' in result && result.secretId !== 's/1' ? [result.versionId] : []))
  expect(versions).toEqual([0, 2, 3, 0, 0, 0].map(n => versionOf(`s/${n}`)))
})

it.each([3, 10])('one secret of %i that fails does not fail the others', async count => {
  const names = [...secretsNamed(count - 1), 'missing', '']
  const report = await cacheOf().warmup(names)
  expect(report.filter(({ outcome }) => outcome === 'loaded')).toHaveLength(count - 1)
  expect(report.slice(-2)).toMatchObject([
    { secretId: 'missing', outcome: 'failed', error: { code: 'ERR_SECRET_NOT_FOUND', secretId: 'missing' } },
    { secretId: '', outcome: 'failed', error: { code: 'ERR_SECRET_REQUEST' } },
  ])
  expect(fake.calls.flatMap(({ input }) => input.SecretIdList ?? input.SecretId)).not.toContain('')
})

it.each(['AccessDeniedException', 'ThrottlingException'])(
  'reads one by one where batches are refused by %s, and says so once',
  async error => {
    const names = secretsNamed(45)
    const cache = cacheOf()
    const errors: ErrorEvent[] = []
    cache.on('error', event => errors.push(event))
    fake.inject({ operation: 'BatchGetSecretValue', error })
    const report = await untilSettled(clock, cache.warmup(names))
    expect(report.every(({ outcome }) => outcome === 'loaded')).toBe(true)
    expect(fake.count('GetSecretValue')).toBe(45)
    expect(errors).toHaveLength(1)
    expect(errors[0]?.error.message).toContain('BatchGetSecretValue')
  },
)

it('loads again what is stale', async () => {
  const names = secretsNamed(1)
  const cache = cacheOf({ ttlMs: 1_000 })
  await cache.warmup(names)
  await clock.advance(1_000)
  expect(await cache.warmup(names)).toMatchObject([{ outcome: 'loaded' }])
  expect(fake.count()).toBe(2)
})

it('tells what was there already', async () => {
  const [first = '', second = ''] = secretsNamed(2)
  const cache = cacheOf()
  await cache.getSecretString(first)
  expect(await cache.warmup([first, second])).toMatchObject([{ outcome: 'cached' }, { outcome: 'loaded' }])
  expect(fake.count()).toBe(2)
})

it('shares its calls with the reads at the same time', async () => {
  const names = secretsNamed(20)
  fake.inject({ delayMs: 100 })
  const cache = cacheOf()
  const report = cache.warmup(names)
  const reads = Promise.all(names.map(name => cache.getSecretString(name)))
  await clock.advance(100)
  expect(await reads).toEqual(names.map(name => `value of ${name}`))
  await report
  expect(fake.count()).toBe(1)
})

it('uses no batch for another stage than AWSCURRENT, which is the only one that batches read', async () => {
  const names = secretsNamed(6)
  await cacheOf({ versionStage: 'AWSPREVIOUS' }).warmup(names)
  expect(fake.count('BatchGetSecretValue')).toBe(0)
})

it('never rejects, not even after close', async () => {
  const names = secretsNamed(6)
  const cache = cacheOf()
  await cache.close()
  expect(await cache.warmup(names)).toMatchObject(
    names.map(() => ({ outcome: 'failed', error: { code: 'ERR_SECRET_CACHE_CLOSED' } })),
  )
})
