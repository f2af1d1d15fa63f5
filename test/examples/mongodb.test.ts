import { randomUUID } from 'node:crypto'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import type { RotationEngine } from '../../src/rotation/index.js'
import { type MongodbStandIn, startMongodbStandIn } from '../support/mongodb/stand-in.js'
import { type OrmExample, serve } from '../support/orm-behaviours.js'
import { rejectionOf } from '../support/rejection.js'
import { type DatabaseFields, rotating } from '../support/rotating.js'
import { describeRotations } from '../support/rotation-behaviours.js'

vi.setConfig({ testTimeout: 60_000 })

let server: MongodbStandIn

beforeAll(async () => {
  server = await startMongodbStandIn()
})
afterAll(() => server?.stop())

const fieldsOf = (text: string): DatabaseFields => JSON.parse(text)

const userWith = (username: string): DatabaseFields => {
  const password = randomUUID()
  server.setPassword(username, password)
  return { engine: 'mongo', host: server.host, port: server.port, username, password }
}

/** The user, or the one that takes turns with it, gets another password. */
const engine: RotationEngine = {
  createSecret({ current, strategy }) {
    const { username, ...fields } = fieldsOf(current)
    const other = username.endsWith('_clone') ? username.slice(0, -'_clone'.length) : `${username}_clone`
    return JSON.stringify({ ...fields, username: strategy === 'single-user' ? username : other, password: randomUUID() })
  },
  setSecret({ pending }) {
    const { username, password } = fieldsOf(pending)
    server.setPassword(username, password)
  },
  async testSecret({ pending }) {
    const { username, password, host, port } = fieldsOf(pending)
    const client = new MongoClient(`mongodb://${host}:${port}`, { auth: { username, password } })
    try {
      await client.db().command({ ping: 1 })
    } finally {
      await client.close()
    }
  },
}

const load = (): Promise<OrmExample> => import('../../examples/mongodb/index.js')

it('a password that is wrong from the start fails with the error of the driver, and costs two logins', async () => {
  const secret = { ...userWith('mistaken'), password: 'wrong' }
  await serve(rotating({ db: secret }, { engine }))
  const example = await load()
  onTestFinished(() => example.close())
  const before = server.rejected
  const errors = await Promise.all(['chair', 'table', 'lamp'].map(item => rejectionOf(example.placeOrder(item))))
  expect(errors).toMatchObject(Array(3).fill({ name: 'MongoServerError', code: 18 }))
  expect(server.rejected - before).toBe(2)
})

describeRotations(
  {
    makeUser: async () => userWith(`app_${randomUUID().slice(0, 8)}`),
    masterSecret: () => userWith('master'),
    rotationBy: strategy => ({ strategy, engine }),
  },
  load,
)
