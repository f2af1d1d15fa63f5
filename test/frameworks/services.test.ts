import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useTestDatabase } from '../integration/postgres/database.js'
import { makeOrders, postgresWorld } from '../integration/postgres/world.js'
import { type MotoServer, startMoto } from '../support/moto-server.js'
import { eventually } from '../support/pool-scene.js'
import { useInstalledExample } from './installed-example.js'
import { type ServiceOptions, type StartedService, startService } from './started-service.js'

const database = useTestDatabase()
const world = postgresWorld(database)
let moto: MotoServer

beforeAll(() => makeOrders(database))
beforeAll(async () => {
  moto = await startMoto()
})
afterAll(() => moto?.stop())

describe.each([['fastify'], ['express'], ['hono']])('the example with %s', name => {
  const example = useInstalledExample(name)
  // Under strict, with the declarations of all packages checked.
  beforeAll(async () => void (await example.run('build')))

  const start = (options: ServiceOptions = {}): Promise<StartedService> =>
    startService(example, world, { motoEndpoint: moto.endpoint, ...options })

  it('fails no request while the users of its database take turns', async () => {
    const { post, rotation, user } = await start()
    const statuses: number[] = []
    let over = false
    const keepOrdering = async (): Promise<void> => {
      while (!over) statuses.push((await post('/orders', { item: 'book' })).status)
    }
    const orders = Promise.all([keepOrdering(), keepOrdering(), keepOrdering()])
    for (const from of [user.username, `${user.username}_clone`]) {
      await eventually(async () => expect(await world.sessions(from)).toBeGreaterThan(0))
      await rotation.rotate('prod/db')
      await eventually(async () => expect(await world.sessions(from)).toBe(0))
    }
    over = true
    await orders
    expect(new Set(statuses)).toEqual(new Set([201]))
  })

  it('reads a key from memory, and anew when its queue has told it of a rotation', async () => {
    const { get, reads, rotation } = await start()
    const first = await get('/key')
    expect(first).toMatchObject({ status: 200, body: { length: 3 } })
    expect([await get('/key'), reads('prod/api-key')]).toEqual([first, 1])
    const { versionId } = rotation.fake.rotate('prod/api-key', 'three').detail
    await eventually(async () => expect((await get('/key')).body).toEqual({ versionId, length: 5 }))
    expect(reads('prod/api-key')).toBe(2)
  })

  it('knows who has a session until its key has rotated twice', async () => {
    const { get, post, reads, rotation } = await start()
    const { status, cookie } = await post('/session', { user: 'ann' })
    expect(status).toBe(201)
    expect(await get('/session', cookie)).toMatchObject({ status: 200, body: { user: 'ann' } })
    expect(await get('/session', cookie.slice(0, -4))).toMatchObject({ status: 401 })
    const before = reads('prod/session')
    rotation.fake.rotate('prod/session', 'second'.padEnd(32, '-'))
    await eventually(() => expect(reads('prod/session')).toBeGreaterThan(before))
    expect(await get('/session', cookie)).toMatchObject({ status: 200, body: { user: 'ann' } })
    rotation.fake.rotate('prod/session', 'third'.padEnd(32, '-'))
    await eventually(async () => expect(await get('/session', cookie)).toMatchObject({ status: 401 }))
    const later = await post('/session', { user: 'bob' })
    expect(await get('/session', later.cookie)).toMatchObject({ status: 200, body: { user: 'bob' } })
  })

  it('is not ready while its database takes no connection', async () => {
    const { get, user } = await start()
    expect(await get('/ready')).toMatchObject({ status: 200, body: { ready: true } })
    await database.admin.query(`ALTER ROLE ${user.username} CONNECTION LIMIT 0`)
    await world.kill(user.username)
    await eventually(async () => expect(await get('/ready')).toMatchObject({ status: 503, body: { ready: false } }))
    await database.admin.query(`ALTER ROLE ${user.username} CONNECTION LIMIT -1`)
    await eventually(async () => expect(await get('/ready')).toMatchObject({ status: 200, body: { ready: true } }))
  })

  it('answers the request under way when it is told to end, then releases everything', async () => {
    // A cache reports that a new secret has no previous key.
    const { get, listeners, post, process, user } = await start({ rotated: 'prod/session' })
    expect(await post('/orders', { item: 'lamp' })).toMatchObject({ status: 201 })
    expect(await listeners()).toEqual({ queues: 1, subscriptions: 1 })
    await database.admin.query('BEGIN; LOCK TABLE orders')
    const answer = post('/orders', { item: 'lamp' })
    const waiting = "SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = $1 AND wait_event_type = 'Lock'"
    await eventually(async () => expect((await database.admin.query(waiting, [user.username])).rows).toEqual([{ n: 1 }]))
    // A client that is never done does not hold up the end.
    const persistent = (async () => {
      while ((await get('/key')).status === 200);
    })().catch(() => {})
    process.child.kill('SIGTERM')
    await eventually(() => expect(get('/key')).rejects.toThrow('fetch failed'))
    await database.admin.query('COMMIT')
    expect(await answer).toMatchObject({ status: 201 })
    await persistent
    expect(await process.ended).toMatchObject({ code: 0, stderr: '' })
    await eventually(async () => expect(await world.sessions(user.username)).toBe(0))
    expect(await listeners()).toEqual({ queues: 0, subscriptions: 0 })
  })

  it.each([['prod/db'], ['prod/session']])('does not start without %s, and says so', async missing => {
    const { listeners, process, user } = await start({ missing })
    const { code, stdout, stderr } = await process.ended
    expect(code).toBe(1)
    expect(stderr).toContain('ERR_SECRET_NOT_FOUND')
    expect(stderr).toContain(missing)
    expect(stdout + stderr).not.toContain(user.password)
    expect(stdout).not.toMatch(/listen/i)
    expect(await listeners()).toEqual({ queues: 0, subscriptions: 0 })
  })
})
