import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache, type SecretCacheOptions } from '../../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../../src/testing/index.js'
import { type DeferredRequest, DeferredSource, settled } from '../../support/deferred-source.js'

const name = 'secret'

let clock: ManualClock
let source: DeferredSource
let cache: SecretCache
let moves: string[]

function cacheOf(options: SecretCacheOptions = {}): SecretCache {
  const made = new SecretCache({ source, clock, ttlJitter: 0, ...options })
  made.on('rotated', ({ previousVersionId, versionId }) => moves.push(`${previousVersionId}→${versionId}`))
  return made
}

const request = (number: number): Promise<DeferredRequest> => source.request(number)

/** Reads v1 and refreshes to these versions, one after the other. */
async function hold(...versions: string[]): Promise<void> {
  for (const version of versions) {
    const refreshed = cache.refreshNow(name)
    await settled()
    await source.sent.at(-1)?.answer(version)
    await refreshed
    await clock.advance(1_000)
  }
}

/** What a read came to within a minute, whatever requests it makes: each of them is answered by the next of these, then by the last. */
async function outcomeOf(read: Promise<string>, versions: string[], stepMs = 50): Promise<string> {
  let outcome: string | undefined
  read.then(
    value => (outcome = value),
    error => (outcome = String(error.code)),
  )
  let answered = source.sent.length
  for (let waited = 0; waited < 60_000 && outcome === undefined; waited += stepMs) {
    await settled()
    for (; answered < source.sent.length; answered += 1) {
      const version = versions.length > 1 ? versions.shift() : versions[0]
      await source.sent[answered]?.answer(version ?? '')
    }
    await clock.advance(stepMs)
  }
  return outcome ?? 'nothing'
}

/** A read whose load fails: its value, or the code of its error. */
async function readWhileFailing(): Promise<string> {
  const outcome = cache.getSecretString(name).catch(error => String(error.code))
  const sent = source.sent.length
  await (await request(sent + 1)).fail()
  return outcome
}

beforeEach(() => {
  clock = new ManualClock()
  source = new DeferredSource()
  moves = []
  cache = cacheOf()
})

describe('a load that invalidate() has overtaken', () => {
  it.each([1, 2, 3])('hands no reader the version that was just left, answered %i times', async times => {
    await hold('v1', 'v2')
    cache.invalidate(name)
    const read = cache.getSecretString(name)
    await (await request(3)).answer('v1')
    await clock.advance(100)
    cache.invalidate(name)
    expect(await outcomeOf(read, [...Array.from({ length: times - 1 }, () => 'v1'), 'v2'])).toBe('v2')
    expect(cache.peek(name)?.versionId).not.toBe('v1')
    expect(moves).toEqual(['v1→v2'])
  })

  it('hands no reader the version just left, when it is invalidated at once and the answer comes then', async () => {
    await hold('v1', 'v2')
    cache.invalidate(name)
    const read = cache.getSecretString(name)
    await request(3)
    cache.invalidate(name)
    await (await request(3)).answer('v1')
    expect(await outcomeOf(read, ['v1', 'v2'])).toBe('v2')
  })

  it('hands no caller of refreshNow the version that was just left', async () => {
    await hold('v1', 'v2')
    const refreshed = cache.refreshNow(name).then(secret => secret.versionId)
    await (await request(3)).answer('v1')
    await clock.advance(100)
    cache.invalidate(name)
    expect(await outcomeOf(refreshed, ['v1', 'v2'])).toBe('v2')
  })

  it('leaves its answer as last known good', async () => {
    await hold('v1')
    const read = cache.refreshNow(name)
    await request(2)
    cache.invalidate(name)
    await (await request(2)).answer('v2')
    expect((await read).versionId).toBe('v2')
    expect(await readWhileFailing()).toBe('v2')
  })

  it('leaves its answer as last known good where nothing was held', async () => {
    const read = cache.getSecretString(name)
    await request(1)
    cache.invalidate(name)
    await (await request(1)).answer('v1')
    expect(await read).toBe('v1')
    expect(await readWhileFailing()).toBe('v1')
  })

  it('leaves its answer as last known good, also when the load behind a stale value was overtaken', async () => {
    await hold('v1')
    await clock.advance(310_000)
    expect(await cache.getSecretString(name)).toBe('v1')
    await request(2)
    cache.invalidate(name)
    await (await request(2)).answer('v2')
    expect(await readWhileFailing()).toBe('v2')
  })

  it('has its change told of once, whether it or a later load shows it', async () => {
    await hold('v1')
    const read = cache.refreshNow(name)
    await request(2)
    cache.invalidate(name)
    await (await request(2)).answer('v2')
    await read
    const next = cache.getSecretString(name)
    await (await request(3)).answer('v2')
    expect(await next).toBe('v2')
    expect(moves).toEqual(['v1→v2'])
  })

  it('leaves nothing behind where the secret was deleted', async () => {
    await hold('v1')
    const read = cache.refreshNow(name)
    await request(2)
    cache.delete(name)
    await (await request(2)).answer('v2')
    expect(await read).toMatchObject({ versionId: 'v2', ageMs: 0, stale: true })
    expect(await readWhileFailing()).toBe('ERR_SECRET_UNAVAILABLE')
  })
})

describe('two loads that end in the same turn', () => {
  // The newer load's answer is the older truth: between the check of one answer and its being stored comes the other.
  it.each(['newer', 'older'])(
    'never turn the cache back, however many microtasks lie between them (the %s is answered first)',
    async first => {
      const turnedBack: number[] = []
      for (let microtasks = 0; microtasks < 40; microtasks += 1) {
        source = new DeferredSource()
        cache = cacheOf()
        moves = []
        await hold('v1')
        const loads = [cache.refreshNow(name)]
        const older = await request(2)
        loads.push(cache.refreshNow(name))
        const newer = await request(3)
        const answers = [() => newer.answer('v1'), () => older.answer('v2')]
        if (first === 'older') answers.reverse()
        void answers[0]?.()
        for (let passed = 0; passed < microtasks; passed += 1) await undefined
        void answers[1]?.()
        await outcomeOf(Promise.all(loads).then(String), ['v2'])
        if (moves.includes('v2→v1')) turnedBack.push(microtasks)
      }
      expect(turnedBack).toEqual([])
    },
  )
})

describe('a late event of an earlier rotation', () => {
  it.each([1, 2, 3])('does not turn the cache back together with %i old answers', async times => {
    const fake = new FakeSecretsManager({ clock, secrets: { [name]: 'one' } })
    cache = cacheOf({ source: fake.source() })
    await cache.getSecretString(name)
    const late = fake.rotate(name, 'two')
    await clock.advance(2_000)
    await cache.refreshNow(name)
    await clock.advance(2_000)
    await cache.handleRotationEvent(fake.rotate(name, 'three'))
    await clock.advance(2_000)
    expect(moves).toHaveLength(2)
    fake.inject({ operation: 'GetSecretValue', answer: 'old', times })
    const handled = cache.handleRotationEvent(late)
    await clock.advance(20_000)
    await handled
    expect(await cache.getSecretString(name)).toBe('three')
    expect(moves).toHaveLength(2)
  })

  it('that is young enough to tell of a rollback still skips the wait', async () => {
    const fake = new FakeSecretsManager({ clock, secrets: { [name]: 'one' } })
    cache = cacheOf({ source: fake.source() })
    const { versionId } = await cache.getSecret(name)
    fake.rotate(name, 'two')
    await cache.refreshNow(name)
    await clock.advance(5_000)
    fake.resetCalls()
    expect(await cache.handleRotationEvent(fake.moveCurrent(name, versionId))).toMatchObject([
      { outcome: 'refreshed', versionId },
    ])
    expect(fake.count()).toBe(1)
  })
})

it('a load that was given old answers at its end only does not have the next one believe them', async () => {
  const fake = new FakeSecretsManager({ clock, secrets: { [name]: 'one' } })
  const { get } = fake.source()
  let calls = 0
  const backoff = { initialMs: 6_000, factor: 1, maxMs: 6_000 }
  cache = cacheOf({
    source: {
      singleAttempt: true,
      async get(request, options) {
        calls += 1
        if (calls === 3) throw Object.assign(new Error('down'), { name: 'InternalServiceError' })
        return get(calls > 3 ? { secretId: name, versionId } : request, options)
      },
    },
    loadTimeoutMs: 6_500,
    backoff,
  })
  const { versionId } = await cache.getSecret(name)
  fake.rotate(name, 'two')
  await cache.refreshNow(name)
  let second: Promise<unknown> | undefined
  const first = cache.refreshNow(name).catch(error => {
    second = cache.refreshNow(name).catch(() => undefined)
    return error.code
  })
  for (let waited = 0; waited < 10_000 && second === undefined; waited += 100) await clock.advance(100)
  expect([await first, moves.length]).toEqual(['ERR_SECRET_TIMEOUT', 1])
  await clock.advance(20_000)
  await second
})
