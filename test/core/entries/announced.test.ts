import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SecretCache, type SecretCacheOptions } from '../../../src/index.js'
import { ManualClock } from '../../../src/testing/index.js'
import { DeferredSource } from '../../support/deferred-source.js'
import { labelMoved } from '../../support/rotation-events.js'

const id = 'secret'
const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:secret-AbCdEf'

let clock: ManualClock
let source: DeferredSource

/** A cache that holds v1. */
async function warmCache(options?: SecretCacheOptions): Promise<SecretCache> {
  const cache = new SecretCache({ source, clock, ttlJitter: 0, ...options })
  const read = cache.getSecretString(id)
  await (await source.request(1)).answer('v1')
  await read
  return cache
}

/** Hands over an event that says which version is current now; what becomes of it is not waited for. */
function announce(cache: SecretCache, versionId: string): void {
  const at = clock.now()
  void cache.handleRotationEvent(labelMoved({ arn, name: id, versionId, id: `event about ${versionId}`, at }))
}

/** Reads, and has the load behind it fail, if the read begins one. */
async function failBehind(cache: SecretCache): Promise<void> {
  const before = source.sent.length
  await cache.getSecretString(id)
  if (source.sent.length > before) await source.sent.at(-1)?.fail()
}

beforeEach(() => {
  clock = new ManualClock()
  source = new DeferredSource()
  // The longest pauses.
  vi.spyOn(Math, 'random').mockReturnValue(0)
})

afterEach(() => vi.restoreAllMocks())

describe('a version that an event has announced', () => {
  it('makes stale what a load brings that was under way by then', async () => {
    const cache = await warmCache({ ttlMs: 60_000 })
    await clock.advance(60_000)
    await cache.getSecretString(id)
    const older = await source.request(2)
    announce(cache, 'v2')
    await (await source.request(3)).fail()
    await older.answer('v1')
    expect(cache.peek(id)?.stale).toBe(true)
  })

  it('is asked for soon after each failure, though what is held can be served', async () => {
    const cache = await warmCache()
    announce(cache, 'v2')
    await (await source.request(2)).fail()
    for (let time = 0; time < 3; time += 1) {
      await clock.advance(1_500)
      const sent = source.sent.length
      await failBehind(cache)
      expect(source.sent.length).toBeGreaterThan(sent)
    }
  })

  it('that does not come leaves what is held fresh, for a minute at most', async () => {
    const answer = { arn, name: id, versionId: 'v1', versionStages: ['AWSCURRENT'], string: 'v1' }
    const cache = new SecretCache({ source: { get: async () => answer }, clock, ttlJitter: 0 })
    await cache.getSecretString(id)
    announce(cache, 'v2')
    await clock.advance(30_000)
    expect(cache.peek(id)?.stale).toBe(false)
    await clock.advance(60_000)
    expect(cache.peek(id)?.stale).toBe(true)
  })

  it('is not what later failures are about, once it was read', async () => {
    const cache = await warmCache({ ttlMs: 60_000 })
    announce(cache, 'v2')
    await (await source.request(2)).answer('v2')
    expect(await cache.getSecretString(id)).toBe('v2')
    await clock.advance(60_000)
    await failBehind(cache)
    expect(source.sent).toHaveLength(3)
    await clock.advance(3_000)
    await failBehind(cache)
    expect(source.sent).toHaveLength(3)
  })
})

describe('what is known of failures', () => {
  it('is not forgotten because of an answer that was asked for before them', async () => {
    const cache = await warmCache({ ttlMs: 60_000, staleWhileRevalidateMs: 0 })
    await clock.advance(60_000)
    const read = cache.getSecretString(id)
    const older = await source.request(2)
    const refreshed = cache.refreshNow(id).catch(error => error.code)
    await (await source.request(3)).fail(Object.assign(new Error('no'), { name: 'AccessDeniedException' }))
    expect(await refreshed).toBe('ERR_SECRET_ACCESS_DENIED')
    await older.answer('v1')
    expect(await read).toBe('v1')
    await clock.advance(60_000)
    expect(cache.peek(id)).toBeUndefined()
  })

  it('grows by a load that was late and then failed: the pause after it is that of a first failure', async () => {
    const cache = await warmCache({ ttlMs: 60_000, staleWhileRevalidateMs: 0, staleWaitMs: 500 })
    await clock.advance(60_000)
    const read = cache.getSecretString(id)
    const slow = await source.request(2)
    await clock.advance(500)
    expect(await read).toBe('v1')
    await slow.fail()
    await clock.advance(6_000)
    expect(await cache.getSecretString(id)).toBe('v1')
    expect(source.sent).toHaveLength(2)
    await clock.advance(7_000)
    expect(await cache.getSecretString(id)).toBe('v1')
    expect(source.sent).toHaveLength(3)
  })
})

describe('a secret that was deleted after its version had changed', () => {
  async function rotatedCache(follows: boolean): Promise<{ cache: SecretCache; heard: string[] }> {
    const cache = await warmCache()
    const heard: string[] = []
    if (follows) cache.handle(id).on('rotated', ({ versionId }) => heard.push(versionId))
    const refreshed = cache.refreshNow(id)
    await (await source.request(2)).answer('v2')
    await refreshed
    cache.delete(id)
    return { cache, heard }
  }

  it('is taken at the next answer, whatever that is, if nobody follows it', async () => {
    const { cache } = await rotatedCache(false)
    const read = cache.getSecretString(id)
    await (await source.request(3)).answer('v1')
    expect(await read).toBe('v1')
    expect(source.sent).toHaveLength(3)
  })

  it('is asked for again where an old answer comes, if anybody follows it', async () => {
    const { cache, heard } = await rotatedCache(true)
    const read = cache.getSecretString(id)
    await (await source.request(3)).answer('v1')
    await clock.advance(200)
    await (await source.request(4)).answer('v2')
    expect(await read).toBe('v2')
    expect(heard).toEqual(['v2'])
  })
})

it('a version whose date is not told replaces one whose date is', async () => {
  let answer: { createdDate?: Date; versionId: string } = { createdDate: new Date(clock.now()), versionId: 'v1' }
  const cache = new SecretCache({
    source: { get: async () => ({ arn, name: id, versionStages: ['AWSCURRENT'], string: answer.versionId, ...answer }) },
    clock,
  })
  await cache.getSecretString(id)
  answer = { versionId: 'v2' }
  await cache.refreshNow(id)
  expect(cache.peek(id)?.text()).toBe('v2')
  expect(cache.peek(id)?.createdDate).toBeUndefined()
})
