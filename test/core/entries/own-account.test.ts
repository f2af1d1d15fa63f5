import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache, type SecretCacheOptions } from '../../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../../src/testing/index.js'
import { SecretTable } from '../../support/secret-table.js'

const name = 'prod/db'
const own = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-OwnOne'
const foreign = 'arn:aws:secretsmanager:eu-west-1:999999999999:secret:prod/db-Theirs'
const other = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/other-OwnTwo'

let clock: ManualClock
let table: SecretTable

function cacheOf(options: SecretCacheOptions = {}): SecretCache {
  return new SecretCache({ source: table, clock, ttlJitter: 0, ...options })
}

function partial(arn: string): string {
  return arn.slice(0, -7)
}

beforeEach(() => {
  clock = new ManualClock()
  table = new SecretTable([
    { arn: own, versionId: 'v-own', text: 'ours' },
    { arn: foreign, versionId: 'v-foreign', text: 'theirs' },
    { arn: other, versionId: 'v-other', text: 'other' },
  ])
})

/** Ways by which another account's secret is known before any plain name was read. */
const waysToKnow: [string, (cache: SecretCache) => Promise<unknown>][] = [
  ['read by its ARN', cache => cache.getSecretString(foreign)],
  ['read by its partial ARN', cache => cache.getSecretString(partial(foreign))],
  ['read by both', async cache => [await cache.getSecretString(partial(foreign)), await cache.getSecretString(foreign)]],
  ['warmed up', cache => cache.warmup([foreign])],
  ['refreshed', cache => cache.refreshNow(foreign)],
  ['followed by a handle', async cache => cache.handle(foreign).on('rotated', () => {}) && cache.getSecretString(foreign)],
]

describe("another account's secret of the same name", () => {
  it.each(waysToKnow)('that was %s first is not what a plain name leads to', async (_, know) => {
    const cache = cacheOf()
    await know(cache)
    expect(cache.peek(name)).toBeUndefined()
    expect(await cache.getSecretString(name)).toBe('ours')
    expect(await cache.getSecretString(foreign)).toBe('theirs')
    expect(await cache.getSecretString(own)).toBe('ours')
    expect(cache.peek(name)?.arn).toBe(own)
  })

  it.each(waysToKnow)('that was %s does not stand in for one that our account lacks', async (_, know) => {
    table.remove(own)
    const cache = cacheOf()
    await know(cache)
    await expect(cache.getSecretString(name)).rejects.toMatchObject({ code: 'ERR_SECRET_NOT_FOUND' })
    expect(await cache.getSecretString(foreign)).toBe('theirs')
  })

  it('is told apart also where both were read at the same time', async () => {
    const cache = cacheOf()
    expect(await Promise.all([foreign, name, partial(foreign)].map(id => cache.getSecretString(id)))).toEqual([
      'theirs',
      'ours',
      'theirs',
    ])
    expect(await Promise.all([foreign, name].map(id => cache.getSecretString(id)))).toEqual(['theirs', 'ours'])
  })

  it('warmed up beside the plain name is told apart', async () => {
    const cache = cacheOf()
    await cache.warmup([foreign, name])
    expect(cache.peek(name)?.text()).toBe('ours')
    expect(cache.peek(foreign)?.text()).toBe('theirs')
  })

  it('is not followed by a handle of the plain name', async () => {
    const cache = cacheOf()
    const heard: string[] = []
    const handle = cache.handle(name)
    handle.on('rotated', ({ arn }) => heard.push(String(arn)))
    await cache.getSecretString(foreign)
    table.set({ arn: foreign, versionId: 'v-foreign-2', text: 'theirs too' })
    await cache.refreshNow(foreign)
    expect(heard).toEqual([])
    await cache.getSecretString(name)
    table.set({ arn: own, versionId: 'v-own-2', text: 'ours too' })
    await cache.refreshNow(name)
    expect(heard).toEqual([own])
  })

  it('does not take the settings of the plain name', async () => {
    const cache = cacheOf({ perSecret: { [name]: { ttlMs: 1_000, staleWhileRevalidateMs: 0 } } })
    await cache.getSecretString(foreign)
    await clock.advance(2_000)
    await cache.getSecretString(foreign)
    expect(table.count()).toBe(1)
  })

  it('is found by its partial ARN once it was read by its full one', async () => {
    const cache = cacheOf()
    await cache.getSecretString(foreign)
    await cache.getSecretString(name)
    expect(cache.peek(partial(foreign))?.text()).toBe('theirs')
    expect(await cache.getSecretString(partial(foreign))).toBe('theirs')
    expect(table.count()).toBe(2)
  })

  it('that was made again is not what was read by the ARN of before', async () => {
    const again = 'arn:aws:secretsmanager:eu-west-1:999999999999:secret:prod/db-Theyrs'
    const cache = cacheOf()
    await cache.getSecretString(foreign)
    table.set({ arn: again, versionId: 'v-again', text: 'theirs again' })
    expect(cache.peek(again)).toBeUndefined()
    expect(await cache.getSecretString(again)).toBe('theirs again')
    expect(await cache.getSecretString(foreign)).toBe('theirs')
  })

  it('stays while a load of it is under way and the plain name is forgotten, whose account nobody knows yet', async () => {
    const cache = cacheOf()
    await cache.getSecretString(foreign)
    const refreshed = cache.refreshNow(foreign)
    cache.delete(name)
    expect(cache.peek(foreign)?.text()).toBe('theirs')
    await refreshed
    expect(cache.peek(foreign)?.stale).toBe(false)
  })

  it('is neither forgotten nor invalidated with the plain name', async () => {
    const cache = cacheOf()
    await cache.getSecretString(foreign)
    await cache.getSecretString(name)
    cache.invalidate(name)
    cache.delete(name)
    expect(cache.peek(foreign)?.stale).toBe(false)
    expect(await cache.getSecretString(name)).toBe('ours')
  })
})

describe('the account of plain names', () => {
  it('is learned by one call for the cache, not by one for each name', async () => {
    const cache = cacheOf()
    await cache.warmup([own, other])
    expect(await cache.getSecretString(name)).toBe('ours')
    expect(table.count(name)).toBe(1)
    expect(await cache.getSecretString('prod/other')).toBe('other')
    expect(table.count('prod/other')).toBe(0)
  })

  it('is known where allowedAccounts names one: a name joins what was read by ARN at once', async () => {
    const cache = cacheOf({ allowedAccounts: ['123456789012'] })
    await cache.getSecretString(own)
    expect(await cache.getSecretString(name)).toBe('ours')
    expect(table.count()).toBe(1)
  })

  it('is known from the credentials: a name joins what was read by ARN at once', async () => {
    const cache = cacheOf({ source: Object.assign(table, { accountId: '123456789012' }) })
    await cache.getSecretString(own)
    await cache.getSecretString(foreign)
    expect(await cache.getSecretString(name)).toBe('ours')
    expect(table.count()).toBe(2)
  })

  it('is known from the credentials also if they tell it later: what was read by ARN before is found by its name', async () => {
    const source = Object.assign(table, { accountId: undefined as string | undefined })
    const cache = cacheOf({ source })
    await cache.getSecretString(own)
    source.accountId = '123456789012'
    await cache.getSecretString(foreign)
    expect(await cache.getSecretString(name)).toBe('ours')
    expect(table.count()).toBe(2)
  })

  it('is the one that an answer to a plain name has shown, whatever the credentials tell', async () => {
    const cache = cacheOf({ source: Object.assign(table, { accountId: '999999999999' }) })
    await cache.getSecretString(name)
    await cache.getSecretString(foreign)
    await cache.getSecretString(other)
    expect(await cache.getSecretString('prod/other')).toBe('other')
    expect(table.count()).toBe(3)
  })

  it('is told by the credentials of an SDK client', async () => {
    const fake = new FakeSecretsManager({ secrets: { [name]: 'ours' } })
    const { endpoint, close } = await fake.listen()
    const credentials = { accessKeyId: 'nobody', secretAccessKey: 'nothing', accountId: fake.accountId }
    const client = new SecretsManagerClient({ endpoint, region: fake.region, credentials })
    const cache = new SecretCache({ client })
    const { ARN } = await client.send(new DescribeSecretCommand({ SecretId: name }))
    await cache.warmup([String(ARN)])
    expect(await cache.getSecretString(name)).toBe('ours')
    expect(cache.stats()).toMatchObject({ hits: 1, loads: 1 })
    client.destroy()
    await close()
  })

  it('is not known where allowedAccounts names two', async () => {
    const cache = cacheOf({ allowedAccounts: ['123456789012', '999999999999'] })
    await cache.getSecretString(foreign)
    expect(await cache.getSecretString(name)).toBe('ours')
  })
})

describe('a plain name that turns out to be what was read by ARN, in the moment in which it is denied', () => {
  /** Reads the name beside another one, whose answer shows the account. */
  async function denyName(cache: SecretCache): Promise<void> {
    table.remove(own)
    const [, denied] = await Promise.allSettled([cache.getSecretString('prod/other'), cache.getSecretString(name)])
    expect(denied).toMatchObject({ status: 'rejected', reason: { code: 'ERR_SECRET_NOT_FOUND' } })
  }

  it('is no more served by either form, once it was invalidated', async () => {
    const cache = cacheOf()
    await cache.getSecretString(own)
    cache.invalidate(own)
    await denyName(cache)
    for (const form of [name, own]) {
      expect(cache.peek(form)).toBeUndefined()
      await expect(cache.getSecretString(form)).rejects.toMatchObject({ code: 'ERR_SECRET_NOT_FOUND' })
    }
  })

  it('is served until its TTL ends, and no longer', async () => {
    const cache = cacheOf({ ttlMs: 60_000 })
    await cache.getSecretString(own)
    await clock.advance(1_000)
    table.remove(own)
    await Promise.allSettled([cache.getSecretString('prod/other'), cache.getSecretString(name)])
    expect(await cache.getSecretString(own)).toBe('ours')
    await clock.advance(59_000)
    expect(cache.peek(own)).toBeUndefined()
  })

  /** A table whose requests for an id fail by an error of this name. */
  function failing(errors: Map<string, string>): NonNullable<SecretCacheOptions['source']> {
    return {
      get(request) {
        const error = errors.get(request.secretId)
        return error === undefined ? table.get(request) : Promise.reject(Object.assign(new Error('It fails.'), { name: error }))
      },
    }
  }

  /** Past its TTL a secret waits for its load, and a failure holds the next one back for longer than a test lasts. */
  const failingOnce = { ttlMs: 60_000, staleWhileRevalidateMs: 0, backoff: { initialMs: 600_000, maxMs: 600_000 } }
  const throttled = 'ThrottlingException'
  const denied = 'AccessDeniedException'
  it.each([
    [throttled, denied, 'ERR_SECRET_ACCESS_DENIED'],
    [denied, throttled, 'ERR_SECRET_THROTTLED'],
  ])(
    'is not served over an outage of the other form (%s by ARN, then %s by name): the later failure is told',
    async (byArn, byName, code) => {
      const errors = new Map<string, string>()
      const cache = cacheOf({ ...failingOnce, source: failing(errors) })
      await cache.getSecretString(own)
      await clock.advance(60_000)
      errors.set(own, byArn).set(name, byName)
      for (const form of [own, name]) await cache.getSecretString(form).catch(() => {})
      await cache.getSecretString('prod/other')
      for (const form of [own, name]) {
        expect(cache.peek(form)).toBeUndefined()
        await expect(cache.getSecretString(form)).rejects.toMatchObject({ code })
      }
    },
  )

  it('is served over an outage of its ARN, where the name was only followed', async () => {
    const errors = new Map<string, string>()
    const cache = cacheOf({ source: failing(errors), ttlMs: 60_000, staleWhileRevalidateMs: 0 })
    await cache.getSecretString(own)
    await clock.advance(60_000)
    errors.set(own, throttled)
    await cache.getSecretString(own)
    cache.handle(name).on('rotated', () => {})
    await cache.getSecretString('prod/other')
    for (const form of [own, name]) expect(await cache.getSecretString(form)).toBe('ours')
  })

  it('is served over an outage of both forms', async () => {
    const errors = new Map<string, string>()
    const cache = cacheOf({ ...failingOnce, source: failing(errors) })
    await cache.getSecretString(own)
    await clock.advance(60_000)
    errors.set(own, throttled).set(name, throttled)
    for (const form of [name, own]) await cache.getSecretString(form).catch(() => {})
    await cache.getSecretString('prod/other')
    for (const form of [own, name]) expect(await cache.getSecretString(form)).toBe('ours')
  })
})
