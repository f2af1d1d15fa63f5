import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache, type SecretCacheOptions, type SecretSource, type SecretValue } from '../../../src/index.js'
import { ManualClock } from '../../../src/testing/index.js'

const asked = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf'
const arn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-AbCdEf'

let clock: ManualClock
let answer: { arn: string; versionId: string }
let calls: number

const source: SecretSource = {
  async get(): Promise<SecretValue> {
    calls += 1
    const { arn, versionId } = answer
    return { arn, name: 'prod/db', versionId, versionStages: ['AWSCURRENT'], string: versionId }
  },
}

function cacheOf(options: SecretCacheOptions = {}): SecretCache {
  return new SecretCache({ source, clock, ttlJitter: 0, ...options })
}

beforeEach(() => {
  clock = new ManualClock()
  answer = { arn: asked, versionId: 'v1' }
  calls = 0
})

describe('an answer whose ARN is one of another Region than was asked for', () => {
  it.each(['at first', 'later'])('is found and invalidated by the ARN that was asked for (%s)', async when => {
    const cache = cacheOf()
    if (when === 'later') await cache.getSecretString(asked)
    answer = { arn, versionId: 'v2' }
    expect((await cache.refreshNow(asked)).versionId).toBe('v2')
    calls = 0
    expect(await cache.getSecretString(asked)).toBe('v2')
    expect(calls).toBe(0)
    answer = { arn, versionId: 'v3' }
    cache.invalidate(asked)
    expect(await cache.getSecretString(asked)).toBe('v3')
    expect(calls).toBe(1)
  })

  it.each(['at first', 'later'])('is forgotten by the ARN that was asked for (%s)', async when => {
    const cache = cacheOf()
    if (when === 'later') await cache.getSecretString(asked)
    answer = { arn, versionId: 'v2' }
    await cache.refreshNow(asked)
    cache.delete(asked)
    expect(cache.peek(asked)).toBeUndefined()
    expect(cache.stats().entries).toBe(0)
    answer = { arn, versionId: 'v3' }
    expect(await cache.getSecretString(asked)).toBe('v3')
  })

  it('goes on being read, refreshed and kept by both ARNs, as answers change between them', async () => {
    const cache = cacheOf()
    for (const [turn, next] of [asked, arn, asked, arn].entries()) {
      answer = { arn: next, versionId: `v${turn}` }
      cache.invalidate(asked)
      expect(await cache.getSecretString(asked)).toBe(`v${turn}`)
      calls = 0
      expect(await cache.getSecretString(asked)).toBe(`v${turn}`)
      expect(calls).toBe(0)
      await clock.advance(10_000)
    }
  })
})
