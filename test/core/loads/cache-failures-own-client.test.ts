import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { type AwsClientStub, mockClient } from 'aws-sdk-client-mock'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SecretCache, type SecretCacheOptions } from '../../../src/index.js'
import { ManualClock } from '../../../src/testing/index.js'

const id = 'prod/key'

let clock: ManualClock
let client: AwsClientStub<SecretsManagerClient>
let sentAt: number[]
/** How each call from now on ends: by an exception of this name, by a reset connection, or with this text. */
let answers: string[]

/** A cache with a client of its own: the one whose attempts the cache repeats. */
function cacheOf(options: SecretCacheOptions = {}): SecretCache {
  return new SecretCache({ region: 'eu-west-1', clock, ttlMs: 60_000, ttlJitter: 0, staleWhileRevalidateMs: 0, ...options })
}

function failure(name: string): Error {
  return Object.assign(new Error(name), { name, $metadata: { httpStatusCode: 400 } })
}

/** Begins a read, and settles once it has settled or the clock has gone on by so much. */
async function read(cache: SecretCache, forMs = 0): Promise<string> {
  const outcome = cache.getSecretString(id).catch(error => error.code as string)
  await clock.advance(forMs)
  return outcome
}

beforeEach(() => {
  clock = new ManualClock()
  sentAt = []
  answers = []
  // The longest pauses there are.
  vi.spyOn(Math, 'random').mockReturnValue(0)
  client = mockClient(SecretsManagerClient)
  client.on(GetSecretValueCommand).callsFake(({ VersionStage }) => {
    sentAt.push(clock.now() - Date.UTC(2030, 0, 1))
    const answer = answers.shift() ?? 'ThrottlingException'
    if (answer === 'reset') throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
    if (/Exception|Error|Failure/.test(answer)) throw failure(answer)
    const ARN = `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${id}-AbCdEf`
    return { ARN, Name: id, VersionId: `of ${answer}`, VersionStages: [VersionStage], SecretString: answer }
  })
})

afterEach(() => {
  client.restore()
  vi.restoreAllMocks()
})

describe('while there is nothing to serve', () => {
  it('one load tries again after 0.2, 0.4, 0.8 and 1.6 s, and ends when the next pause would pass its deadline', async () => {
    const cache = cacheOf()
    expect(await read(cache, 3_000)).toBe('ERR_SECRET_THROTTLED')
    expect(sentAt).toEqual([0, 200, 600, 1_400, 3_000])
    expect(cache.stats()).toMatchObject({ loads: 1, failures: 1 })
  })

  it('the next load goes on with the same sequence of pauses', async () => {
    const cache = cacheOf()
    await read(cache, 3_000)
    await clock.advance(3_199)
    await read(cache)
    expect(sentAt).toHaveLength(5)
    await clock.advance(1)
    await read(cache)
    await clock.advance(6_399)
    await read(cache)
    await clock.advance(1)
    await read(cache)
    expect(sentAt).toEqual([0, 200, 600, 1_400, 3_000, 6_200, 12_600])
    expect(cache.stats()).toMatchObject({ loads: 3, failures: 3 })
  })

  it('no attempt is waited for that could begin only at the deadline', async () => {
    answers = ['InternalServiceError']
    expect(await read(cacheOf({ loadTimeoutMs: 200 }), 200)).toBe('ERR_SECRET_UNAVAILABLE')
    expect(sentAt).toEqual([0])
  })

  it('a success in between begins the sequence anew', async () => {
    const cache = cacheOf({ ttlMs: 0, staleIfErrorMs: 0 })
    answers = ['ThrottlingException', 'ThrottlingException', 'one', 'ThrottlingException', 'two']
    expect(await read(cache, 600)).toBe('one')
    expect(await read(cache, 200)).toBe('two')
    expect(sentAt).toEqual([0, 200, 600, 600, 800])
  })

  it('readers that come during the pauses share the load', async () => {
    const cache = cacheOf()
    answers = ['InternalServiceError', 'InternalServiceError', 'one']
    const first = cache.getSecretString(id)
    await clock.advance(300)
    const second = cache.getSecretString(id)
    await clock.advance(300)
    expect(await Promise.all([first, second])).toEqual(['one', 'one'])
    expect(sentAt).toHaveLength(3)
  })

  it.each(['AccessDeniedException', 'DecryptionFailure', 'InvalidParameterException'])('%s ends a load at once', async name => {
    answers = [name, 'one']
    expect(await read(cacheOf(), 10_000)).toMatch(/^ERR_SECRET_/)
    expect(sentAt).toEqual([0])
  })

  it('a denial ends a load that began with failures that pass', async () => {
    answers = ['ThrottlingException', 'AccessDeniedException', 'one']
    expect(await read(cacheOf(), 10_000)).toBe('ERR_SECRET_ACCESS_DENIED')
    expect(sentAt).toEqual([0, 200])
  })
})

describe('while there is a value to serve', () => {
  it('a load makes one attempt, and its readers are given the last known good without waiting for another', async () => {
    const cache = cacheOf()
    answers = ['one']
    await read(cache)
    await clock.advance(60_000)
    expect(await read(cache)).toBe('one')
    expect(sentAt).toEqual([0, 60_000])
  })

  it('refreshNow tries again all the same', async () => {
    const cache = cacheOf()
    answers = ['one', 'ThrottlingException', 'ThrottlingException', 'two']
    await read(cache)
    const refreshed = cache.refreshNow(id)
    await clock.advance(600)
    expect((await refreshed).text()).toBe('two')
    expect(sentAt).toEqual([0, 0, 200, 600])
  })
})

describe('a connection that was reset before any answer', () => {
  it('is tried again at once, also while there is a value to serve', async () => {
    const cache = cacheOf()
    answers = ['one', 'reset', 'two']
    await read(cache)
    await clock.advance(60_000)
    expect(await read(cache)).toBe('two')
    expect(sentAt).toEqual([0, 60_000, 60_000])
    expect(cache.stats()).toMatchObject({ failures: 0, staleServed: 0 })
  })

  it('counts as a failure if it happens twice, and each later attempt may be reset once', async () => {
    answers = ['reset', 'reset', 'reset', 'one']
    expect(await read(cacheOf(), 5_000)).toBe('one')
    expect(sentAt).toEqual([0, 0, 200, 200])
  })

  it('is left to a client of the caller, which has retries of its own', async () => {
    answers = ['reset', 'one']
    const cache = new SecretCache({ client: new SecretsManagerClient({ region: 'eu-west-1' }), clock })
    expect(await read(cache, 5_000)).toBe('ERR_SECRET_UNAVAILABLE')
    expect(sentAt).toEqual([0])
  })
})

it('a client of the caller is asked once for each load', async () => {
  const cache = new SecretCache({ client: new SecretsManagerClient({ region: 'eu-west-1' }), clock })
  expect(await read(cache, 5_000)).toBe('ERR_SECRET_THROTTLED')
  expect(sentAt).toEqual([0])
})
