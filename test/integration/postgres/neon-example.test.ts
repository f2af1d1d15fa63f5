import { neonConfig } from '@neondatabase/serverless'
import { afterAll, beforeAll } from 'vitest'
import { describeOrms } from '../../support/orm-behaviours.js'
import { startWebSocketProxy, type WebSocketProxy } from '../../support/websocket-proxy.js'
import { useTestDatabase } from './database.js'
import { makeOrders, postgresWorld } from './world.js'

// As with Neon: the driver takes long to log in by SCRAM.
const database = useTestDatabase({ auth: 'password' })

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

describeOrms(postgresWorld(database), { Neon: () => import('../../../examples/neon/index.js') })
