import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { FakeSecretsManager, type FakeServer } from '../../src/testing/index.js'

const id = 'prod/key'

let fake: FakeSecretsManager
let server: FakeServer
let cache: SecretCache

/** The client that the cache makes finds its service as any client of the SDK does: by the environment. */
function pointSdkAt(endpoint: string): void {
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', endpoint)
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'nobody')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'nothing')
}

beforeEach(async () => {
  fake = new FakeSecretsManager({ secrets: { [id]: 'one' } })
  server = await fake.listen()
  pointSdkAt(server.endpoint)
  cache = new SecretCache({ region: fake.region, backoff: { initialMs: 5 } })
})

afterEach(async () => {
  await cache.close()
  await server.close()
  vi.unstubAllEnvs()
})

it('reads by one call', async () => {
  expect(await cache.getSecretString(id)).toBe('one')
  expect(fake.count()).toBe(1)
})

it.each(['ThrottlingException', 'InternalServiceError'])(
  'tries again after %s, within one load, while there is nothing to serve',
  async error => {
    fake.inject({ error, times: 3 })
    expect(await cache.getSecretString(id)).toBe('one')
    expect(fake.count()).toBe(4)
    expect(cache.stats()).toMatchObject({ loads: 1, failures: 0 })
  },
)

it.each(['AccessDeniedException', 'InvalidParameterException'])('does not try again after %s', async error => {
  fake.inject({ error, times: 1 })
  await expect(cache.getSecretString(id)).rejects.toMatchObject({ cause: { name: error } })
  expect(fake.count()).toBe(1)
})

it('tries again for refreshNow, but not behind a value that can be served', async () => {
  await cache.getSecretString(id)
  fake.inject({ error: 'InternalServiceError', times: 2 })
  fake.rotate(id, 'two')
  expect((await cache.refreshNow(id)).text()).toBe('two')
  fake.resetCalls()
  fake.inject({ error: 'InternalServiceError' })
  cache.invalidate(id)
  expect(await cache.getSecretString(id)).toBe('two')
  expect(fake.count()).toBe(1)
})

it('ends its attempts before the deadline', async () => {
  const hasty = new SecretCache({ region: fake.region, loadTimeoutMs: 2_000, backoff: { initialMs: 800 } })
  fake.inject({ error: 'InternalServiceError' })
  await expect(hasty.getSecretString(id)).rejects.toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE' })
  expect(fake.count()).toBeLessThanOrEqual(4)
  await hasty.close()
})

it('sends a request again at once if the idle connection it went out on was closed', async () => {
  await cache.getSecretString(id)
  fake.inject({ answer: 'reset', times: 1 })
  fake.rotate(id, 'two')
  cache.invalidate(id)
  expect(await cache.getSecretString(id)).toBe('two')
  expect(cache.stats()).toMatchObject({ failures: 0, staleServed: 0 })
})

it.each([undefined, ''])('says what is wrong if no Region is known (AWS_REGION is %j), in one load', async region => {
  vi.stubEnv('AWS_REGION', region)
  vi.stubEnv('AWS_DEFAULT_REGION', undefined)
  vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent')
  const lost = new SecretCache()
  await expect(lost.getSecretString(id)).rejects.toMatchObject({
    code: 'ERR_SECRET_CONFIG',
    hint: expect.stringContaining('AWS_REGION'),
  })
  await expect(lost.getSecretString(id)).rejects.toThrow()
  expect(lost.stats().loads).toBe(1)
  await lost.close()
})

it('takes an endpoint where nobody listens for a mistake in the configuration', async () => {
  const closed = createServer()
  await new Promise<void>(resolve => closed.listen(0, '127.0.0.1', resolve))
  const { port } = closed.address() as AddressInfo
  await new Promise(resolve => closed.close(resolve))
  pointSdkAt(`http://127.0.0.1:${port}`)
  const lonely = new SecretCache({ region: fake.region, backoff: { initialMs: 60_000 } })
  await expect(lonely.getSecretString(id)).rejects.toMatchObject({
    code: 'ERR_SECRET_CONFIG',
    cause: { code: 'ECONNREFUSED' },
  })
  await lonely.close()
})

it('ends at the deadline if the service accepts and never answers', async () => {
  const sockets = new Set<Socket>()
  const silent = createServer(() => undefined).on('connection', socket => sockets.add(socket))
  await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
  pointSdkAt(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`)
  const patient = new SecretCache({ region: fake.region, loadTimeoutMs: 200 })
  await expect(patient.getSecretString(id)).rejects.toMatchObject({ code: 'ERR_SECRET_TIMEOUT' })
  await patient.close()
  for (const socket of sockets) socket.destroy()
  await new Promise(resolve => silent.close(resolve))
})
