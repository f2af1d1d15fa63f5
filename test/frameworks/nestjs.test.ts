import { beforeAll, describe, expect, it } from 'vitest'
import { useTestDatabase } from '../integration/postgres/database.js'
import { makeOrders, postgresWorld } from '../integration/postgres/world.js'
import { eventually } from '../support/pool-scene.js'
import { type DatabaseFields, type Rotating, rotating } from '../support/rotating.js'
import type { StartedProcess } from '../support/started-process.js'
import { serve, useInstalledExample } from './installed-example.js'

const database = useTestDatabase()
const world = postgresWorld(database)
const example = useInstalledExample('nestjs')

beforeAll(() => makeOrders(database))
beforeAll(async () => void (await example.run('build')))

interface App {
  readonly process: StartedProcess
  readonly rotation: Rotating
  readonly user: DatabaseFields
  /** Resolves with status and text of the answer. */
  get(path: string): Promise<{ status: number; text: string }>
  /** Resolves with the status of the answer. */
  order(): Promise<number>
}

async function startApp(): Promise<App> {
  const user = { ...(await world.makeUser()), masterarn: 'master' }
  const rotation = rotating(
    { 'prod/db': user, 'prod/api-key': 'one', master: { ...world.masterSecret() } },
    { strategy: 'alternating-users', engine: world.engine() },
  )
  const env = { ...(await serve(rotation.fake)), HOST: '127.0.0.1', PORT: '0', SECRETS_TTL_MS: '500' }
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

describe('the example with NestJS', () => {
  it('passes its own tests, in CommonJS', async () => {
    expect(await example.run('test')).toMatch(/Tests: +\d+ passed, \d+ total/)
  })

  it('fails no request while the users of its database take turns', async () => {
    const { get, order, rotation, user } = await startApp()
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
    const { get, rotation } = await startApp()
    expect(JSON.parse((await get('/key')).text)).toMatchObject({ length: 3 })
    rotation.fake.rotate('prod/api-key', 'three')
    await eventually(async () => expect(JSON.parse((await get('/key')).text)).toMatchObject({ length: 5 }))
  })

  it('stays ready and works in an outage', async () => {
    const { get, order, rotation, user } = await startApp()
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
    const { get, order, process, user } = await startApp()
    expect(await order()).toBe(201)
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
