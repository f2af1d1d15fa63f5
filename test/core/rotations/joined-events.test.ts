import { beforeEach, describe, expect, it } from 'vitest'
import { type RotationResult, SecretCache } from '../../../src/index.js'
import { ManualClock } from '../../../src/testing/index.js'
import { DeferredSource } from '../../support/deferred-source.js'
import { labelMoved } from '../../support/rotation-events.js'

const name = 'secret'
const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:secret-AbCdEf'

let clock: ManualClock
let source: DeferredSource
let cache: SecretCache

beforeEach(async () => {
  clock = new ManualClock()
  source = new DeferredSource()
  cache = new SecretCache({ source, clock, ttlJitter: 0 })
  const read = cache.getSecretString(name)
  await answer(1, 'v1')
  await read
})

async function answer(number: number, version: string): Promise<void> {
  await (await source.request(number)).answer(version)
}

function event(id: string, versionId: string): object {
  return labelMoved({ arn, name, versionId, id, at: clock.now() })
}

/** An event of CloudTrail that says that something has changed, and not to what. */
function unnamed(): object {
  return {
    version: '0',
    id: 'unnamed',
    source: 'aws.secretsmanager',
    'detail-type': 'AWS Service Event via CloudTrail',
    account: '123456789012',
    region: 'eu-west-1',
    time: new Date(clock.now()).toISOString(),
    resources: [],
    detail: {
      eventSource: 'secretsmanager.amazonaws.com',
      eventName: 'RotationSucceeded',
      eventID: 'unnamed',
      eventType: 'AwsServiceEvent',
      additionalEventData: { SecretId: arn },
    },
  }
}

describe('events that come while a load for an earlier one is under way', () => {
  it.each(['v2', 'v3'])('end with that load if they name the version that it brings: %s', async versionId => {
    const first = cache.handleRotationEvent(event('a', 'v2'))
    await source.request(2)
    const second = cache.handleRotationEvent(event('b', versionId))
    await answer(2, versionId)
    expect(await Promise.all([first, second])).toMatchObject([[{ outcome: 'refreshed' }], [{ outcome: 'refreshed' }]])
    expect(source.sent).toHaveLength(2)
  })

  it.each<[string, () => object[]]>([
    ['that name another version', () => [event('b', 'v4')]],
    ['one of which names another version', () => [event('b', 'v3'), event('c', 'v4')]],
    ['that name none', () => [unnamed()]],
    ['one of which names none', () => [event('b', 'v3'), unnamed()]],
  ])('and %s have another load', async (_, later) => {
    const first = cache.handleRotationEvent(event('a', 'v2'))
    await source.request(2)
    const second: Promise<RotationResult[]> = cache.handleRotationEvent(later())
    await answer(2, 'v3')
    await first
    await answer(3, 'v4')
    for (const result of await second) expect(result).toMatchObject({ outcome: 'refreshed', versionId: 'v4' })
  })
})

it('an event about the version that a refresh waits for, in vain, waits with it and no longer', async () => {
  let requests = 0
  const value = { arn, name, versionStages: ['AWSCURRENT'], string: 'v1', versionId: 'v1' }
  const steady = new SecretCache({
    clock,
    ttlJitter: 0,
    source: {
      get() {
        requests += 1
        return new Promise(resolve => clock.setTimeout(() => resolve(value), 10))
      },
    },
  })
  const read = steady.getSecretString(name)
  await clock.advance(10)
  await read
  requests = 0
  const first = steady.handleRotationEvent(event('a', 'v2'))
  await clock.advance(5)
  const second = steady.handleRotationEvent(event('b', 'v2'))
  await clock.advance(30_000)
  expect(await Promise.all([first, second])).toMatchObject([[{ outcome: 'unchanged' }], [{ outcome: 'unchanged' }]])
  expect(requests).toBe(6)
})

describe('an event that was dealt with', () => {
  /** Hands over so many events that say what is known already. */
  async function tellAgain(count: number): Promise<void> {
    for (let number = 0; number < count; number += 1) await cache.handleRotationEvent(event(`event ${number}`, 'v1'))
  }

  it('is known when it is delivered again, also after 999 others', async () => {
    await cache.handleRotationEvent(event('first', 'v1'))
    await tellAgain(999)
    expect(await cache.handleRotationEvent(event('first', 'v1'))).toMatchObject([{ reason: 'delivered before' }])
  })

  it('is forgotten after a thousand others', async () => {
    await cache.handleRotationEvent(event('first', 'v1'))
    await tellAgain(1_000)
    expect(await cache.handleRotationEvent(event('first', 'v1'))).toMatchObject([{ reason: 'already current' }])
    expect(await cache.handleRotationEvent(event('event 999', 'v1'))).toMatchObject([{ reason: 'delivered before' }])
  })

  it('is dealt with each time if it has no id', async () => {
    const { id: _, ...anonymous } = event('', 'v1') as { id: string }
    for (let time = 0; time < 2; time += 1)
      expect(await cache.handleRotationEvent(anonymous)).toMatchObject([{ reason: 'already current' }])
  })
})

it.each([
  ['the later one last', [60_000, 0]],
  ['the later one first', [0, 60_000]],
])('of two events that name one version the later counts: a rollback is believed at once (%s)', async (_, ages) => {
  let versionId = 'v2'
  const dates: Record<string, Date> = { v1: new Date(1_000), v2: new Date(2_000) }
  let requests = 0
  const rolled = new SecretCache({
    clock,
    ttlJitter: 0,
    source: {
      async get() {
        requests += 1
        return { arn, name, versionStages: ['AWSCURRENT'], string: versionId, versionId, createdDate: dates[versionId] }
      },
    },
  })
  await rolled.getSecretString(name)
  await clock.advance(30_000)
  versionId = 'v1'
  const events = ages.map(age => ({
    ...event(`of ${age} ms ago`, 'v1'),
    time: new Date(clock.now() - age).toISOString(),
  }))
  const handled = rolled.handleRotationEvent(events)
  await clock.advance(0)
  expect(requests).toBe(2)
  expect(rolled.peek(name)?.text()).toBe('v1')
  await handled
})

it('an event about a secret that nobody reads is ignored, also if it tells no name', async () => {
  const about = {
    ...unnamed(),
    detail: { ...(unnamed() as { detail: object }).detail, additionalEventData: { SecretId: `${arn}-Other1` } },
  }
  expect(await cache.handleRotationEvent(about)).toMatchObject([{ outcome: 'ignored', reason: 'unknown secret' }])
  expect(source.sent).toHaveLength(1)
})
