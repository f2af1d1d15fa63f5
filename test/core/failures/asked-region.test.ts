import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { failoverSource } from '../../../src/failover/index.js'
import { SecretCache, type SecretSource } from '../../../src/index.js'
import { liteSource } from '../../../src/lite/index.js'
import { FakeSecretsManager, type FakeServer } from '../../../src/testing/index.js'
import { rejectionOf } from '../../support/rejection.js'

const asked = 'in eu-central-1, the Region that was asked?'

let fake: FakeSecretsManager
let server: FakeServer
let clients: SecretsManagerClient[]

function clientOf(region = fake.region): SecretsManagerClient {
  const client = new SecretsManagerClient({ region, maxAttempts: 1 })
  clients.push(client)
  return client
}

beforeEach(async () => {
  fake = new FakeSecretsManager({ region: 'eu-central-1' })
  server = await fake.listen()
  clients = []
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', server.endpoint)
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'nobody')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'nothing')
})

afterEach(async () => {
  for (const client of clients) client.destroy()
  await server.close()
  vi.unstubAllEnvs()
})

describe('what is not found is told with the Region that was asked', () => {
  it.each<[string, () => SecretCache]>([
    ['a client of its own', () => new SecretCache({ region: fake.region })],
    ["a caller's client", () => new SecretCache({ client: clientOf() })],
    ['liteSource', () => new SecretCache({ source: liteSource({ region: fake.region }) })],
    ['failoverSource', () => new SecretCache({ source: failoverSource([clientOf()]) })],
  ])('by %s', async (_, makeCache) => {
    const cache = makeCache()
    const error = await rejectionOf(cache.getSecretString('prod/db'))
    expect(error).toMatchObject({ code: 'ERR_SECRET_NOT_FOUND', hint: expect.stringContaining(asked) })
    expect(error.message).toContain(asked)
    await cache.close()
  })

  it.each<[string, () => SecretCache]>([
    ['a client of its own', () => new SecretCache({ region: fake.region })],
    ['liteSource', () => new SecretCache({ source: liteSource({ region: fake.region }) })],
  ])('in a report of a warm-up, too: by %s', async (_, makeCache) => {
    const cache = makeCache()
    const report = await cache.warmup(['a', 'b', 'c', 'd', 'e'])
    expect(fake.count('GetSecretValue')).toBe(0)
    for (const result of report) expect(result).toMatchObject({ error: { message: expect.stringContaining(asked) } })
    await cache.close()
  })
})

it.each<[string, () => unknown]>([
  ['a source that knows no Regions', () => Object.assign(new Error('m'), { name: 'ResourceNotFoundException' })],
  ['what cannot be noted on', () => Object.freeze(Object.assign(new Error('m'), { name: 'ResourceNotFoundException' }))],
])('without a word of it for %s', async (_, make) => {
  const source: SecretSource = { get: () => Promise.reject(make()) }
  const { hint } = await rejectionOf(new SecretCache({ source }).getSecretString('prod/db'))
  expect(hint).toMatch(/^Is it in this account and Region\?/)
})

it("a caller's client without a configuration is none that knows its Region", async () => {
  const send = (): Promise<never> => Promise.reject(Object.assign(new Error('m'), { name: 'ResourceNotFoundException' }))
  const { hint } = await rejectionOf(new SecretCache({ client: { send } }).getSecretString('prod/db'))
  expect(hint).toMatch(/^Is it in this account and Region\?/)
})

describe("what a caller's client throws keeps its meaning", () => {
  function cacheOver(thrown: unknown): SecretCache {
    return new SecretCache({ client: { send: () => Promise.reject(thrown) } })
  }

  const missing = (): Error => Object.assign(new Error('m'), { name: 'ResourceNotFoundException' })

  it('though it is frozen', async () => {
    const error = await rejectionOf(cacheOver(Object.freeze(missing())).getSecretString('prod/db'))
    expect(error).toMatchObject({ code: 'ERR_SECRET_NOT_FOUND', cause: { name: 'ResourceNotFoundException' } })
  })

  it('though it is no error', async () => {
    const error = await rejectionOf(cacheOver('no error').getSecretString('prod/db'))
    expect(error).toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE', cause: { name: 'Error' } })
  })

  it('though it is the same error each time', async () => {
    const cache = cacheOver(missing())
    for (const secretId of ['prod/db', 'prod/key'])
      expect(await rejectionOf(cache.getSecretString(secretId))).toMatchObject({ code: 'ERR_SECRET_NOT_FOUND', secretId })
  })
})
