import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache, type SecretValues, type SourceOptions } from '../../../src/index.js'
import { ManualClock } from '../../../src/testing/index.js'
import { DeferredSource, settled } from '../../support/deferred-source.js'

const names = ['t/0', 't/1', 't/2', 't/3', 't/4']
const name = 't/0'

/** Its batches are settled by hand, too. */
class DeferredBatches extends DeferredSource {
  readonly singleAttempt = true
  readonly batches: { answer: (values: SecretValues) => void; throttle: () => void }[] = []
  readonly timesLeft: (number | undefined)[] = []

  override get(...[request, options]: [{ secretId: string }, SourceOptions?]): ReturnType<DeferredSource['get']> {
    this.timesLeft.push(options?.timeLeftMs)
    return super.get(request)
  }

  getMany(): Promise<SecretValues> {
    return new Promise((answer, reject) => {
      this.batches.push({
        answer,
        throttle: () => reject(Object.assign(new Error('Slow down'), { name: 'ThrottlingException' })),
      })
    })
  }
}

let clock: ManualClock
let source: DeferredBatches
let cache: SecretCache

beforeEach(() => {
  clock = new ManualClock()
  source = new DeferredBatches()
  cache = new SecretCache({ source, clock, ttlJitter: 0, loadTimeoutMs: 10_000 })
})

async function throttleBatch(): Promise<void> {
  source.batches.at(-1)?.throttle()
  await settled()
  await clock.advance(500)
}

describe('a warm-up whose batch is throttled', () => {
  it('keeps what its single read has brought over an answer that was asked for before', async () => {
    const warmed = cache.warmup(names)
    await settled()
    const refreshed = cache.refreshNow(name)
    const slow = await source.request(1)
    for (let attempt = 1; attempt <= 3; attempt += 1) await throttleBatch()
    for (const { answer, request } of source.sent.slice(1)) await answer('new', request.secretId)
    await slow.answer('old', name)
    expect(cache.peek(name)?.versionId).toBe('new')
    expect((await refreshed).versionId).toBe('new')
    expect((await warmed).map(({ outcome }) => outcome)).toEqual(names.map(() => 'loaded'))
  })

  it('keeps what its second batch has brought over an answer that was asked for before', async () => {
    const warmed = cache.warmup(names)
    await settled()
    const refreshed = cache.refreshNow(name)
    const slow = await source.request(1)
    await throttleBatch()
    source.batches.at(-1)?.answer({
      values: names.map(each => ({
        arn: `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${each}-AbCdEf`,
        name: each,
        versionId: 'new',
        versionStages: ['AWSCURRENT'],
        string: 'new',
      })),
      errors: [],
    })
    await warmed
    await slow.answer('old', name)
    expect(cache.peek(name)?.versionId).toBe('new')
    expect((await refreshed).versionId).toBe('new')
  })

  it('tells the source of its single reads how much time is left of the load', async () => {
    void cache.warmup(names)
    await settled()
    for (let attempt = 1; attempt <= 3; attempt += 1) await throttleBatch()
    expect(source.timesLeft).toHaveLength(5)
    for (const timeLeftMs of source.timesLeft) expect(timeLeftMs).toBeLessThan(9_900)
  })
})
