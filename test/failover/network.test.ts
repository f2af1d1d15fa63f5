import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { failoverSource } from '../../src/failover/index.js'
import { SecretCache } from '../../src/index.js'
import { FakeSecretsManager, type FakeServer, ManualClock } from '../../src/testing/index.js'
import { type CuttableProxy, startProxy } from '../support/cuttable-proxy.js'
import { everythingVisibleIn } from '../support/doors.js'

const id = 'prod/db'
const planted = 'planted-c4a9'

let clock: ManualClock
let fakes: FakeSecretsManager[]
let servers: FakeServer[]
let way: CuttableProxy
let clients: SecretsManagerClient[]
let cache: SecretCache

beforeEach(async () => {
  clock = new ManualClock()
  fakes = ['eu-west-1', 'eu-central-1'].map(region => new FakeSecretsManager({ region, clock, secrets: { [id]: planted } }))
  servers = await Promise.all(fakes.map(fake => fake.listen()))
  way = await startProxy(servers[0]?.endpoint ?? '')
  const endpoints = [way.endpoint, servers[1]?.endpoint ?? '']
  const credentials = { accessKeyId: 'nobody', secretAccessKey: 'nothing' }
  clients = fakes.map(({ region }, index) => {
    return new SecretsManagerClient({ region, credentials, endpoint: endpoints[index] ?? '', maxAttempts: 1 })
  })
  cache = new SecretCache({ source: failoverSource(clients, { clock }), clock, ttlMs: 0 })
})

afterEach(async () => {
  await cache.close()
  for (const client of clients) client.destroy()
  await way.close()
  for (const server of servers) await server.close()
})

/** How often each Region was asked since this was last called. */
function counts(): number[] {
  const asked = fakes.map(fake => fake.count())
  for (const fake of fakes) fake.resetCalls()
  return asked
}

describe('over HTTP, by clients of the SDK', () => {
  it('the replica answers while the way to the primary is cut, and the primary once it is restored', async () => {
    await cache.getSecretString(id)
    expect(counts()).toEqual([1, 0])
    way.cut()
    for (const _ of [1, 2, 3]) expect(await cache.getSecretString(id)).toBe(planted)
    expect(counts()).toEqual([0, 3])
    way.restore()
    for (const _ of [1, 2, 3, 4]) expect(await cache.getSecretString(id)).toBe(planted)
    expect(counts()).toEqual([4, 2])
  })

  it('the replica answers when the primary swallows everything, within the load', async () => {
    way.swallow()
    const reading = cache.getSecretString(id)
    await vi.waitFor(() => expect(way.held).toBe(1))
    await clock.advance(2_000)
    expect(await reading).toBe(planted)
    expect(counts()).toEqual([0, 1])
  })

  it('an answer that cannot be read is a failure of its Region, and shows nothing', async () => {
    const told: unknown[] = []
    cache.on('error', event => told.push(event))
    fakes[0]?.inject({ answer: 'truncated' })
    expect(await cache.getSecretString(id)).toBe(planted)
    fakes[1]?.inject({ answer: 'echo' })
    cache.invalidate(id)
    const error = await cache.refreshNow(id).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE' })
    expect(everythingVisibleIn([error, told])).not.toContain(planted)
  })
})
