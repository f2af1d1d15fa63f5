import { describe, expect, it } from 'vitest'
import type { SecretCache, SecretCacheOptions } from '../../../src/index.js'
import { FakeSecretsManager } from '../../../src/testing/index.js'
import { cacheOf, fake, useFake } from '../../support/fake-cache.js'

const id = 'prod/db'

useFake({ [id]: 'one' })

describe('secrets of two accounts with one name', () => {
  const theirs = new FakeSecretsManager({ accountId: '999999999999' })
  const shared = theirs.create(id, 'theirs')

  function source(): NonNullable<SecretCacheOptions['source']> {
    const ours = fake.source()
    return {
      get: (request, options) => (request.secretId.includes('999999999999') ? theirs.source() : ours).get(request, options),
    }
  }

  it('are kept apart as soon as a read by name has shown which account is ours', async () => {
    const cache = cacheOf({ source: source() })
    expect(await cache.getSecretString(id)).toBe('one')
    expect(await cache.getSecretString(shared.arn)).toBe('theirs')
    expect(await cache.getSecretString(id)).toBe('one')
    expect(await cache.getSecretString(shared.arn.slice(0, -7))).toBe('theirs')
    expect(cache.stats().entries).toBe(2)
  })

  it('are found by their ARNs once one was read by its partial ARN', async () => {
    const cache = cacheOf({ source: source() })
    await cache.getSecretString(id)
    await cache.getSecretString(shared.arn.slice(0, -7))
    expect(await cache.getSecretString(shared.arn)).toBe('theirs')
    expect(cache.stats()).toMatchObject({ loads: 2, entries: 2 })
  })

  it('are told apart also where theirs was read before anything showed which account is ours', async () => {
    fake.create('other', 'other')
    const cache = cacheOf({ source: source() })
    await cache.getSecretString(shared.arn)
    await cache.getSecretString('other')
    expect(await cache.getSecretString(id)).toBe('one')
    expect(await cache.getSecretString(shared.arn)).toBe('theirs')
    expect(cache.stats()).toMatchObject({ loads: 3, entries: 3 })
  })

  it('lend each other no name: one that only theirs has is not ours', async () => {
    const { arn } = theirs.create('only-theirs', 'theirs')
    const cache = cacheOf({ source: source() })
    await cache.getSecretString(id)
    await cache.getSecretString(arn)
    await expect(cache.getSecretString('only-theirs')).rejects.toMatchObject({ code: 'ERR_SECRET_NOT_FOUND' })
  })

  it('one of another account is refused where allowedAccounts leaves it out, also when it is read by name', async () => {
    const cache = cacheOf({ source: theirs.source(), allowedAccounts: ['123456789012'] })
    await expect(cache.getSecretString(id)).rejects.toMatchObject({ code: 'ERR_SECRET_ACCOUNT' })
    expect(cache.peek(id)).toBeUndefined()
  })
})

it('a secret of another Region is the same one if name, account and suffix are, and another one if its suffix is', async () => {
  const { arn } = fake.put(id, 'two')
  const replica = arn.replace('eu-west-1', 'ap-southeast-2')
  const distant = new FakeSecretsManager({ region: 'ap-southeast-2' })
  distant.create(id, 'gone')
  distant.perform('DeleteSecret', { SecretId: id, ForceDeleteWithoutRecovery: true })
  const twin = distant.create(id, 'far away')
  const near = fake.source()
  const source: NonNullable<SecretCacheOptions['source']> = {
    get: (request, options) => (request.secretId === twin.arn ? distant.source() : near).get(request, options),
  }
  const cache = cacheOf({ source })
  expect(await cache.getSecretString(id)).toBe('two')
  expect(await cache.getSecretString(replica)).toBe('two')
  expect(cache.stats()).toMatchObject({ loads: 1, entries: 1 })
  expect(await cache.getSecretString(twin.arn)).toBe('far away')
  expect(await cache.getSecretString(id)).toBe('two')
  expect(cache.stats()).toMatchObject({ loads: 2, entries: 2 })
})

describe('a cache that allows the secrets of one other account only', () => {
  const theirs = new FakeSecretsManager({ accountId: '999999999999' })
  const shared = theirs.create(id, 'theirs')

  function cacheOfTheirs(more: object = {}): SecretCache {
    const ours = fake.source()
    const get: typeof ours.get = (request, options) =>
      (request.secretId.includes('999999999999') ? theirs.source() : ours).get(request, options)
    return cacheOf({ source: { get, ...more }, allowedAccounts: ['999999999999'] })
  }

  it('gives nothing of it to who asks by a name that was refused before', async () => {
    const cache = cacheOfTheirs()
    await expect(cache.getSecretString(id)).rejects.toMatchObject({ code: 'ERR_SECRET_ACCOUNT' })
    expect(await cache.getSecretString(shared.arn)).toBe('theirs')
    await expect(cache.getSecretString(id)).rejects.toMatchObject({ code: 'ERR_SECRET_ACCOUNT' })
    expect(cache.peek(id)).toBeUndefined()
  })

  it('gives nothing of it to who asks by a name where the credentials tell that they are of ours', async () => {
    const cache = cacheOfTheirs({ accountId: fake.accountId })
    expect(await cache.getSecretString(shared.arn)).toBe('theirs')
    await expect(cache.getSecretString(id)).rejects.toMatchObject({ code: 'ERR_SECRET_ACCOUNT' })
  })
})
