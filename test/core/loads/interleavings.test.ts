import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache, type SecretCacheOptions } from '../../../src/index.js'
import { ManualClock } from '../../../src/testing/index.js'
import { type DeferredRequest, DeferredSource, settled } from '../../support/deferred-source.js'

const name = 'secret'

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

describe('a newer load that ends first', () => {
  it('is not overwritten by the older one, whose readers are given the newer version', async () => {
    const early = cache.getSecretString(name)
    await request(1)
    const late = cache.refreshNow(name)
    await (await request(2)).answer('v2')
    await (await request(1)).answer('v1')
    expect(await early).toBe('v2')
    expect((await late).text()).toBe('v2')
    expect(cache.peek(name)?.versionId).toBe('v2')
  })

  it('is not marred by the failure of the older one, whose readers are given the newer version', async () => {
    const early = cache.getSecretString(name)
    await request(1)
    const late = cache.refreshNow(name)
    await (await request(2)).answer('v2')
    await (await request(1)).fail()
    expect(await early).toBe('v2')
    await late
    expect(cache.stats().staleServed).toBe(0)
    await clock.advance(300_000)
    expect(await cache.getSecretString(name)).toBe('v2')
    await settled()
    expect(source.sent).toHaveLength(3)
  })
})

describe('a slot', () => {
  it('is not cleared by a load that was superseded: readers still share the one under way', async () => {
    const early = cache.getSecretString(name)
    await request(1)
    cache.invalidate(name)
    const late = cache.getSecretString(name)
    await request(2)
    await (await request(1)).answer('v1')
    const later = cache.getSecretString(name)
    await (await request(2)).answer('v2')
    expect(await Promise.all([early, late, later])).toEqual(['v1', 'v2', 'v2'])
    expect(source.sent).toHaveLength(2)
  })

  it('of forced loads is not cleared by an older forced load', async () => {
    const first = cache.refreshNow(name)
    await request(1)
    const second = cache.refreshNow(name)
    await request(2)
    await (await request(1)).answer('v1')
    const third = cache.refreshNow(name, { ifVersion: 'v1' })
    await (await request(2)).answer('v2')
    expect((await Promise.all([first, second, third])).map(secret => secret.text())).toEqual(['v1', 'v2', 'v2'])
    expect(source.sent).toHaveLength(2)
  })
})

it('a forced load that has ended answers no read once its TTL is over, though an older load is under way', async () => {
  cache = cacheOf({ ttlMs: 1_000, staleWhileRevalidateMs: 0 })
  const early = cache.getSecretString(name)
  await request(1)
  cache.invalidate(name)
  const forced = cache.refreshNow(name)
  await (await request(2)).answer('v2')
  await forced
  await clock.advance(1_000)
  const late = cache.getSecretString(name)
  await (await request(3)).answer('v3')
  expect(await late).toBe('v3')
  await (await request(1)).answer('v1')
  expect(await early).toBe('v3')
})

describe('a load begun before invalidate()', () => {
  it('answers who asked before, is not stored, and does not answer who asks after', async () => {
    const early = cache.getSecretString(name)
    await request(1)
    cache.invalidate(name)
    await (await request(1)).answer('v1')
    expect(await early).toBe('v1')
    expect(cache.peek(name)).toBeUndefined()
    const late = cache.getSecretString(name)
    await (await request(2)).answer('v2')
    expect(await late).toBe('v2')
  })

  it('that fails leaves no pause behind for who asks after', async () => {
    const early = cache.getSecretString(name)
    await request(1)
    cache.invalidate(name)
    const refused = expect(early).rejects.toThrow()
    await (await request(1)).fail()
    await refused
    const late = cache.getSecretString(name)
    await (await request(2)).answer('v2')
    expect(await late).toBe('v2')
  })
})

describe('when AWSCURRENT moves', () => {
  const previous = { versionStage: 'AWSPREVIOUS' }

  it('a load of another stage that was under way answers nobody who asks after it', async () => {
    const current = cache.getSecretString(name)
    await (await request(1)).answer('v1')
    await current
    const early = cache.getSecretString(name, previous)
    await request(2)
    const refreshed = cache.refreshNow(name)
    await (await request(3)).answer('v2')
    await refreshed
    await (await request(2)).answer('v0')
    await early
    const late = cache.getSecretString(name, previous)
    await (await request(4)).answer('v1')
    expect(await late).toBe('v1')
  })

  it('and not when another label does, the other stages expire', async () => {
    const pending = { versionStage: 'AWSPENDING' }
    const reads = [cache.getSecretString(name), cache.getSecretString(name, pending)]
    await (await request(1)).answer('v1')
    await (await request(2)).answer('p1')
    await Promise.all(reads)
    const refreshed = cache.refreshNow(name, pending)
    await (await request(3)).answer('p2')
    await refreshed
    expect(await cache.getSecretString(name)).toBe('v1')
    expect(await cache.getSecretString(name, pending)).toBe('p2')
    expect(source.sent).toHaveLength(3)
  })
})

it('a read in the same turn as refreshNow shares its load', async () => {
  const both = [cache.refreshNow(name).then(secret => secret.text()), cache.getSecretString(name)]
  await (await request(1)).answer('v1')
  expect(await Promise.all(both)).toEqual(['v1', 'v1'])
  expect(source.sent).toHaveLength(1)
})

describe('once five forced loads were made at once', () => {
  beforeEach(async () => {
    cache = cacheOf({ ttlMs: 0 })
    for (let call = 1; call <= 5; call += 1) {
      const refreshed = cache.refreshNow(name)
      await (await request(call)).answer('v1')
      await refreshed
    }
  })

  it('a read does not wait for the next one, which waits for its turn', async () => {
    const sixth = cache.refreshNow(name)
    const read = cache.getSecretString(name)
    await (await request(6)).answer('v2')
    expect(await read).toBe('v2')
    await clock.advance(1_000)
    await (await request(7)).answer('v3')
    expect((await sixth).text()).toBe('v3')
  })

  it('a load that has ended answers no read after it, while the next one waits for its turn', async () => {
    const sixth = cache.refreshNow(name)
    for (const number of [6, 7]) {
      const read = cache.getSecretString(name)
      await (await request(number)).answer(`v${number}`)
      expect(await read).toBe(`v${number}`)
    }
    await clock.advance(1_000)
    await (await request(8)).answer('v8')
    await sixth
  })

  it('a read after invalidate() shares the load of refreshNow that waits for its turn', async () => {
    cache.invalidate(name)
    const sixth = cache.refreshNow(name)
    const read = cache.getSecretString(name)
    await clock.advance(1_000)
    await (await request(6)).answer('v2')
    expect([(await sixth).text(), await read]).toEqual(['v2', 'v2'])
    expect(source.sent).toHaveLength(6)
  })

  it('a read after invalidate() waits for its turn as well', async () => {
    cache.invalidate(name)
    const read = cache.getSecretString(name)
    await clock.advance(999)
    expect(source.sent).toHaveLength(5)
    await clock.advance(1)
    await (await request(6)).answer('v2')
    expect(await read).toBe('v2')
  })
})

describe('during a load', () => {
  it('delete lets its readers have the answer and keeps nothing', async () => {
    const read = cache.getSecretString(name)
    await request(1)
    cache.delete(name)
    await (await request(1)).answer('v1')
    expect(await read).toBe('v1')
    expect(cache.peek(name)).toBeUndefined()
    expect(cache.stats().entries).toBe(0)
  })

  it('close lets its readers have the answer', async () => {
    const read = cache.getSecretString(name)
    await request(1)
    const closed = cache.close()
    await (await request(1)).answer('v1')
    expect(await read).toBe('v1')
    await closed
  })

  it('eviction of its entry lets its readers have the answer', async () => {
    cache = cacheOf({ maxEntries: 1, ttlMs: 1_000 })
    const first = cache.getSecretString(name)
    await (await request(1)).answer('v1')
    await first
    cache.invalidate(name)
    const second = cache.getSecretString(name)
    await request(2)
    const other = cache.getSecretString('other')
    await (await request(3)).answer('o1', 'other')
    await (await request(2)).answer('v2')
    expect(await Promise.all([second, other])).toEqual(['v2', 'o1'])
    expect(cache.stats().entries).toBe(1)
  })

  it('an abort of the only reader leaves the load to be shared', async () => {
    const controller = new AbortController()
    const aborted = cache.getSecretString(name, { signal: controller.signal })
    await request(1)
    controller.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    const patient = cache.getSecretString(name)
    await (await request(1)).answer('v1')
    expect(await patient).toBe('v1')
    expect(source.sent).toHaveLength(1)
  })
})

it('a load that was frozen with its process until its deadline is not joined', async () => {
  const frozen = cache.getSecretString(name)
  await request(1)
  clock.set(clock.now() + 5_000)
  const thawed = cache.getSecretString(name)
  await (await request(2)).answer('v2')
  await (await request(1)).answer('v1')
  expect(await thawed).toBe('v2')
  expect(await frozen).toBe('v2')
})

it('a load from before the clock was set back is joined: it is as old as it was', async () => {
  const early = cache.getSecretString(name)
  await request(1)
  clock.set(clock.now() - 3_600_000)
  const late = cache.getSecretString(name)
  await (await request(1)).answer('v1')
  expect(await Promise.all([early, late])).toEqual(['v1', 'v1'])
  expect(source.sent).toHaveLength(1)
})

it('a load that failed because its process was frozen holds back no read after the thaw', async () => {
  const first = cache.getSecretString(name)
  await (await request(1)).answer('v1')
  await first
  cache.invalidate(name)
  const frozen = cache.getSecretString(name)
  await request(2)
  clock.set(clock.now() + 60_000)
  await clock.advance(5_000)
  expect(await frozen).toBe('v1')
  const thawed = cache.getSecretString(name)
  await (await request(3)).answer('v2')
  expect(await thawed).toBe('v2')
})
