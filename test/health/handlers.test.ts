import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import fastify from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { createHealth, type Health } from '../../src/health/index.js'
import { SecretCache } from '../../src/index.js'
import { FakeSecretsManager } from '../../src/testing/index.js'

function world(): { fake: FakeSecretsManager; health: Health } {
  const fake = new FakeSecretsManager({ secrets: { 'prod/db': 'pl4nted' } })
  const cache = new SecretCache({ client: fake.client(), loadTimeoutMs: 100 })
  onTestFinished(() => cache.close())
  return { fake, health: createHealth({ caches: { main: cache }, required: ['prod/db'] }) }
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>(resolve => void server.close(() => resolve())))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const servers: Record<string, (health: Health) => Promise<(path: string, init?: RequestInit) => Promise<Response>>> = {
  async Node(health) {
    const url = await listening(createServer(health.handler))
    return (path, init) => fetch(url + path, { ...init, headers: { connection: 'close' } })
  },
  async Express(health) {
    const app = express()
    app.use('/internal', health.handler)
    app.use((_, response) => void response.status(404).json({ reason: 'another handler' }))
    const url = await listening(createServer(app))
    return (path, init) => fetch(`${url}/internal${path}`, { ...init, headers: { connection: 'close' } })
  },
  async Fastify(health) {
    const app = fastify()
    app.all('/*', (request, reply) => {
      reply.hijack()
      return health.handler(request.raw, reply.raw)
    })
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    onTestFinished(() => app.close())
    return (path, init) => fetch(url + path, { ...init, headers: { connection: 'close' } })
  },
  async 'the web standard'(health) {
    return (path, init) => health.fetch(new Request(`http://localhost${path}`, init))
  },
}

test.each(Object.entries(servers))('%s responds to probes', async (_, serve) => {
  const { fake, health } = world()
  fake.inject({ error: 'AccessDenied' })
  const ask = await serve(health)

  const live = await ask('/livez')
  expect([live.status, live.headers.get('cache-control'), await live.json()]).toEqual([200, 'no-store', { verdict: 'ok' }])
  expect(fake.count('GetSecretValue')).toBe(0)

  const denied = await ask('/readyz?verbose')
  expect([denied.status, denied.headers.get('content-type')]).toEqual([503, 'application/json; charset=utf-8'])
  expect(await denied.json()).toMatchObject({ verdict: 'failing', secrets: { 'prod/db': { state: 'gone' } } })

  expect((await ask('/livez', { method: 'HEAD' })).status).toBe(200)
  expect((await ask('/livez', { method: 'POST' })).status).toBe(405)
  expect((await ask('/metrics')).status).toBe(404)
})

test.each(Object.entries(servers))('%s is ready once the secret can be read', async (_, serve) => {
  const { health } = world()
  const ask = await serve(health)
  const ready = await ask('/readyz')
  expect(ready.status).toBe(200)
  const body = await ready.text()
  expect(JSON.parse(body)).toMatchObject({ verdict: 'ok', secrets: { 'prod/db': { state: 'fresh' } } })
  expect(body).not.toContain('pl4nted')
})

test('what is no probe goes on to the next handler of Express', async () => {
  const { health } = world()
  const ask = await (servers.Express as (typeof servers)[string])(health)
  expect(await (await ask('/metrics')).json()).toEqual({ reason: 'another handler' })
})
