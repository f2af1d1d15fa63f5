import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { useTestDatabase } from '../integration/postgres/database.js'
import { makeOrders, postgresWorld } from '../integration/postgres/world.js'
import { eventually } from '../support/pool-scene.js'
import { type DatabaseFields, type Rotating, rotating } from '../support/rotating.js'
import type { StartedProcess } from '../support/started-process.js'
import { type InstalledExample, serve, useInstalledExample } from './installed-example.js'
import { toNest12 } from './nestjs-majors.js'

const database = useTestDatabase()
const world = postgresWorld(database)

beforeAll(() => makeOrders(database))

interface App {
  readonly process: StartedProcess
  readonly rotation: Rotating
  readonly user: DatabaseFields
  /** Resolves with status and text of the answer. */
  get(path: string): Promise<{ status: number; text: string }>
  /** Resolves with the status of the answer. */
  order(): Promise<number>
}

/** Serves the secrets of the application; resolves with the environment that it is started with. */
async function serveSecrets(): Promise<Pick<App, 'rotation' | 'user'> & { env: Record<string, string> }> {
  const user = { ...(await world.makeUser()), masterarn: 'master' }
  const rotation = rotating(
    { 'prod/db': user, 'prod/api-key': 'one', master: { ...world.masterSecret() } },
    { strategy: 'alternating-users', engine: world.engine() },
  )
  const env = { ...(await serve(rotation.fake)), HOST: '127.0.0.1', PORT: '0', SECRETS_TTL_MS: '500' }
  return { rotation, user, env }
}

async function startApp(example: InstalledExample): Promise<App> {
  const { env, rotation, user } = await serveSecrets()
  const process = example.start(['dist/main.js'], env)
  const [, url = ''] = /Listens at (\S+)/.exec(await process.said('Listens at')) ?? []
  return {
    process,
    rotation,
    user,
    async get(path) {
      const response = await fetch(url + path)
      return { status: response.status, text: await response.text() }
    },
    async order() {
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(`${url}/orders`, { method: 'POST', headers, body: JSON.stringify({ item: 'book' }) })
      await response.arrayBuffer()
      return response.status
    },
  }
}

const majors: [name: string, major: string, change?: (folder: string) => void][] = [
  ['NestJS 11 in CommonJS', '11'],
  ['NestJS 12 in ES modules', '12', toNest12],
]

describe.each(majors)('the example with %s', (_, major, change) => {
  const example = useInstalledExample('nestjs', change)

  beforeAll(async () => void (await example.run('build')))

  it('has that version installed', () => {
    const packages = ['common', 'core', 'terminus', 'typeorm'].map(name => `node_modules/@nestjs/${name}/package.json`)
    const versions = packages.map(file => JSON.parse(readFileSync(join(example.folder, file), 'utf8')).version.split('.')[0])
    expect(versions).toEqual(packages.map(() => major))
  })

  // Jest runs ES modules only by an experimental option of Node.
  if (change === undefined) {
    it('passes its own tests by Jest', async () => {
      expect(await example.run('test')).toMatch(/Tests: +\d+ passed, \d+ total/)
    })
  }

  it('does not start without a secret that it injects, and says which one and what to do', async () => {
    const { env, rotation } = await serveSecrets()
    rotation.fake.perform('DeleteSecret', { SecretId: 'prod/api-key', ForceDeleteWithoutRecovery: true })
    const { code, stderr } = await example.start(['dist/main.js'], env).ended
    expect(code).toBe(1)
    expect(stderr).toContain('prod/api-key is injected and cannot be loaded')
    expect(stderr).toContain('ERR_SECRET_NOT_FOUND')
    expect(stderr).toContain("To start without it, write @InjectSecret('prod/api-key', { optional: true }).")
  })

  it('fails no request while the users of its database take turns', async () => {
    const { get, order, rotation, user } = await startApp(example)
    const statuses: number[] = []
    let over = false
    const keepOrdering = async (): Promise<void> => {
      while (!over) statuses.push(await order())
    }
    const orders = Promise.all([keepOrdering(), keepOrdering(), keepOrdering()])
    for (const from of [user.username, `${user.username}_clone`]) {
      await eventually(async () => expect(await world.sessions(from)).toBeGreaterThan(0))
      await rotation.rotate('prod/db')
      await eventually(async () => {
        // Nothing tells the application: that its health is asked for is what ends the TTL.
        expect(await get('/health/ready')).toMatchObject({ status: 200 })
        expect(await world.sessions(from)).toBe(0)
      })
    }
    over = true
    await orders
    expect(new Set(statuses)).toEqual(new Set([201]))
  })

  it('reads a key anew when it has rotated', async () => {
    const { get, rotation } = await startApp(example)
    expect(JSON.parse((await get('/key')).text)).toMatchObject({ length: 3 })
    rotation.fake.rotate('prod/api-key', 'three')
    await eventually(async () => expect(JSON.parse((await get('/key')).text)).toMatchObject({ length: 5 }))
  })

  it('is not ready once a secret is gone, and is alive', async () => {
    const { get, rotation } = await startApp(example)
    expect(await get('/health/ready')).toMatchObject({ status: 200 })
    rotation.fake.perform('DeleteSecret', { SecretId: 'prod/api-key', ForceDeleteWithoutRecovery: true })
    await eventually(async () => expect(await get('/health/ready')).toMatchObject({ status: 503 }))
    expect(JSON.parse((await get('/health/ready')).text).error).toEqual({
      secrets: { status: 'down', reason: expect.stringMatching(/^prod\/api-key: denied .* nothing can be served\./) },
    })
    expect(await get('/health/live')).toMatchObject({ status: 200 })
  })

  it('stays ready and works in an outage', async () => {
    const { get, order, rotation, user } = await startApp(example)
    expect(await get('/health/ready')).toMatchObject({ status: 200 })
    rotation.fake.inject({ error: 'InternalServiceError' })
    rotation.fake.resetCalls()
    await eventually(async () => {
      const ready = await get('/health/ready')
      expect(ready).toMatchObject({ status: 200 })
      expect(ready.text).not.toContain(user.password)
      // Loads of both secrets have failed.
      expect(new Set(rotation.fake.calls.map(({ input }) => input.SecretId)).size).toBe(2)
    })
    for (const path of ['/health/ready', '/health/live', '/key']) expect(await get(path)).toMatchObject({ status: 200 })
    expect(await order()).toBe(201)
  })

  it('answers the request under way when it is told to end, then closes its connections', async () => {
    const { get, order, process, user } = await startApp(example)
    expect(await order()).toBe(201)
    // The pool of TypeORM and that of provideWithCache are both open.
    expect(await get('/orders/report')).toMatchObject({ status: 200 })
    await database.admin.query('BEGIN; LOCK TABLE orders')
    const answer = order()
    const waiting = "SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = $1 AND wait_event_type = 'Lock'"
    await eventually(async () => expect((await database.admin.query(waiting, [user.username])).rows).toEqual([{ n: 1 }]))
    process.child.kill('SIGTERM')
    await eventually(() => expect(get('/health/live')).rejects.toThrow('fetch failed'))
    await database.admin.query('COMMIT')
    expect(await answer).toBe(201)
    expect(await process.ended).toMatchObject({ code: 0, stderr: '' })
    await eventually(async () => expect(await world.sessions(user.username)).toBe(0))
  })
})
