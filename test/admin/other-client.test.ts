import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSecret, putSecretValue } from '../../src/admin/index.js'
import { type RotatedEvent, SecretCache } from '../../src/index.js'
import { FakeSecretsManager } from '../../src/testing/index.js'

const elsewhere: [string, ConstructorParameters<typeof FakeSecretsManager>[0]][] = [
  ['account', { accountId: '999999999999' }],
  ['Region', { region: 'us-east-1' }],
]

let mine: FakeSecretsManager
let cache: SecretCache

beforeEach(() => {
  mine = new FakeSecretsManager({ secrets: { 'prod/db': 'mine', other: 'other' } })
  cache = new SecretCache({ source: mine.source() })
})
afterEach(() => cache.close())

describe.each(elsewhere)('a write through a client of another %s', (_, options) => {
  let theirs: FakeSecretsManager

  beforeEach(() => {
    theirs = new FakeSecretsManager({ ...options, secrets: { 'prod/db': 'theirs' } })
    // Made again, its ARN ends otherwise. With the same end it would be taken for a replica of the other one.
    theirs.perform('DeleteSecret', { SecretId: 'prod/db', ForceDeleteWithoutRecovery: true })
    theirs.create('prod/db', 'theirs')
  })

  it('by a name leaves the secret of that name that the cache reads', async () => {
    const moves: RotatedEvent[] = []
    cache.on('rotated', event => moves.push(event))
    expect(await cache.getSecretString('prod/db')).toBe('mine')
    const written = await putSecretValue(cache, 'prod/db', 'theirs, new', { client: theirs.client() })
    expect(written.text()).toBe('theirs, new')
    expect(await cache.getSecretString('prod/db')).toBe('mine')
    await cache.idle()
    expect(cache.peek('prod/db')?.text()).toBe('mine')
    expect(moves).toEqual([])
  })

  it('by a name that was never read leaves it, too', async () => {
    await putSecretValue(cache, 'prod/db', 'theirs, new', { client: theirs.client() })
    expect(await cache.getSecretString('prod/db')).toBe('mine')
  })

  it('is what readers of its ARN are given at once', async () => {
    const { arn } = await putSecretValue(cache, 'prod/db', 'theirs, new', { client: theirs.client() })
    mine.resetCalls()
    expect(await cache.getSecretString(arn)).toBe('theirs, new')
    expect(mine.calls).toEqual([])
  })
})

describe('a write through another client of the same account and Region', () => {
  it('is what readers of the name are given at once, as soon as one was read by its name', async () => {
    await cache.getSecretString('other')
    await putSecretValue(cache, 'prod/db', 'new', { client: mine.client() })
    mine.resetCalls()
    expect(await cache.getSecretString('prod/db')).toBe('new')
    expect(mine.calls).toEqual([])
  })

  it('of a secret that is made again is found by its name', async () => {
    await cache.getSecretString('prod/db')
    mine.perform('DeleteSecret', { SecretId: 'prod/db', ForceDeleteWithoutRecovery: true })
    await createSecret(cache, 'prod/db', 'made again', { client: mine.client() })
    expect(await cache.getSecretString('prod/db')).toBe('made again')
  })
})

describe('with allowed accounts, a secret that is made through a client', () => {
  const withAccount = (accountId: string): object => ({
    ...mine.client(),
    config: { credentials: async () => ({ accessKeyId: 'AKIA', secretAccessKey: 'key', accountId }) },
  })

  it('of another account, as its credentials tell, is never sent', async () => {
    cache = new SecretCache({ source: mine.source(), allowedAccounts: ['999999999999'] })
    const made = createSecret(cache, 'new', 'value', { client: withAccount('123456789012') as never })
    await expect(made).rejects.toMatchObject({ code: 'ERR_SECRET_ACCOUNT' })
    expect(mine.calls).toEqual([])
  })

  it('of one of them is made', async () => {
    cache = new SecretCache({ source: mine.source(), allowedAccounts: ['123456789012'] })
    const client = withAccount('123456789012') as never
    expect((await createSecret(cache, 'new', 'value', { client })).text()).toBe('value')
  })
})
