import { expect, it, onTestFinished, vi } from 'vitest'
import { FakeSecretsManager } from '../../src/testing/index.js'

it('the example reads its secret in the init phase and heeds a rotation event, by a client of its own', async () => {
  const fake = new FakeSecretsManager({ secrets: { 'prod/db': { username: 'app', password: 'one', host: 'db' } } })
  const server = await fake.listen()
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  onTestFinished(async () => {
    log.mockRestore()
    vi.unstubAllEnvs()
    await server.close()
  })
  vi.stubEnv('AWS_REGION', fake.region)
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', server.endpoint)
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'nobody')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'nothing')
  const { handler } = await import('../../examples/lambda-function/index.js')
  await vi.waitFor(() => expect(fake.count()).toBe(1))
  expect(await handler({})).toEqual({ statusCode: 200, body: 'Would log in to db as app.' })

  const event = fake.rotate('prod/db', { username: 'app_clone', password: 'two', host: 'db' })
  expect(await handler(event)).toEqual({ batchItemFailures: [] })
  expect(await handler({})).toMatchObject({ body: 'Would log in to db as app_clone.' })
  expect(log.mock.calls).toEqual([[`prod/db is now ${event.detail.versionId}`]])
  expect(fake.count()).toBe(2)
})
