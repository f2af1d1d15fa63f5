import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { SecretsManagerClient, type SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSecret, putSecretValue, rotateNow } from '../../src/admin/index.js'
import { SecretCache, type SecretCacheOptions } from '../../src/index.js'
import { FakeSecretsManager, type FakeServer, ManualClock } from '../../src/testing/index.js'
import { rejectionOf } from '../support/rejection.js'
import { untilSettled } from '../support/until-settled.js'

const id = 'prod/key'
const mayBeDone = expect.stringContaining('may have been carried out')
const neverSent = expect.stringContaining('never sent')

let fake: FakeSecretsManager
let server: FakeServer
let closes: (() => unknown)[]

beforeEach(async () => {
  fake = new FakeSecretsManager({ secrets: { [id]: 'one' } })
  server = await fake.listen()
  closes = [() => server.close()]
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', server.endpoint)
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'nobody')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'nothing')
})

afterEach(async () => {
  for (const close of closes.reverse()) await close()
  vi.unstubAllEnvs()
})

function newCache(options: SecretCacheOptions): SecretCache {
  const cache = new SecretCache(options)
  closes.push(() => cache.close())
  return cache
}

function newClient(config: SecretsManagerClientConfig = {}): SecretsManagerClient {
  const client = new SecretsManagerClient({ region: fake.region, ...config })
  closes.push(() => client.destroy())
  return client
}

/** A client of the SDK, with its three attempts, each of which ends as it is told here. */
function clientThatGets(...outcomes: (Error | number)[]): SecretsManagerClient {
  const bodies: Record<number, string> = { 400: 'AccessDeniedException', 500: 'InternalServiceError' }
  return newClient({
    requestHandler: {
      async handle() {
        const outcome = outcomes.shift() ?? 500
        if (outcome instanceof Error) throw outcome
        const body = Readable.from([JSON.stringify({ __type: bodies[outcome], message: 'It failed.' })], { objectMode: false })
        return { response: { statusCode: outcome, headers: {}, body } as never }
      },
    },
  })
}

/** A service whose connections are closed after each answer, so that none is left to be reset. */
async function startService(): Promise<{ close(): Promise<void> }> {
  const { ARN, Name, VersionId, VersionStages, SecretString } = fake.perform('GetSecretValue', { SecretId: id })
  const service = createServer((_, response) => {
    response.setHeader('connection', 'close').end(JSON.stringify({ ARN, Name, VersionId, VersionStages, SecretString }))
  })
  await new Promise<void>(resolve => service.listen(0, '127.0.0.1', resolve))
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', `http://127.0.0.1:${(service.address() as AddressInfo).port}`)
  return { close: () => new Promise(resolve => service.close(() => resolve())) }
}

const reset = (): Error => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
const refused = (): Error =>
  Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9'), { code: 'ECONNREFUSED', syscall: 'connect' })
const unresolved = (): Error =>
  Object.assign(new Error('getaddrinfo ENOTFOUND nowhere'), { code: 'ENOTFOUND', syscall: 'getaddrinfo' })
const untrusted = (): Error => Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
const unconnected = (): Error =>
  Object.assign(
    new Error('The request socket did not establish a connection with the server within the configured timeout of 5 ms.'),
    { name: 'TimeoutError' },
  )

describe('a write that was never sent says so, and leaves the cache as it is', () => {
  it('where the connection is refused to a client of the caller, which has had answers before', async () => {
    const service = await startService()
    const cache = newCache({ client: newClient() })
    expect(await cache.getSecretString(id)).toBe('one')
    await service.close()
    const error = await rejectionOf(putSecretValue(cache, id, 'two'))
    expect(error).toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE', hint: neverSent, cause: { code: 'ECONNREFUSED' } })
    expect([await cache.getSecretString(id), cache.stats().loads]).toEqual(['one', 1])
  })

  it('where it is refused for ten seconds to the client that the cache made, which has had answers before', async () => {
    const service = await startService()
    const clock = new ManualClock()
    const cache = newCache({ region: fake.region, clock })
    expect(await cache.getSecretString(id)).toBe('one')
    await service.close()
    const error = await untilSettled(clock, rejectionOf(putSecretValue(cache, id, 'two')))
    expect(error.hint).toEqual(neverSent)
    expect([await cache.getSecretString(id), cache.stats().loads]).toEqual(['one', 1])
  })

  it.each([
    ['the connection is refused at every attempt', refused],
    ['the endpoint does not resolve', unresolved],
    ['the certificate of the endpoint is not trusted', untrusted],
    ['no connection comes about in time', unconnected],
    ['all addresses refuse it', () => Object.assign(new AggregateError([refused(), refused()]), { code: 'ECONNREFUSED' })],
  ])('where %s', async (_, failure) => {
    const cache = newCache({ region: fake.region })
    await cache.getSecretString(id)
    const client = clientThatGets(failure(), failure(), failure())
    expect((await rejectionOf(putSecretValue(cache, id, 'two', { client }))).hint).toEqual(neverSent)
    expect([await cache.getSecretString(id), cache.stats().loads]).toEqual(['one', 1])
  })

  it.each([
    ['are none', () => Promise.reject(Object.assign(new Error('No keys.'), { name: 'CredentialsProviderError' }))],
    ['do not come in time', () => new Promise<never>(() => {})],
  ])('where the credentials %s', async (_, credentials) => {
    const clock = new ManualClock()
    const cache = newCache({ region: fake.region, clock })
    await cache.getSecretString(id)
    const failed = rejectionOf(putSecretValue(cache, id, 'two', { client: newClient({ credentials }) }))
    expect((await untilSettled(clock, failed)).hint).toEqual(neverSent)
    expect([await cache.getSecretString(id), cache.stats().loads]).toEqual(['one', 1])
  })

  it('and so does one by a client that is none of the SDK', async () => {
    const cache = newCache({ client: fake.client() })
    const client = { send: () => Promise.reject(refused()) }
    for (const write of [putSecretValue(cache, id, 'two', { client }), createSecret(cache, 'new', 'one', { client })])
      expect((await rejectionOf(write)).hint).toEqual(neverSent)
  })

  it('also a rotation', async () => {
    const cache = newCache({ client: fake.client() })
    const error = await rejectionOf(rotateNow(cache, id, { client: clientThatGets(refused(), refused(), refused()) }))
    expect(error.hint).toEqual(neverSent)
  })
})

describe('a write that may have been done says so, and has the next read ask the service', () => {
  it.each([
    ['a first attempt was lost, and the connection refused after it', [reset(), refused(), refused()], 'ERR_SECRET_CONFIG'],
    ['a first attempt failed, and the second was denied', [500, 400], 'ERR_SECRET_ACCESS_DENIED'],
    ['every attempt failed', [500, 500, 500], 'ERR_SECRET_UNAVAILABLE'],
  ])('where %s', async (_, outcomes, code) => {
    const cache = newCache({ region: fake.region })
    await cache.getSecretString(id)
    const client = clientThatGets(...outcomes)
    expect(await rejectionOf(putSecretValue(cache, id, 'two', { client }))).toMatchObject({ code, hint: mayBeDone })
    fake.put(id, 'written by the lost call')
    expect(await cache.getSecretString(id)).toBe('written by the lost call')
  })

  it('where a client that is none of the SDK has made several attempts, the last of which was refused a connection', async () => {
    const cache = newCache({ client: fake.client() })
    const client = { send: () => Promise.reject(Object.assign(refused(), { $metadata: { attempts: 2 } })) }
    expect((await rejectionOf(putSecretValue(cache, id, 'two', { client }))).hint).toEqual(mayBeDone)
  })

  it('where it is a rotation, which may have begun', async () => {
    const cache = newCache({ client: fake.client() })
    const error = await rejectionOf(rotateNow(cache, id, { client: clientThatGets(reset(), refused(), refused()) }))
    expect(error.hint).toContain('may have started')
  })
})

it('a write that was denied was sent, and is neither', async () => {
  const cache = newCache({ region: fake.region })
  const error = await rejectionOf(putSecretValue(cache, id, 'two', { client: clientThatGets(400) }))
  expect(error.hint).toMatch(/^The role needs secretsmanager:PutSecretValue/)
})
