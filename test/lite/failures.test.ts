import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { liteSource } from '../../src/lite/index.js'
import { type BrokenAnswer, type FakeFault, FakeSecretsManager, type FakeServer, ManualClock } from '../../src/testing/index.js'
import { everythingVisibleIn } from '../support/doors.js'
import { rejectionOf } from '../support/rejection.js'
import { startScriptedServer } from '../support/scripted-server.js'
import { patient, setEnv, withEnv } from './support.js'

const id = 'prod/key'
const planted = 'planted-7d1f'
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' }

let fake: FakeSecretsManager
let server: FakeServer
let source: ReturnType<typeof liteSource>

withEnv()

beforeEach(async () => {
  fake = new FakeSecretsManager({ secrets: { [id]: planted } })
  server = await fake.listen()
  source = liteSource({ region: fake.region, endpoint: server.endpoint })
})

afterEach(async () => {
  await source.close()
  await server.close()
})

it('the date of a version is the one that the SDK gives', async () => {
  const sdk = new SecretsManagerClient({ endpoint: server.endpoint, region: fake.region, credentials })
  const { CreatedDate } = await sdk.send(new GetSecretValueCommand({ SecretId: id }))
  expect((await source.get({ secretId: id }, patient)).createdDate).toEqual(CreatedDate)
})

describe("the cache's error is the one that the SDK leads to", () => {
  const faults: [string, FakeFault][] = [
    ...['AccessDeniedException', 'DecryptionFailure', 'ResourceNotFoundException', 'InvalidParameterException'].map(
      (error): [string, FakeFault] => [error, { error }],
    ),
    ...['ThrottlingException', 'ExpiredTokenException', 'UnrecognizedClientException', 'InternalServiceError'].map(
      (error): [string, FakeFault] => [error, { error }],
    ),
    ['InvalidRequestException', { error: 'InvalidRequestException', message: 'it was marked for deletion.' }],
    ['HTTP 429', { error: 'SomethingNew', status: 429 }],
    ['HTTP 403', { error: 'SomethingNew', status: 403 }],
    ['HTTP 502', { error: 'Gateway', message: '', status: 502 }],
  ]

  it.each(faults)('for %s', async (_, fault) => {
    const clock = new ManualClock()
    const sdk = new SecretsManagerClient({ endpoint: server.endpoint, region: fake.region, credentials, maxAttempts: 1 })
    fake.inject(fault)
    const bySdk = await rejectionOf(new SecretCache({ client: sdk, clock }).getSecretString(id))
    // Without `singleAttempt`, as a source whose attempts the cache does not repeat.
    const byLite = await rejectionOf(new SecretCache({ source: { get: source.get }, clock }).getSecretString(id))
    sdk.destroy()
    const comparable = ({ code, message, hint, cause }: typeof bySdk): object => {
      const { name, status, code: systemCode } = cause as Record<string, unknown>
      return { code, message, hint, name, status, systemCode }
    }
    expect(comparable(byLite)).toEqual(comparable(bySdk))
  })
})

it.each<[string, (answer: string) => { headers?: Record<string, string>; body: string }]>([
  ['__type', type => ({ body: JSON.stringify({ __type: type, Message: 'm' }) })],
  ['code', type => ({ body: JSON.stringify({ code: type, message: 'm' }) })],
  ['the header', type => ({ headers: { 'x-amzn-errortype': type }, body: '{"message":"m"}' })],
  ['a namespace', type => ({ body: JSON.stringify({ __type: `com.amazonaws.secretsmanager#${type}`, message: 'm' }) })],
  ['a URL behind it', type => ({ headers: { 'x-amzn-errortype': `${type}:http://x/` }, body: '{"message":"m"}' })],
])('an exception is known by %s', async (_, make) => {
  const { headers, body } = make('DecryptionFailure')
  const requestId = '11111111-1111-4111-8111-111111111111'
  const scripted = await startScriptedServer((__, response) => {
    response.writeHead(400, { 'x-amzn-requestid': requestId, ...headers }).end(body)
  })
  await expect(liteSource({ region: 'x', endpoint: scripted.url }).get({ secretId: id }, patient)).rejects.toMatchObject({
    name: 'DecryptionFailure',
    message: 'm',
    $metadata: { httpStatusCode: 400, requestId },
  })
  await scripted.close()
})

it('a request that the service quotes with its session token shows up in no error: of the source, or of the cache by it or by the SDK', async () => {
  const told = 'The request signature we calculated does not match the signature you provided.'
  const quoting = await startScriptedServer(({ headers }, response) => {
    const quoted = Object.entries(headers).map(([name, value]) => `${name}:${value}`)
    const message = [told, '', 'The Canonical String for this request should have been', "'POST", '/', '', ...quoted].join('\n')
    response.writeHead(400).end(JSON.stringify({ __type: 'InvalidSignatureException', message }))
  })
  setEnv({ AWS_SESSION_TOKEN: planted })
  const lite = liteSource({ region: 'eu-west-1', endpoint: quoting.url })
  const sdk = new SecretsManagerClient({
    endpoint: quoting.url,
    region: 'eu-west-1',
    credentials: { ...credentials, sessionToken: planted },
    maxAttempts: 1,
  })
  const errors = [
    await rejectionOf(lite.get({ secretId: id }, patient)),
    await rejectionOf(new SecretCache({ source: { get: lite.get } }).getSecretString(id)),
    await rejectionOf(new SecretCache({ client: sdk, clock: new ManualClock() }).getSecretString(id)),
  ]
  sdk.destroy()
  await quoting.close()
  expect(quoting.received.map(({ headers }) => headers['x-amz-security-token'])).toEqual([planted, planted, planted])
  expect(everythingVisibleIn(errors)).not.toContain(planted)
  for (const { message } of errors) expect(message).toContain(told)
})

describe('an answer that cannot be used passes', () => {
  it.each<BrokenAnswer>(['cut', 'echo', 'empty', 'html', 'reset', 'truncated', 'wrong-types'])(
    'when it is broken by %s; the last known good is served, and the value shows up nowhere',
    async answer => {
      const clock = new ManualClock()
      const cache = new SecretCache({ source, clock, ttlMs: 1_000, ttlJitter: 0, staleWhileRevalidateMs: 0 })
      const told: unknown[] = []
      cache.on('error', event => told.push(event))
      await cache.getSecretString(id)
      await clock.advance(1_000)
      fake.inject({ answer, times: 2 })
      expect(await cache.getSecretString(id)).toBe(planted)
      expect(told).toMatchObject([{ error: { code: 'ERR_SECRET_UNAVAILABLE' } }])
      fake.inject({ answer })
      for (const call of [source.get({ secretId: id }, patient), source.getMany([id], patient)]) {
        await call.catch(error => told.push(error))
      }
      expect(everythingVisibleIn(told)).not.toContain(planted)
      await cache.close()
    },
  )

  it('when it never ends', async () => {
    const endless = await startScriptedServer((_, response) => {
      const more = (): void => {
        if (!response.destroyed) response.write('x'.repeat(1024 * 1024), more)
      }
      more()
    })
    const reading = liteSource({ region: 'x', endpoint: endless.url }).get({ secretId: id }, patient)
    await expect(reading).rejects.toMatchObject({ message: 'The response is too long.', $metadata: { httpStatusCode: 200 } })
    await endless.close()
  })

  it.each([
    ['as long as one may be is read', 16 * 1024 * 1024, { name: id }],
    ['longer by a byte is not', 16 * 1024 * 1024 + 1, { message: 'The response is too long.' }],
  ])('and one %s', async (_, bytes, outcome) => {
    const body = JSON.stringify({ Name: id, SecretString: planted }).padEnd(bytes)
    const long = await startScriptedServer((__, response) => response.end(body))
    const reading = liteSource({ region: 'x', endpoint: long.url }).get({ secretId: id }, patient)
    expect(await reading.catch((error: unknown) => error)).toMatchObject(outcome)
    await long.close()
  })

  it('when it switches to another protocol, and its connection is closed', async () => {
    let closed: Promise<unknown> | undefined
    const switching = await startScriptedServer((_, { socket }) => {
      closed = new Promise(resolve => socket?.once('close', resolve))
      socket?.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n')
    })
    const reading = liteSource({ region: 'x', endpoint: switching.url }).get({ secretId: id }, patient)
    await expect(reading).rejects.toMatchObject({ message: 'HTTP 101', $metadata: { httpStatusCode: 101 } })
    await closed
    await switching.close()
  })

  it.each([
    ['before it begins', () => {}],
    ['in the middle', (response: { write(text: string): unknown }) => response.write('{')],
  ])('when it does not come: its signal ends it %s', async (_, begin) => {
    let arrived = (): void => {}
    const arrival = new Promise<void>(resolve => {
      arrived = resolve
    })
    const hanging = await startScriptedServer((__, response) => {
      begin(response)
      arrived()
    })
    const leaving = new AbortController()
    const reading = liteSource({ region: 'x', endpoint: hanging.url }).get({ secretId: id }, leaving)
    await arrival
    leaving.abort()
    await expect(reading).rejects.toThrow()
    await hanging.close()
  })
})

describe('with a cache around it', () => {
  it('a first read is tried again as by a client of its own, in one load', async () => {
    fake.inject({ error: 'ThrottlingException', times: 2 })
    const cache = new SecretCache({ source, backoff: { initialMs: 1 } })
    expect(await cache.getSecretString(id)).toBe(planted)
    expect(fake.count()).toBe(3)
    expect(cache.stats()).toMatchObject({ loads: 1, failures: 0 })
  })

  it('a request that went out on a closed idle connection is sent again at once', async () => {
    const cache = new SecretCache({ source, clock: new ManualClock() })
    await cache.getSecretString(id)
    cache.invalidate(id)
    fake.inject({ answer: 'reset', times: 1 })
    await cache.getSecretString(id)
    expect(cache.stats().failures).toBe(0)
  })

  it('a Region that nobody named is said to be missing, soon', async () => {
    const cache = new SecretCache({ source: liteSource({ endpoint: server.endpoint }) })
    await expect(cache.getSecretString(id)).rejects.toMatchObject({
      code: 'ERR_SECRET_CONFIG',
      hint: expect.stringContaining('AWS_REGION'),
    })
    expect(cache.stats().loads).toBe(1)
  })

  it('credentials that are not there are said to be missing, with the way out', async () => {
    setEnv({ AWS_ACCESS_KEY_ID: undefined })
    const cache = new SecretCache({ source: { get: source.get } })
    await expect(cache.getSecretString(id)).rejects.toMatchObject({
      code: 'ERR_SECRET_CREDENTIALS',
      hint: expect.stringContaining('AWS SDK'),
    })
  })

  it('22 secrets are warmed by two batches', async () => {
    const names = Array.from({ length: 22 }, (_, n) => `s/${n}`)
    for (const name of names) fake.create(name, name)
    const report = await new SecretCache({ source }).warmup(names)
    expect(report.map(({ outcome }) => outcome)).toEqual(names.map(() => 'loaded'))
    expect([fake.count('BatchGetSecretValue'), fake.count('GetSecretValue')]).toEqual([2, 0])
  })
})
