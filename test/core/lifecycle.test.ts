import { channel } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { mockClient } from 'aws-sdk-client-mock'
import { describe, expect, it, vi } from 'vitest'
import { isSecretCacheError, SecretCache, SecretCacheError } from '../../src/index.js'
import { cacheOf, clock, fake, useFake } from '../support/fake-cache.js'

const id = 'prod/key'

useFake({ [id]: 'one' })

describe('close', () => {
  it('lets those who wait have their answer, and refuses all who come later', async () => {
    const cache = cacheOf()
    fake.inject({ delayMs: 100 })
    const waiting = cache.getSecretString(id)
    const closed = cache.close()
    await expect(cache.getSecretString(id)).rejects.toMatchObject({ code: 'ERR_SECRET_CACHE_CLOSED' })
    await clock.advance(100)
    expect(await waiting).toBe('one')
    await closed
    expect(cache.peek(id)).toBeUndefined()
    expect(cache.stats().entries).toBe(0)
    expect(cache.close()).toBe(cache.close())
  })

  it('ends at once what nobody waits for, without an event', async () => {
    const cache = cacheOf({ ttlMs: 1_000 })
    const errors: unknown[] = []
    cache.on('error', event => errors.push(event))
    await cache.getSecretString(id)
    fake.inject({ hang: true })
    await clock.advance(1_000)
    await cache.getSecretString(id)
    await cache.close()
    expect(errors).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it('closes a source once, and a client of the caller never', async () => {
    const close = vi.fn()
    await cacheOf({ source: { ...fake.source(), close } }).close()
    expect(close).toHaveBeenCalledTimes(1)
    expect(clock.pending).toBe(0)
    const destroy = vi.fn()
    const cache = new SecretCache({ client: Object.assign(fake.client(), { destroy }), clock })
    await cache.getSecretString(id)
    await cache.close()
    expect(destroy).not.toHaveBeenCalled()
  })

  it('happens at the end of an await using block', async () => {
    let cache: SecretCache
    {
      await using own = cacheOf()
      cache = own
    }
    await expect(cache.getSecretString(id)).rejects.toMatchObject({ code: 'ERR_SECRET_CACHE_CLOSED' })
  })
})

it('sends the SDK one GetSecretValue with the stage, and nothing else', async () => {
  const client = mockClient(SecretsManagerClient)
  client.resolves({
    ARN: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf',
    Name: 'a',
    VersionId: 'v',
    VersionStages: ['AWSCURRENT'],
    SecretString: 's',
  })
  const cache = new SecretCache({ client: new SecretsManagerClient({ region: 'eu-west-1' }) })
  await cache.getSecretString('a')
  expect(client.calls().map(({ args }) => args[0].input)).toEqual([
    { SecretId: 'a', VersionStage: 'AWSCURRENT', VersionId: undefined },
  ])
  client.restore()
})

describe('events', () => {
  it('reach listeners and the channels of the same name, as one frozen object', async () => {
    const cache = cacheOf()
    const published: unknown[] = []
    const heard: unknown[] = []
    const onMessage = (message: unknown): void => {
      published.push(message)
    }
    channel('awscurrent:rotated').subscribe(onMessage)
    const stop = cache.on('rotated', event => heard.push(event))
    const { versionId: previousVersionId } = await cache.getSecret(id)
    const { versionId } = fake.rotate(id, 'two').detail
    await cache.refreshNow(id)
    stop()
    fake.rotate(id, 'three')
    await cache.refreshNow(id)
    channel('awscurrent:rotated').unsubscribe(onMessage)
    expect(heard).toMatchObject([
      { type: 'rotated', secretId: id, name: id, versionStage: 'AWSCURRENT', versionId, previousVersionId },
    ])
    expect(published).toHaveLength(2)
    expect(published[0]).toBe(heard[0])
    expect(Object.isFrozen(heard[0])).toBe(true)
  })

  it('that nobody hears do no harm', async () => {
    fake.inject({ error: 'InternalServiceError' })
    await expect(cacheOf().getSecretString(id)).rejects.toSatisfy(isSecretCacheError)
  })

  it('of an unknown type are refused by name', () => {
    expect(() => cacheOf().on('rotate' as 'rotated', () => undefined)).toThrow(/Unknown event "rotate".*loaded, rotated/)
  })

  it('tell what the counts tell', async () => {
    const cache = cacheOf()
    await cache.getSecretString(id)
    await cache.getSecretString(id)
    fake.rotate(id, 'two')
    await clock.advance(300_000)
    await cache.getSecretString(id)
    await cache.idle()
    fake.inject({ error: 'InternalServiceError' })
    await cache.refreshNow(id).catch(() => undefined)
    expect(cache.stats()).toEqual({
      hits: 1,
      misses: 1,
      loads: 3,
      failures: 1,
      staleServed: 1,
      rotations: 1,
      evictions: 0,
      entries: 1,
    })
  })
})

it('a superseded Secret is stale, and its age goes on', async () => {
  const cache = cacheOf()
  const before = await cache.getSecret(id)
  expect(before).toMatchObject({ stale: false, ageMs: 0 })
  fake.rotate(id, 'two')
  await clock.advance(5)
  await cache.refreshNow(id)
  expect(before).toMatchObject({ stale: true, ageMs: 5 })
  expect(before.text()).toBe('one')
  expect(before.createdDate).not.toBe(before.createdDate)
})

it('a Secret and its handle show which secret it is, and not its value', async () => {
  const cache = cacheOf()
  const read = await cache.getSecret(id)
  expect(String(read)).toBe(`[Secret ${id}]`)
  expect(inspect(read)).toBe(`Secret { name: '${id}', versionId: '${read.versionId}', stale: false }`)
  expect(JSON.parse(JSON.stringify(read))).toEqual({
    arn: read.arn,
    name: id,
    versionId: read.versionId,
    versionStages: ['AWSCURRENT'],
  })
  expect(inspect(cache.handle(id))).toBe(`SecretHandle { secretId: '${id}' }`)
})

it('a Secret of a source that tells no date has none', async () => {
  const answer = { arn: 'a', name: id, versionId: 'v', versionStages: [], string: 's' }
  expect((await cacheOf({ source: { get: async () => answer } }).getSecret(id)).createdDate).toBeUndefined()
})

describe('SecretCacheError', () => {
  it('is known by its brand across copies of the package', () => {
    const error = new SecretCacheError({ code: 'ERR_SECRET_REQUEST', message: 'm' })
    const foreign = Object.assign(new Error('m'), { name: 'SecretCacheError', code: 'ERR_SECRET_REQUEST' })
    expect([error, foreign, null, 'x'].map(isSecretCacheError)).toEqual([true, false, false, false])
    expect(Object.keys(error)).toEqual(['name', 'code'])
  })
})

it.each([0, 0.5, 1e15, Infinity])('a TTL of %d means what it says', async ttlMs => {
  const cache = cacheOf({ ttlMs, staleWhileRevalidateMs: 0 })
  await cache.getSecretString(id)
  expect(cache.peek(id)?.stale).toBe(ttlMs === 0)
  await clock.advance(1)
  expect(cache.peek(id)?.stale).toBe(ttlMs < 1)
})
