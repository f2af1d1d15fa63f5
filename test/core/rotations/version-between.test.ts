import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache } from '../../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../../src/testing/index.js'

const id = 'prod/db'

let clock: ManualClock
let fake: FakeSecretsManager
let cache: SecretCache
let calls: number
/** How many calls are answered with the version between. */
let oldAnswers: number

/** Moves a secret twice and has the service answer with the version between for a while. Returns both events. */
async function moveTwice(pauseMs = 0) {
  const first = fake.rotate(id, 'two')
  await clock.advance(pauseMs)
  return [first, fake.rotate(id, 'three')] as const
}

beforeEach(async () => {
  clock = new ManualClock()
  fake = new FakeSecretsManager({ secrets: { [id]: 'one' }, clock })
  const source = fake.source()
  calls = 0
  oldAnswers = 0
  cache = new SecretCache({
    clock,
    ttlJitter: 0,
    source: {
      get(request, how) {
        calls += 1
        const isOld = oldAnswers > 0
        oldAnswers -= 1
        return source.get(isOld ? { secretId: request.secretId, versionStage: 'AWSPREVIOUS' } : request, how)
      },
    },
  })
  await cache.getSecretString(id)
  await clock.advance(60_000)
  calls = 0
})

describe('an event of a version that the service does not show yet', () => {
  it('is not done with the version between', async () => {
    const [, event] = await moveTwice()
    oldAnswers = 2
    const handled = cache.handleRotationEvent(event)
    await clock.advance(10_000)
    expect((await handled)[0]?.outcome).toBe('refreshed')
    expect(cache.peek(id)?.text()).toBe('three')
    expect(calls).toBe(3)
  })

  it.each([0, 3_000])('nor is it beside the event of that one, %i ms before', async pauseMs => {
    const events = await moveTwice(pauseMs)
    oldAnswers = 2
    const handled = Promise.all(events.map(event => cache.handleRotationEvent(event)))
    await clock.advance(10_000)
    await handled
    expect(cache.peek(id)?.text()).toBe('three')
  })

  it('is read again within a minute if the service goes on for ten seconds', async () => {
    const [, event] = await moveTwice()
    oldAnswers = 6
    const handled = cache.handleRotationEvent(event)
    await clock.advance(10_000)
    expect((await handled)[0]?.outcome).toBe('refreshed')
    for (const _ of [1, 2, 3, 4]) {
      await clock.advance(30_000)
      await cache.getSecretString(id)
    }
    expect(await cache.getSecretString(id)).toBe('three')
  })
})

it('an event that comes after the next version is done with that, by one call', async () => {
  const [event] = await moveTwice(3_000)
  await cache.handleRotationEvent(event)
  expect(cache.peek(id)?.text()).toBe('three')
  expect(calls).toBe(1)
})

it('events of both are done with the later one, by one call', async () => {
  const events = await moveTwice(3_000)
  await Promise.all(events.map(event => cache.handleRotationEvent(event)))
  expect(cache.peek(id)?.text()).toBe('three')
  expect(calls).toBeLessThanOrEqual(2)
})
