import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSecret, putSecretValue, rotateNow } from '../../src/admin/index.js'
import { SecretCache } from '../../src/index.js'
import { FakeSecretsManager } from '../../src/testing/index.js'

const refused = { code: 'ERR_SECRET_ACCOUNT' }
let fake: FakeSecretsManager
let cache: SecretCache
let arn: string

/** The calls that change something. */
function writes(): string[] {
  return fake.calls.map(({ operation }) => operation).filter(operation => !/^(Batch)?Get/.test(operation))
}

function cacheThatAllows(account: string): SecretCache {
  return new SecretCache({ client: fake.client(), allowedAccounts: [account] })
}

beforeEach(() => {
  fake = new FakeSecretsManager()
  arn = fake.create('key', 'before').arn
  fake.resetCalls()
})
afterEach(() => cache.close())

describe('where the account of a secret is not allowed, nothing is sent that changes it', () => {
  beforeEach(() => {
    cache = cacheThatAllows('999999999999')
  })

  it('by its ARN', async () => {
    await expect(putSecretValue(cache, arn, 'after')).rejects.toMatchObject(refused)
    expect(fake.calls).toEqual([])
  })

  it('by its name, which a read shows to be of another account', async () => {
    await expect(putSecretValue(cache, 'key', 'after')).rejects.toMatchObject(refused)
    expect([writes(), fake.count('GetSecretValue')]).toEqual([[], 1])
  })

  it('by its name, through a client of its own', async () => {
    await expect(putSecretValue(cache, 'key', 'after', { client: fake.client() })).rejects.toMatchObject(refused)
    expect(writes()).toEqual([])
  })

  it('where it is to be made, once a read has shown whose the names are', async () => {
    await expect(cache.getSecret('key')).rejects.toMatchObject(refused)
    await expect(createSecret(cache, 'new', 'value')).rejects.toMatchObject(refused)
    expect(writes()).toEqual([])
  })

  it('where it is to be rotated', async () => {
    await expect(rotateNow(cache, 'key')).rejects.toMatchObject(refused)
    expect(writes()).toEqual([])
  })
})

describe('where it is allowed, a secret is written', () => {
  beforeEach(() => {
    cache = cacheThatAllows(fake.accountId)
  })

  it.each(['key', 'its ARN'])('by %s', async id => {
    await putSecretValue(cache, id === 'key' ? id : arn, 'after')
    expect(await cache.getSecretString('key')).toBe('after')
    expect(writes()).toEqual(['PutSecretValue'])
  })

  it('through a client of its own', async () => {
    await putSecretValue(cache, 'key', 'after', { client: fake.client() })
    expect(writes()).toEqual(['PutSecretValue'])
  })

  it('and made', async () => {
    await createSecret(cache, 'new', 'value')
    expect(await cache.getSecretString('new')).toBe('value')
  })
})

it('where whose it is cannot be read, the error is that of the read, and nothing is sent', async () => {
  cache = cacheThatAllows(fake.accountId)
  fake.inject({ operation: 'GetSecretValue', error: 'AccessDeniedException' })
  await expect(putSecretValue(cache, 'key', 'after')).rejects.toMatchObject({ code: 'ERR_SECRET_ACCESS_DENIED' })
  expect(writes()).toEqual([])
})
