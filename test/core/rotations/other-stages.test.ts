import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache, type SecretCacheOptions } from '../../../src/index.js'
import { clock, fake, useFake } from '../../support/fake-cache.js'

const id = 'prod/db'
const previous = { versionStage: 'AWSPREVIOUS' }

/** A cache that has read AWSPREVIOUS, and nothing else. */
async function cacheWithPrevious(options: SecretCacheOptions = {}): Promise<SecretCache> {
  const cache = new SecretCache({ source: fake.source(), clock, ttlJitter: 0, ...options })
  expect(await cache.getSecretString(id, previous)).toBe('one')
  return cache
}

useFake({ [id]: 'one' })

beforeEach(() => {
  fake.rotate(id, 'two')
})

describe('an event about a move of AWSCURRENT expires AWSPREVIOUS', () => {
  it.each([0, 1_000])('while the first load of AWSCURRENT is under way (refreshSpreadMs %i)', async refreshSpreadMs => {
    const cache = await cacheWithPrevious({ refreshSpreadMs })
    fake.inject({ operation: 'GetSecretValue', delayMs: 100, times: 1 })
    const first = cache.getSecretString(id)
    await clock.advance(10)
    const handled = cache.handleRotationEvent(fake.rotate(id, 'three'))
    await clock.advance(5_000)
    await Promise.all([first, handled])
    expect(await cache.getSecretString(id, previous)).toBe('two')
  })

  it('while the first load of AWSCURRENT is under way, and that load fails', async () => {
    const cache = await cacheWithPrevious()
    fake.inject({ operation: 'GetSecretValue', secretId: id, error: 'InternalServiceError', times: 2 })
    fake.inject({ operation: 'GetSecretValue', delayMs: 100, times: 2 })
    const first = cache.getSecretString(id).catch(() => 'failed')
    await clock.advance(10)
    const handled = cache.handleRotationEvent(fake.rotate(id, 'three'))
    await clock.advance(5_000)
    await Promise.all([first, handled])
    expect(await cache.getSecretString(id, previous)).toBe('two')
  })

  it('though the first load of AWSCURRENT has brought its version before the event came', async () => {
    const cache = await cacheWithPrevious()
    const event = fake.rotate(id, 'three')
    expect(await cache.getSecretString(id)).toBe('three')
    await cache.handleRotationEvent(event)
    expect(await cache.getSecretString(id, previous)).toBe('two')
  })

  it('though the refresh of AWSCURRENT fails for a transient reason', async () => {
    const cache = await cacheWithPrevious()
    await cache.getSecretString(id)
    fake.inject({ operation: 'GetSecretValue', error: 'InternalServiceError', times: 1 })
    const handled = cache.handleRotationEvent(fake.rotate(id, 'three'))
    await clock.advance(5_000)
    await handled
    expect(await cache.getSecretString(id, previous)).toBe('two')
  })

  it('once, however often it is delivered', async () => {
    const cache = await cacheWithPrevious()
    const event = fake.rotate(id, 'three')
    expect(await cache.handleRotationEvent(event)).toMatchObject([{ outcome: 'refreshed', reason: 'other stages expire' }])
    expect(await cache.getSecretString(id, previous)).toBe('two')
    fake.resetCalls()
    expect(await cache.handleRotationEvent(event)).toMatchObject([{ outcome: 'ignored', reason: 'delivered before' }])
    expect(await cache.getSecretString(id, previous)).toBe('two')
    expect(fake.count()).toBe(0)
  })

  it('unless both were read after it', async () => {
    const event = fake.rotate(id)
    await clock.advance(60_000)
    const cache = new SecretCache({ source: fake.source(), clock, ttlJitter: 0 })
    for (const options of [undefined, previous]) await cache.getSecretString(id, options)
    fake.resetCalls()
    expect(await cache.handleRotationEvent(event)).toMatchObject([{ outcome: 'unchanged', reason: 'already current' }])
    await cache.getSecretString(id, previous)
    expect(fake.count()).toBe(0)
  })

  it('and leaves versions that were read by their id what they are', async () => {
    const cache = await cacheWithPrevious()
    const { versionId } = await cache.getSecret(id)
    await cache.getSecretString(id, { versionId })
    await cache.handleRotationEvent(fake.rotate(id, 'three'))
    fake.resetCalls()
    expect(await cache.getSecretString(id, { versionId })).toBe('two')
    expect(fake.count()).toBe(0)
  })
})

it('a version that was read with the label it had is not served by that label once the label has moved', async () => {
  const cache = await cacheWithPrevious()
  const { versionId } = await cache.getSecret(id)
  const labelled = { versionId, versionStage: 'AWSCURRENT' }
  expect(await cache.getSecretString(id, labelled)).toBe('two')
  const handled = cache.handleRotationEvent(fake.rotate(id, 'three'))
  await clock.advance(1_000)
  await handled
  await expect(cache.getSecretString(id, labelled)).rejects.toMatchObject({ code: 'ERR_SECRET_REQUEST' })
  expect(await cache.getSecretString(id, { versionId })).toBe('two')
})
