import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { createApp as createExpressApp } from '../../examples/webhook-express/app.js'
import { createApp as createFastifyApp } from '../../examples/webhook-fastify/app.js'
import { SecretCache } from '../../src/index.js'
import type { SnsHandlerOptions } from '../../src/sns/index.js'
import { FakeSecretsManager, ManualClock } from '../../src/testing/index.js'
import { certificate, notification, publishedAt, signed, topicArn } from '../support/signed-messages.js'

type Start = (secrets: SecretCache, options: SnsHandlerOptions) => Promise<string>

const startExpress: Start = async (secrets, options) => {
  const server = createServer(createExpressApp(secrets, options))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const startFastify: Start = async (secrets, options) => {
  const app = createFastifyApp(secrets, options)
  onTestFinished(() => app.close())
  return app.listen({ port: 0, host: '127.0.0.1' })
}

it.each([
  ['Express', startExpress],
  ['Fastify', startFastify],
])('the example with %s answers with the new secret as soon as a signed message has told of it', async (_, start) => {
  const clock = new ManualClock(publishedAt)
  const fake = new FakeSecretsManager({ secrets: { 'prod/api-key': 'old' }, clock })
  await using secrets = new SecretCache({ client: fake.client(), clock })
  const url = await start(secrets, { topicArns: [topicArn], clock, fetchCertificate: async () => certificate })
  const length = async (): Promise<number> => ((await (await fetch(`${url}/key-length`)).json()) as { length: number }).length
  expect(await length()).toBe(3)

  const event = fake.rotate('prod/api-key', 'much newer')
  expect(await length()).toBe(3)
  const body = JSON.stringify(signed(notification(JSON.stringify(event))))
  const headers = { 'content-type': 'text/plain; charset=UTF-8', 'x-amz-sns-message-type': 'Notification' }
  expect((await fetch(`${url}/sns`, { method: 'POST', headers, body })).status).toBe(200)
  await expect.poll(length).toBe(10)
})
