import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache } from '../../../src/index.js'
import { clock, fake, useFake } from '../../support/fake-cache.js'
import { labelMoved } from '../../support/rotation-events.js'

const id = 'prod/db'

let cache: SecretCache
/** The versions that the handle has heard of. */
let heard: string[]
let stop: () => void

/** Hands over an event about a new version, and has its refresh fail so many times. */
async function failRefresh(times: number, error = 'InternalServiceError'): Promise<void> {
  const event = fake.rotate(id, 'two')
  fake.inject({ error, times })
  fake.resetCalls()
  const handled = cache.handleRotationEvent(event)
  await clock.advance(10)
  await handled
}

useFake({ [id]: 'one' })

beforeEach(async () => {
  cache = new SecretCache({ source: fake.source(), clock, ttlJitter: 0, loadTimeoutMs: 5 })
  heard = []
  await cache.getSecretString(id)
  stop = cache.handle(id).on('rotated', () => heard.push(cache.peek(id)?.text() ?? 'nothing'))
})

describe('a secret that is followed, whose refresh for an event has failed', () => {
  it('is read again by its backoff, though nobody reads it, until that goes well', async () => {
    await failRefresh(4)
    expect(heard).toEqual([])
    await clock.advance(60_000)
    expect(heard).toEqual(['two'])
    expect(fake.count()).toBe(5)
    await clock.advance(60_000)
    expect(fake.count()).toBe(5)
  })

  it('waits by one timer, however many events come meanwhile', async () => {
    await failRefresh(1_000)
    const pending = clock.pending
    for (let number = 0; number < 4; number += 1) {
      const handled = cache.handleRotationEvent({ ...fake.rotate(id, `version ${number}`), id: `event ${number}` })
      await clock.advance(10)
      await handled
    }
    expect(clock.pending).toBe(pending)
  })

  it('is not read again at once: the first pause comes first', async () => {
    await failRefresh(1)
    await clock.advance(80)
    expect(fake.count()).toBe(1)
    await clock.advance(200)
    expect(fake.count()).toBe(2)
  })

  it('is not read again once it is deleted', async () => {
    await failRefresh(10)
    stop()
    cache.delete(id)
    await clock.advance(60_000)
    expect(fake.count()).toBe(1)
  })

  it('is not read again once the cache is closed', async () => {
    await failRefresh(10)
    await cache.close()
    await clock.advance(60_000)
    expect(fake.count()).toBe(1)
  })

  it('is not read again once somebody else has read the new version', async () => {
    await failRefresh(1)
    await cache.refreshNow(id)
    expect(heard).toEqual(['two'])
    await clock.advance(60_000)
    expect(fake.count()).toBe(2)
  })
})

describe('a secret that nobody follows, whose refresh for an event has failed', () => {
  beforeEach(() => stop())

  it('is left to its readers and to another delivery for five seconds', async () => {
    await failRefresh(1)
    await clock.advance(4_900)
    expect(fake.count()).toBe(1)
  })

  it('is read again then, so that the first reader is given the new version, and listeners hear of it', async () => {
    const told: string[] = []
    cache.on('rotated', ({ versionId }) => told.push(versionId))
    await failRefresh(3)
    await clock.advance(20_000)
    expect(fake.count()).toBe(4)
    expect(told).toEqual([cache.peek(id)?.versionId])
    expect(await cache.getSecretString(id)).toBe('two')
    await clock.advance(60_000)
    expect(fake.count()).toBe(4)
  })
})

describe('events that come while the refresh for one before them is under way', () => {
  function eventAbout(versionId: string, number = 0): object {
    return labelMoved({ arn: cache.peek(id)?.arn, name: id, versionId, id: `event ${versionId} ${number}`, at: clock.now() })
  }

  it('and are about the same version, cost no call more', async () => {
    const event = fake.rotate(id, 'two')
    fake.inject({ delayMs: 3 })
    fake.resetCalls()
    const first = cache.handleRotationEvent(event)
    await clock.advance(1)
    const others = Array.from({ length: 20 }, (_, number) =>
      cache.handleRotationEvent(eventAbout(event.detail.versionId, number)),
    )
    await clock.advance(1_000)
    for (const results of await Promise.all([first, ...others])) expect(results).toMatchObject([{ outcome: 'refreshed' }])
    expect(fake.count()).toBe(1)
  })

  it('and are about another version, are read for too', async () => {
    const event = fake.rotate(id, 'two')
    fake.inject({ delayMs: 3 })
    fake.resetCalls()
    const first = cache.handleRotationEvent(event)
    await clock.advance(1)
    const next = fake.rotate(id, 'three')
    const second = cache.handleRotationEvent(next)
    await clock.advance(1_000)
    expect(await first).toMatchObject([{ outcome: 'refreshed' }])
    expect(await second).toMatchObject([{ outcome: 'refreshed' }])
    expect(cache.peek(id)?.text()).toBe('three')
  })

  it('fail with it where it fails, and cost no call more', async () => {
    const event = fake.rotate(id, 'two')
    fake.inject({ delayMs: 3, error: 'InternalServiceError' })
    stop()
    fake.resetCalls()
    const first = cache.handleRotationEvent(event)
    await clock.advance(1)
    const others = ['another', 'a-third'].map(versionId => cache.handleRotationEvent(eventAbout(versionId)))
    await clock.advance(1_000)
    for (const results of await Promise.all([first, ...others])) expect(results).toMatchObject([{ outcome: 'rejected' }])
    expect(fake.count()).toBe(1)
  })
})
