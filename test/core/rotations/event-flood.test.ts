import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SecretCache, type SecretCacheOptions } from '../../../src/index.js'
import type { SecretLabelUpdatedEvent } from '../../../src/testing/index.js'
import { settled } from '../../support/deferred-source.js'
import { clock, fake, useFake } from '../../support/fake-cache.js'

const id = 'prod/db'
const events = 20_000

/** How often anything began to listen for the abort of a signal. */
let listened: number

async function warmCache(options: SecretCacheOptions = {}): Promise<SecretCache> {
  const cache = new SecretCache({ source: fake.source(), clock, ttlJitter: 0, ...options })
  await cache.getSecretString(id)
  fake.resetCalls()
  return cache
}

/** Events that tell of one secret, each with an id and a version of its own; the last tells of the version that there is. */
function distinct(event: SecretLabelUpdatedEvent): SecretLabelUpdatedEvent[] {
  return Array.from({ length: events }, (_, number) => ({
    ...event,
    id: `event-${number}`,
    ...(number < events - 1 && { detail: { ...event.detail, versionId: `made-up-version-of-event-number-${number}` } }),
  }))
}

useFake({ [id]: 'one' })

beforeEach(() => {
  listened = 0
  const listen = AbortSignal.prototype.addEventListener
  vi.spyOn(AbortSignal.prototype, 'addEventListener').mockImplementation(function (this: AbortSignal, ...inputs) {
    listened += 1
    return listen.apply(this, inputs)
  })
})

afterEach(() => vi.restoreAllMocks())

describe('twenty thousand distinct events for one secret', () => {
  it('wait on one pause and one signal, and cost no more calls than one refresh', async () => {
    const cache = await warmCache()
    const all = distinct(fake.rotate(id, 'two'))
    fake.inject({ operation: 'GetSecretValue', answer: 'old', times: 2 })
    const handled = all.map(event => cache.handleRotationEvent(event))
    await clock.advance(50)
    expect(clock.pending).toBeLessThan(10)
    expect(listened).toBeLessThan(100)
    await clock.advance(60_000)
    const results = (await Promise.all(handled)).flat()
    expect(results).toHaveLength(events)
    expect(results.filter(({ outcome }) => outcome !== 'refreshed' && outcome !== 'unchanged')).toEqual([])
    expect(results.at(-1)).toMatchObject({ outcome: 'refreshed' })
    expect(listened).toBeLessThan(200)
    expect(fake.count()).toBeLessThan(20)
    expect(await cache.getSecretString(id)).toBe('two')
  }, 120_000)

  it('in two payloads cost no more than that', async () => {
    const cache = await warmCache()
    const all = distinct(fake.rotate(id, 'two'))
    fake.inject({ operation: 'GetSecretValue', answer: 'old', times: 2 })
    const handled = [0, 1].map(half => cache.handleRotationEvent(all.slice((half * events) / 2, ((half + 1) * events) / 2)))
    await clock.advance(50)
    expect(clock.pending).toBeLessThan(10)
    expect(listened).toBeLessThan(100)
    await clock.advance(60_000)
    expect((await Promise.all(handled)).flat()).toHaveLength(events)
    expect(fake.count()).toBeLessThan(20)
    expect(await cache.getSecretString(id)).toBe('two')
  }, 120_000)

  it('within a spread set one timer, and cost no more calls than one refresh', async () => {
    const cache = await warmCache({ refreshSpreadMs: 10_000 })
    const all = distinct(fake.rotate(id, 'two'))
    for (const event of all) expect(await cache.handleRotationEvent(event)).toMatchObject([{ outcome: 'scheduled' }])
    expect(clock.pending).toBeLessThan(10)
    await clock.advance(90_000)
    expect(listened).toBeLessThan(200)
    expect(fake.count()).toBeLessThan(20)
    expect(await cache.getSecretString(id)).toBe('two')
  }, 120_000)

  it('while the service fails cost no more calls than the bucket gives', async () => {
    const cache = await warmCache()
    const all = distinct(fake.rotate(id, 'two'))
    fake.inject({ error: 'ThrottlingException' })
    const handled: Promise<unknown>[] = []
    for (let begun = 0; begun < events; begun += 1_000) {
      handled.push(...all.slice(begun, begun + 1_000).map(event => cache.handleRotationEvent(event)))
      await settled()
    }
    await clock.advance(20_000)
    expect(clock.pending).toBeLessThan(10)
    expect(fake.count()).toBeLessThan(30)
    fake.recover()
    await clock.advance(120_000)
    await Promise.all(handled)
    await cache.refreshNow(id)
    expect(await cache.getSecretString(id)).toBe('two')
  }, 120_000)
})
