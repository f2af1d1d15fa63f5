import { expect, it, onTestFinished } from 'vitest'
import { FakeSecretsManager } from '../../src/testing/index.js'
import { serveToExample } from '../support/example-world.js'

it('the example with Fastify has one cache and one pool, and closes both with the server', async () => {
  const fake = new FakeSecretsManager({ secrets: { 'prod/db': { username: 'app', password: 'one', host: 'localhost' } } })
  await serveToExample(fake)
  const { app } = await import('../../examples/fastify/app.js')
  await app.ready()
  expect(fake.count('GetSecretValue')).toBe(1)
  const { versionId } = await app.secrets.getSecret('prod/db')
  expect((await app.inject('/version')).json()).toEqual({ versionId })
  await app.secrets.handleRotationEvent(fake.rotate('prod/db'))
  expect((await app.inject('/version')).json()).not.toEqual({ versionId })
  await app.close()
  expect(app.database.ended).toBe(true)
  await expect(app.secrets.getSecret('prod/db')).rejects.toMatchObject({ code: 'ERR_SECRET_CACHE_CLOSED' })
})

it('the example with Hono hands the current key to each request', async () => {
  const fake = new FakeSecretsManager({ secrets: { 'prod/api-key': 'one' } })
  await serveToExample(fake)
  const { app, secrets } = await import('../../examples/hono/app.js')
  onTestFinished(() => secrets.close())
  const read = async (): Promise<unknown> => (await app.request('/key-length')).json()
  expect(await read()).toEqual({ length: 3 })
  await secrets.handleRotationEvent(fake.rotate('prod/api-key', 'three'))
  expect(await read()).toEqual({ length: 5 })
  expect(fake.count('GetSecretValue')).toBe(2)
})
