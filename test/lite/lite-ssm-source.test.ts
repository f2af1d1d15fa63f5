import { expect, it, onTestFinished } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { liteSource, liteSsmSource } from '../../src/lite/index.js'
import { routedSource } from '../../src/ssm/index.js'
import { FakeParameterStore, FakeSecretsManager } from '../../src/testing/index.js'
import { rejectionOf } from '../support/rejection.js'
import { withEnv } from './support.js'

withEnv()

async function served() {
  const parameters = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`/app/p${n}`, `value ${n}`]))
  const store = new FakeParameterStore({ parameters })
  const server = await store.listen()
  const source = liteSsmSource({ region: store.region, endpoint: server.endpoint })
  const cache = new SecretCache({ source })
  onTestFinished(async () => {
    await cache.close()
    await server.close()
  })
  return { cache, source, store }
}

it('parameters are read decrypted, by version and by label, with their dates', async () => {
  const { cache, store } = await served()
  store.put('/app/p0', 'new')
  store.label('/app/p0', ['blue'], { version: 1 })
  const secret = await cache.getSecret('/app/p0')
  expect([secret.text(), secret.versionId, secret.name, Number(secret.createdDate) > 0]).toEqual(['new', '2', '/app/p0', true])
  expect(await cache.getSecretString('/app/p0', { versionStage: 'blue' })).toBe('value 0')
  expect(await cache.getSecretString('/app/p0', { versionStage: 'AWSPREVIOUS' })).toBe('value 0')
})

it('a warm-up reads ten with a call', async () => {
  const { cache, store } = await served()
  const report = await cache.warmup(Array.from({ length: 20 }, (_, n) => `/app/p${n}`))
  expect([new Set(report.map(({ outcome }) => outcome)), store.calls.map(({ operation }) => operation)]).toEqual([
    new Set(['loaded']),
    ['GetParameters', 'GetParameters'],
  ])
})

it.each([
  ['/app/missing', 'ERR_SECRET_NOT_FOUND'],
  ['arn:aws:ssm:us-east-1:123456789012:parameter/app/p0', 'ERR_SECRET_REQUEST'],
])('%s is %s', async (secretId, code) => {
  const { cache } = await served()
  expect(await rejectionOf(cache.getSecretString(secretId))).toMatchObject({ code })
})

it('a denial has the hint for parameters', async () => {
  const { cache, store } = await served()
  store.inject({ error: 'AccessDeniedException', message: 'not authorized to perform: ssm:GetParameter' })
  expect(await rejectionOf(cache.getSecretString('/app/p0'))).toMatchObject({
    code: 'ERR_SECRET_ACCESS_DENIED',
    hint: expect.stringContaining('ssm:GetParameter'),
  })
})

it('joins with liteSource in one cache', async () => {
  const { source } = await served()
  const fake = new FakeSecretsManager({ secrets: { 'prod/db': 'a secret' } })
  const server = await fake.listen()
  const secrets = liteSource({ region: fake.region, endpoint: server.endpoint })
  const cache = new SecretCache({ source: routedSource({ secrets, parameters: source }) })
  expect([await cache.getSecretString('prod/db'), await cache.getSecretString('/app/p1')]).toEqual(['a secret', 'value 1'])
  await cache.close()
  await server.close()
})

it('options are checked', () => {
  expect(() => liteSsmSource({ regoin: 'x' } as never)).toThrow(
    'Unknown option "regoin" of liteSsmSource. Did you mean "region"?',
  )
})
