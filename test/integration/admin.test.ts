import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSecret, putSecretValue } from '../../src/admin/index.js'
import { SecretCache } from '../../src/index.js'
import { type BrokenAnswer, FakeSecretsManager, type FakeServer } from '../../src/testing/index.js'
import { everythingVisibleIn } from '../support/doors.js'

const id = 'prod/key'
const planted = 'planted-7d1f'

let fake: FakeSecretsManager
let server: FakeServer

beforeEach(async () => {
  fake = new FakeSecretsManager({ secrets: { [id]: 'one' } })
  server = await fake.listen()
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', server.endpoint)
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'nobody')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'nothing')
})

afterEach(async () => {
  await server.close()
  vi.unstubAllEnvs()
})

describe('by the client that the cache made', () => {
  let cache: SecretCache
  beforeEach(() => {
    cache = new SecretCache({ region: fake.region })
  })
  afterEach(() => cache.close())

  it('what is made and written is what readers are given, without a call', async () => {
    await createSecret(cache, 'prod/new', 'first')
    const bytes = new Uint8Array(65_536).fill(7)
    await putSecretValue(cache, id, bytes)
    expect(fake.calls.map(({ operation }) => operation)).toEqual(['CreateSecret', 'PutSecretValue'])
    expect([await cache.getSecretString('prod/new'), await cache.getSecretBinary(id)]).toEqual(['first', Buffer.from(bytes)])
    expect(fake.count()).toBe(2)
    expect((await cache.refreshNow(id)).bytes()).toEqual(Buffer.from(bytes))
  })

  it('a write that fails in passing is sent again by the same token, so that there is one version', async () => {
    fake.inject({ operation: 'PutSecretValue', error: 'InternalServiceError', times: 2 })
    const { versionId } = await putSecretValue(cache, id, 'two')
    const tokens = fake.calls.map(({ input }) => input.ClientRequestToken)
    expect([tokens.length, new Set(tokens)]).toEqual([3, new Set([versionId])])
  })

  it('a write whose answer was lost is not made twice', async () => {
    fake.inject({ operation: 'PutSecretValue', answer: 'cut', times: 1 })
    const { versionId } = await putSecretValue(cache, id, 'two')
    expect(fake.perform('DescribeSecret', { SecretId: id }).VersionIdsToStages).toMatchObject({ [versionId]: ['AWSCURRENT'] })
    expect(Object.keys(fake.perform('DescribeSecret', { SecretId: id }).VersionIdsToStages as object)).toHaveLength(2)
  })

  it('a write under way when the cache is closed has its answer before the client goes', async () => {
    fake.inject({ operation: 'PutSecretValue', delayMs: 50, times: 1 })
    const written = putSecretValue(cache, id, 'two')
    await vi.waitFor(() => expect(fake.count()).toBe(1))
    await cache.close()
    expect((await written).text()).toBe('two')
    expect(fake.count()).toBe(1)
  })
})

it.each<BrokenAnswer>(['cut', 'echo', 'empty', 'html', 'huge', 'reset', 'truncated', 'wrong-types'])(
  'an answer broken by %s shows the value nowhere',
  async answer => {
    const client = new SecretsManagerClient({ region: fake.region, maxAttempts: 1 })
    const cache = new SecretCache({ client })
    fake.inject({ answer })
    const told: unknown[] = [cache]
    for (const type of ['loaded', 'rotated', 'error'] as const) cache.on(type, event => told.push(event))
    const said = await Promise.allSettled([putSecretValue(cache, id, planted), createSecret(cache, 'prod/new', planted)])
    expect(everythingVisibleIn([said, told, cache.stats()])).not.toContain(planted)
    await cache.close()
    client.destroy()
  },
)
