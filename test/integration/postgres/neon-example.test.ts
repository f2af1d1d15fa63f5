import { neonConfig } from '@neondatabase/serverless'
import { afterAll, beforeAll, describe } from 'vitest'
import { describeOrms, type OrmExample } from '../../support/orm-behaviours.js'
import { describeRotations } from '../../support/rotation-behaviours.js'
import { startWebSocketProxy, type WebSocketProxy } from '../../support/websocket-proxy.js'
import { useTestDatabase } from './database.js'
import { makeOrders, postgresWorld } from './world.js'

// As with Neon: the driver takes long to log in by SCRAM.
const database = useTestDatabase({ auth: 'password' })
const world = postgresWorld(database)
const load = (): Promise<OrmExample> => import('../../../examples/neon/index.js')

let proxy: WebSocketProxy

beforeAll(async () => {
  await makeOrders(database)
  proxy = await startWebSocketProxy(database.server.port)
  neonConfig.wsProxy = () => proxy.address
  neonConfig.useSecureWebSocket = false
  // The driver would send queries over HTTP if it could; a pool that follows a secret never does.
  neonConfig.poolQueryViaFetch = true
})
afterAll(() => proxy?.close())

describeOrms(world, { Neon: load })

describe('Neon', () => describeRotations({ ...world, rotationBy: strategy => ({ strategy, engine: world.engine() }) }, load))
