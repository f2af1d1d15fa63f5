import { beforeEach, describe, expect, it, vi } from 'vitest'
import { putSecretValue } from '../../src/admin/index.js'
import { failoverSource } from '../../src/failover/index.js'
import { type RotatedEvent, SecretCache, type SecretCacheOptions, type SecretSource } from '../../src/index.js'
import { FakeSecretsManager } from '../../src/testing/index.js'
import { id, type Scene, setScene } from './support.js'

const home = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:'

let scene: Scene
let arn: string

/** A client of the SDK as far as its Region is asked for. */
function clientOf(fake: FakeSecretsManager): ReturnType<FakeSecretsManager['client']> {
  return Object.assign(fake.client(), { config: { region: async () => fake.region } })
}

function cacheOf(options: SecretCacheOptions = {}): SecretCache {
  return new SecretCache({
    source: scene.source,
    clock: scene.clock,
    ttlMs: 1_000,
    ttlJitter: 0,
    staleWhileRevalidateMs: 0,
    ...options,
  })
}

beforeEach(async () => {
  scene = setScene()
  arn = (await scene.primary.source().get({ secretId: id }, new AbortController())).arn
})

describe('another secret of the same name in the Region of the replica', () => {
  beforeEach(() => {
    scene.replica.perform('DeleteSecret', { SecretId: id, ForceDeleteWithoutRecovery: true })
    scene.replica.create(id, 'of somebody else')
  })

  it.each<[form: string, idOf: () => string]>([
    ['name', () => id],
    ['ARN', () => arn],
    ['partial ARN', () => arn.slice(0, -7)],
  ])('is never handed out for the one that was read by %s', async (_, idOf) => {
    const cache = cacheOf()
    const rotated: RotatedEvent[] = []
    cache.on('rotated', event => rotated.push(event))
    await cache.getSecret(idOf())
    scene.primaryFails()
    for (const waitMs of [0, 31_000, 31_000]) {
      await scene.clock.advance(waitMs)
      await expect(cache.refreshNow(idOf())).rejects.toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE' })
      expect(await cache.getSecretString(idOf())).toBe('one')
    }
    await expect(scene.source.get({ secretId: idOf(), versionStage: 'AWSPENDING' }, new AbortController())).rejects.toThrow()
    expect(rotated).toEqual([])
  })

  it('is never handed out for one that was written through the cache, and not read since', async () => {
    const cache = cacheOf()
    // Tells whose names are read.
    scene.primary.create('other', 'other')
    await cache.getSecret('other')
    const { versionId } = await putSecretValue(cache, id, 'two', { client: scene.primary.client() })
    scene.primaryFails()
    for (const waitMs of [0, 31_000, 31_000]) {
      await scene.clock.advance(waitMs)
      for (const form of [id, arn]) await cache.refreshNow(form).catch(() => {})
      expect(cache.peek(id)?.versionId).toBe(versionId)
    }
  })

  it('is not in a batch either', async () => {
    await scene.source.getMany?.([id], new AbortController())
    scene.primaryFails()
    expect(await scene.source.getMany?.([id], new AbortController())).toEqual({ values: [], errors: [] })
  })

  it('and account is not taken for one of the primary, whose account is known', async () => {
    const primary = { ...scene.primary.source(), accountId: '999999999999' }
    scene.primaryFails()
    const source = failoverSource([primary, scene.replica.source()], { clock: scene.clock })
    await expect(source.get({ secretId: id }, new AbortController())).rejects.toMatchObject({ name: 'ServiceUnavailable' })
  })
})

it('the account is that of the first Region that knows it', () => {
  const [primary, replica] = [scene.primary.source(), scene.replica.source()]
  const knowing = (accountId: string): SecretSource => ({ ...replica, accountId })
  expect(failoverSource([primary, replica]).accountId).toBeUndefined()
  expect(failoverSource([primary, knowing('111122223333'), knowing('444455556666')]).accountId).toBe('111122223333')
})

describe('an ARN of no Region of the source', () => {
  const elsewhere = (full: string): string => full.replace('eu-west-1', 'us-east-1')

  it('leads to the secret if it is that of a replica of it', async () => {
    const source = failoverSource([clientOf(scene.primary), clientOf(scene.replica)])
    expect(await source.get({ secretId: elsewhere(arn) }, new AbortController())).toMatchObject({ arn })
  })

  it('in part leads to none: there the name may be that of another secret', async () => {
    const source = failoverSource([clientOf(scene.primary), clientOf(scene.replica)])
    const secretId = elsewhere(arn).slice(0, -7)
    await expect(source.get({ secretId }, new AbortController())).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
    expect(await source.getMany?.([secretId], new AbortController())).toMatchObject({ values: [] })
  })
})

describe('an ARN of the primary Region', () => {
  it.each([
    ['in full', (full: string) => full],
    ['in part', (full: string) => full.slice(0, -7)],
  ])('leads to the replica, %s, though nothing was read before', async (_, form) => {
    scene.primaryFails()
    for (const regions of [
      [scene.primary.source(), scene.replica.source()],
      [clientOf(scene.primary), clientOf(scene.replica)],
    ]) {
      const value = await failoverSource(regions).get({ secretId: form(arn) }, new AbortController())
      expect(value).toMatchObject({ arn, name: id, string: 'one' })
    }
  })

  it('leads to no secret of a similar name', async () => {
    const twin = `${id}-AbCdEf`
    for (const fake of [scene.primary, scene.replica]) fake.create(twin, 'twin')
    scene.primaryFails()
    const value = await scene.source.get({ secretId: `${home}${twin}` }, new AbortController())
    expect(value).toMatchObject({ name: twin, string: 'twin' })
    scene.replica.perform('DeleteSecret', { SecretId: twin, ForceDeleteWithoutRecovery: true })
    await expect(scene.source.get({ secretId: `${home}${twin}` }, new AbortController())).rejects.toThrow()
  })

  it('leads to no secret of another account', async () => {
    const foreign = arn.replace('123456789012', '999999999999')
    for (const secretId of [foreign, foreign.slice(0, -7)]) {
      scene = setScene()
      scene.primaryFails()
      await expect(scene.source.get({ secretId }, new AbortController())).rejects.toThrow()
    }
  })

  it('is asked of the primary as it stands, and of a replica once if that fails', async () => {
    scene.primaryFails()
    scene.replica.inject({ error: 'InternalServiceError' })
    const regions = [scene.primary, scene.replica].map(fake => ({ get: vi.fn(fake.source().get) }))
    await expect(failoverSource(regions).get({ secretId: arn }, new AbortController())).rejects.toThrow()
    const asked = regions.map(({ get }) => get.mock.calls.map(([request]) => request.secretId))
    expect(asked).toEqual([[arn], [id]])
  })

  it('leads on where a client cannot tell its Region', async () => {
    const lost = Object.assign(scene.primary.client(), {
      config: { region: () => Promise.reject(new Error('Region is missing')) },
    })
    expect(await failoverSource([lost]).get({ secretId: arn }, new AbortController())).toMatchObject({ arn })
  })

  it('leads to the replicas of a batch', async () => {
    scene.primaryFails()
    for (const regions of [
      [scene.primary.source(), scene.replica.source()],
      [clientOf(scene.primary), clientOf(scene.replica)],
    ]) {
      const { values, errors } = (await failoverSource(regions).getMany?.([arn, id], new AbortController())) ?? {}
      expect(new Set(values?.map(value => value.arn))).toEqual(new Set([arn]))
      expect(errors).toEqual([])
    }
  })
})

describe('to a cache', () => {
  it.each<[form: string, idOf: () => string]>([
    ['name', () => id],
    ['ARN', () => arn],
  ])('a secret read by %s stays the same in whatever Region it is read', async (_, idOf) => {
    const cache = cacheOf()
    const rotated: RotatedEvent[] = []
    cache.on('rotated', event => rotated.push(event))
    await cache.getSecret(idOf())
    for (const fails of [true, true, false, false, false, false]) {
      if (fails) scene.primaryFails()
      else scene.primary.recover()
      await scene.clock.advance(1_000)
      expect(await cache.getSecret(idOf())).toMatchObject({ arn })
      expect(cache.peek(arn)?.stale).toBe(false)
      expect(cache.stats().entries).toBe(1)
    }
    expect(rotated).toEqual([])
  })

  it('a secret that was first read in a replica has the ARN of the primary as soon as that has answered, and hears its events', async () => {
    scene.primaryFails()
    const cache = cacheOf()
    const rotated: RotatedEvent[] = []
    cache.on('rotated', event => rotated.push(event))
    const { arn: first } = await cache.getSecret(id)
    expect(first).toBe(arn.replace('eu-west-1', 'eu-central-1'))
    scene.primary.recover()
    await scene.clock.advance(1_000)
    expect((await cache.getSecret(id)).arn).toBe(arn)
    expect([cache.stats().entries, rotated]).toEqual([1, []])
    for (const _ of [1, 2]) await cache.refreshNow(id)
    expect(await cache.handleRotationEvent(scene.primary.rotate(id, 'two'))).toMatchObject([{ outcome: 'refreshed' }])
  })

  it('a secret that is read by clients has the ARN of the primary from the start', async () => {
    scene.primaryFails()
    const source = failoverSource([clientOf(scene.primary), clientOf(scene.replica)])
    expect(await new SecretCache({ source }).getSecret(id)).toMatchObject({ arn })
  })

  it('a warm-up by ARNs and names goes well with the primary down', async () => {
    const names = ['a', 'b', 'c', 'd', 'e']
    for (const name of names) for (const fake of [scene.primary, scene.replica]) fake.create(name, `of ${name}`)
    scene.primaryFails()
    const cache = cacheOf()
    const report = await cache.warmup([arn, ...names])
    expect(report.map(({ outcome }) => outcome)).toEqual(Array(6).fill('loaded'))
    expect(scene.replica.count('BatchGetSecretValue')).toBe(1)
  })
})

describe('with matchReplicas, an event of another Region', () => {
  it.each<[form: string, idOf: () => string]>([
    ['name', () => id],
    ['ARN', () => arn],
  ])('refreshes a secret read by %s', async (_, idOf) => {
    const cache = cacheOf({ matchReplicas: true })
    await cache.getSecretString(idOf())
    scene.primary.put(id, 'two')
    expect(await cache.handleRotationEvent(scene.replica.rotate(id, 'two'))).toMatchObject([{ outcome: 'refreshed' }])
    expect(await cache.getSecretString(idOf())).toBe('two')
  })

  it('refreshes a secret of which only the replica was ever read', async () => {
    const cache = cacheOf({ matchReplicas: true })
    scene.primaryFails()
    await cache.getSecretString(id)
    scene.primary.recover()
    const event = scene.primary.rotate(id, 'two')
    scene.replica.put(id, 'two')
    const handled = cache.handleRotationEvent(event)
    await scene.clock.advance(20_000)
    expect(await handled).toMatchObject([{ outcome: 'refreshed' }])
    expect(await cache.getSecretString(id)).toBe('two')
  })

  it('of another account is ignored all the same', async () => {
    const cache = cacheOf({ matchReplicas: true })
    await cache.getSecretString(id)
    const foreign = new FakeSecretsManager({ region: 'eu-central-1', accountId: '999999999999', secrets: { [id]: 'theirs' } })
    expect(await cache.handleRotationEvent(foreign.rotate(id))).toMatchObject([{ outcome: 'ignored', reason: 'another account' }])
  })
})

it('without matchReplicas, an event of another Region is ignored', async () => {
  const cache = cacheOf()
  await cache.getSecretString(id)
  expect(await cache.handleRotationEvent(scene.replica.rotate(id))).toMatchObject([
    { outcome: 'ignored', reason: 'another Region' },
  ])
})
