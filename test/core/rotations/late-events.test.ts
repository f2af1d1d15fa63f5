import { beforeEach, describe, expect, it } from 'vitest'
import { type RotatedEvent, SecretCache } from '../../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../../src/testing/index.js'

const id = 'prod/db'

let clock: ManualClock
let fake: FakeSecretsManager
let cache: SecretCache
let rotated: RotatedEvent[]
/** How long the nth call takes until the service looks at the secret, and until its answer is there. */
let delays: Record<number, { before?: number; after?: number }>
/** What the nth call is answered in the place of what is true. */
let oldAnswers: Record<number, string>

function sleep(ms: number | undefined): Promise<void> {
  return ms === undefined ? Promise.resolve() : new Promise(resolve => clock.setTimeout(resolve, ms))
}

beforeEach(() => {
  clock = new ManualClock()
  fake = new FakeSecretsManager({ secrets: { [id]: 'one' }, clock })
  delays = {}
  oldAnswers = {}
  const source = fake.source()
  let calls = 0
  cache = new SecretCache({
    clock,
    ttlJitter: 0,
    source: {
      async get(request, how) {
        calls += 1
        const number = calls
        await sleep(delays[number]?.before)
        const versionId = oldAnswers[number]
        const value = await source.get(versionId === undefined ? request : { secretId: request.secretId, versionId }, how)
        await sleep(delays[number]?.after)
        return value
      },
    },
  })
  rotated = []
  cache.on('rotated', event => rotated.push(event))
})

it('one old answer after the event of the version that was read first turns nothing back', async () => {
  const { versionId } = await fake.source().get({ secretId: id }, { signal: new AbortController().signal })
  const event = fake.rotate(id, 'two')
  const read = cache.getSecretString(id)
  await Promise.all([read, cache.handleRotationEvent(event)])
  oldAnswers = { 3: versionId }
  const refreshed = cache.refreshNow(id)
  await clock.advance(10_000)
  expect((await refreshed).text()).toBe('two')
  expect(rotated).toEqual([])
})

it('an event of minutes ago puts no answer in doubt', async () => {
  const event = fake.rotate(id, 'two')
  await cache.getSecretString(id)
  await clock.advance(120_000)
  expect(await cache.handleRotationEvent(event)).toMatchObject([{ reason: 'already current' }])
  fake.rotate(id, 'three')
  fake.resetCalls()
  expect((await cache.refreshNow(id)).text()).toBe('three')
  expect(fake.count()).toBe(1)
})

describe('an event that comes late', () => {
  it.each(['cold', 'held'])('turns nothing back that a load beside its own has brought: %s', async state => {
    await clock.advance(3_600_000)
    const event = fake.rotate(id, 'two')
    await clock.advance(600_000)
    const first = state === 'held' ? 2 : 1
    if (state === 'held') {
      await cache.getSecretString(id)
      cache.invalidate(id)
    }
    // The read's call is looked up late, the event's early, and its answer comes last.
    delays = { [first]: { before: 100 }, [first + 1]: { after: 600 } }
    const read = cache.getSecretString(id)
    const handled = cache.handleRotationEvent(event)
    await clock.advance(20)
    fake.rotate(id, 'three')
    await clock.advance(10_000)
    await Promise.all([read, handled])
    expect(cache.peek(id)?.text()).toBe('three')
    expect(rotated.map(({ versionId }) => versionId)).not.toContain(event.detail.versionId)
  })

  it('and one old answer turn nothing back, also to a version that was never held', async () => {
    await clock.advance(3_600_000)
    const event = fake.rotate(id, 'two')
    await clock.advance(30_000)
    fake.rotate(id, 'three')
    await cache.getSecretString(id)
    await clock.advance(30_000)
    oldAnswers = { 2: event.detail.versionId }
    const handled = cache.handleRotationEvent(event)
    await clock.advance(10_000)
    await handled
    expect(cache.peek(id)?.text()).toBe('three')
    expect(rotated).toEqual([])
  })

  it('is believed in the end, if the secret was rolled back meanwhile', async () => {
    await clock.advance(3_600_000)
    const event = fake.rotate(id, 'two')
    await clock.advance(30_000)
    fake.rotate(id, 'three')
    await cache.getSecretString(id)
    fake.moveCurrent(id, event.detail.versionId)
    await clock.advance(30_000)
    const handled = cache.handleRotationEvent(event)
    await clock.advance(10_000)
    await handled
    expect(cache.peek(id)?.text()).toBe('two')
  })
})
