import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache, type SecretCacheOptions } from '../../../src/index.js'
import { ManualClock } from '../../../src/testing/index.js'
import { type DeferredRequest, DeferredSource } from '../../support/deferred-source.js'
import { rejectionOf } from '../../support/rejection.js'

const name = 'secret'
const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:secret-AbCdEf'

let clock: ManualClock
let source: DeferredSource
let cache: SecretCache

function cacheOf(options: SecretCacheOptions = {}): SecretCache {
  return new SecretCache({ source, clock, ttlJitter: 0, ...options })
}

const request = (number: number): Promise<DeferredRequest> => source.request(number)

beforeEach(() => {
  clock = new ManualClock()
  source = new DeferredSource()
  cache = cacheOf()
})

describe('two ids that turn out to be one secret', () => {
  it.each([
    [1, 2],
    [2, 1],
  ])('share the newer of their answers, in whatever order they come (%i first)', async (first, second) => {
    const byName = cache.getSecretString(name)
    await request(1)
    const byArn = cache.getSecretString(arn)
    await request(2)
    await (await request(first)).answer(`v${first}`)
    await (await request(second)).answer(`v${second}`)
    await Promise.all([byName, byArn])
    expect(await cache.getSecretString(name)).toBe('v2')
    expect(await cache.getSecretString(arn)).toBe('v2')
    expect(cache.stats().entries).toBe(1)
    expect(source.sent).toHaveLength(2)
  })

  it.each([
    ['the name', [name, arn]],
    ['the ARN', [arn, name]],
  ])('keep the good answer of the one when the load by %s fails', async (_, ids) => {
    cache = cacheOf({ allowedAccounts: ['123456789012'] })
    const reads = ids.map(id => cache.getSecretString(id))
    await (await request(2)).answer('v2')
    await (await request(1)).fail()
    expect(await Promise.all(reads)).toEqual(['v2', 'v2'])
    expect([await cache.getSecretString(name), cache.stats().entries]).toEqual(['v2', 1])
  })

  it('stay apart while nobody knows whether the name is of the account of the ARN', async () => {
    const byName = rejectionOf(cache.getSecretString(name))
    const byArn = cache.getSecretString(arn)
    await (await request(2)).answer('v2')
    await (await request(1)).fail()
    expect(await byName).toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE' })
    expect([await byArn, cache.peek(name)]).toEqual(['v2', undefined])
  })

  it('are known as one by an answer that is too old to be believed', async () => {
    for (const number of [1, 2]) {
      const refreshed = cache.refreshNow(arn)
      await (await request(number)).answer(`v${number}`)
      await refreshed
    }
    const byName = cache.getSecretString(name)
    await (await request(3)).answer('v1')
    expect(cache.peek(name)?.versionId).toBe('v2')
    await clock.advance(200)
    await (await request(4)).answer('v2')
    expect(await byName).toBe('v2')
  })

  it('are, once known, not made void by the invalidation of another secret', async () => {
    const byArn = cache.getSecretString(arn)
    await request(1)
    const byName = cache.getSecretString(name)
    await request(2)
    await (await request(1)).answer('v1')
    cache.invalidate('other')
    await (await request(2)).answer('v2')
    await Promise.all([byArn, byName])
    expect(cache.peek(name)?.versionId).toBe('v2')
  })

  it('are deleted together, also what a load by the other one is about to bring', async () => {
    const byArn = cache.getSecretString(arn)
    await request(1)
    const byPartialArn = cache.getSecretString(arn.slice(0, -7))
    await request(2)
    await (await request(1)).answer('v1')
    await byArn
    cache.delete(arn)
    await (await request(2)).answer('v1')
    await byPartialArn
    const later = rejectionOf(cache.getSecretString(arn))
    await (await request(3)).fail()
    expect(await later).toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE' })
  })

  it('keep what a load by the one brings, though the answer to the other had to give way meanwhile', async () => {
    cache = cacheOf({ maxEntries: 1 })
    const reads = [cache.getSecretString(name)]
    await request(1)
    reads.push(cache.getSecretString(arn))
    await request(2)
    await (await request(1)).answer('v1')
    reads.push(cache.getSecretString('other'))
    await (await request(3)).answer('v1', 'other')
    await (await request(2)).answer('v2')
    await Promise.all(reads)
    expect(cache.peek(name)?.text()).toBe('v2')
    expect(cache.stats().entries).toBe(1)
  })

  it('are both void after invalidate() by either', async () => {
    const byName = cache.getSecretString(name)
    await request(1)
    const byArn = cache.getSecretString(arn)
    await request(2)
    cache.invalidate(arn)
    await (await request(1)).answer('v1')
    await (await request(2)).answer('v1')
    await Promise.all([byName, byArn])
    const late = cache.getSecretString(name)
    await (await request(3)).answer('v2')
    expect(await late).toBe('v2')
  })
})
