import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { FakeSecretsManager } from '../../src/testing/index.js'
import { serveToExample } from '../support/example-world.js'

it('the example of an API makes refused calls again with the newer key, which is read once', async () => {
  let key = 'one'
  const api = createServer((request, response) => {
    response.writeHead(request.headers.authorization === `Bearer ${key}` ? 200 : 401).end('[]')
  }).listen(0, '127.0.0.1')
  await once(api, 'listening')
  onTestFinished(() => void api.close())
  const fake = new FakeSecretsManager({ secrets: { key } })
  await serveToExample(fake, { SECRET_ID: 'key', API_URL: `http://127.0.0.1:${(api.address() as AddressInfo).port}` })
  const { listInvoices, secrets } = await import('../../examples/api-client/index.js')
  onTestFinished(() => secrets.close())

  expect(await listInvoices()).toEqual([])
  key = 'two'
  fake.rotate('key', key)
  expect(await Promise.all(Array.from({ length: 20 }, listInvoices))).toEqual(Array(20).fill([]))
  expect(fake.count('GetSecretValue')).toBe(2)
  key = 'three'
  await expect(listInvoices()).rejects.toThrow('The API answers 401.')
})
