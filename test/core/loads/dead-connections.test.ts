import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { failoverSource } from '../../../src/failover/index.js'
import { SecretCache } from '../../../src/index.js'
import { liteSource } from '../../../src/lite/index.js'
import type { FakeServer } from '../../../src/testing/index.js'
import { type CuttableProxy, startProxy } from '../../support/cuttable-proxy.js'
import { clock, fake, useFake } from '../../support/fake-cache.js'

const ids = ['prod/a', 'prod/b', 'prod/c']
const options = { ttlMs: 60_000, ttlJitter: 0, staleWhileRevalidateMs: 0 }

let server: FakeServer
let way: CuttableProxy
let clients: SecretsManagerClient[]

/** Caches whose connections are kept open by us, or by clients of the SDK. */
const caches: [string, () => SecretCache][] = [
  ['a client of its own', () => new SecretCache({ region: fake.region, clock, ...options })],
  [
    'liteSource',
    () => new SecretCache({ source: liteSource({ region: fake.region, endpoint: way.endpoint }), clock, ...options }),
  ],
  [
    'failoverSource',
    () => {
      clients = [fake.region, 'eu-central-1'].map(region => new SecretsManagerClient({ region, maxAttempts: 1 }))
      return new SecretCache({ source: failoverSource(clients, { clock }), clock, ...options })
    },
  ],
]

useFake(Object.fromEntries(ids.map(id => [id, 'one'])))

beforeEach(async () => {
  server = await fake.listen()
  way = await startProxy(server.endpoint)
  clients = []
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', way.endpoint)
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'nobody')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'nothing')
})

afterEach(async () => {
  for (const client of clients) client.destroy()
  await way.close()
  await server.close()
  vi.unstubAllEnvs()
})

describe('after a pause in which the peer has forgotten every idle connection', () => {
  it.each(caches)('the first reads are of the versions that are current: by %s', async (_, makeCache) => {
    const cache = makeCache()
    await Promise.all(ids.map(id => cache.getSecretString(id)))
    expect(way.open).toBe(ids.length)
    way.forget()
    for (const id of ids) fake.rotate(id, 'two')
    await clock.advance(3_600_000)
    for (const id of ids) expect(await cache.getSecretString(id)).toBe('two')
    expect(cache.stats()).toMatchObject({ failures: 0, staleServed: 0 })
    expect(fake.count()).toBe(2 * ids.length)
    await cache.close()
  })

  it.each(caches)('so are those that come at the same time: by %s', async (_, makeCache) => {
    const cache = makeCache()
    await Promise.all(ids.map(id => cache.getSecretString(id)))
    way.forget()
    for (const id of ids) fake.rotate(id, 'two')
    await clock.advance(3_600_000)
    expect(await Promise.all(ids.map(id => cache.getSecretString(id)))).toEqual(['two', 'two', 'two'])
    expect(cache.stats()).toMatchObject({ failures: 0, staleServed: 0 })
    await cache.close()
  })
})

it('a batch that is reset is read singly, on new connections', async () => {
  const names = ['a', 'b', 'c', 'd', 'e']
  for (const name of names) fake.create(name, name)
  const cache = new SecretCache({ region: fake.region, clock })
  await Promise.all(ids.map(id => cache.getSecretString(id)))
  way.forget()
  const report = await cache.warmup(names)
  expect(report.map(({ outcome }) => outcome)).toEqual(names.map(() => 'loaded'))
  expect(cache.stats().failures).toBe(0)
  await cache.close()
})

it('a client that shows nothing of its connections is asked again all the same', async () => {
  const reset = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
  const answer = fake.source().get({ secretId: 'prod/a', versionStage: 'AWSCURRENT' }, { signal: new AbortController().signal })
  const { arn, name, versionId, versionStages } = await answer
  const outputs = [reset, { ARN: arn, Name: name, VersionId: versionId, VersionStages: versionStages, SecretString: 'one' }]
  const send = async (): Promise<unknown> => {
    const output = outputs.shift()
    if (output instanceof Error) throw output
    return output
  }
  const cache = new SecretCache({ source: failoverSource([{ send }], { clock }), clock })
  expect(await cache.getSecretString('prod/a')).toBe('one')
})
