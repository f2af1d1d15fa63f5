import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import postgres from 'postgres'
import { DatabaseSecret } from '../../../src/index.js'
import { isAuthError } from '../../../src/pg/index.js'
import { createSwap } from '../../../src/swap/index.js'
import { asPool, describeSwap, type SwappedPool } from '../../support/swap-behaviours.js'
import { useTestDatabase } from './database.js'
import { postgresWorld, whoAmI } from './world.js'

const database = useTestDatabase()

describeSwap({
  ...postgresWorld(database),
  open({ size, connectTimeoutMs, retireSpreadMs, ...options }) {
    let open = 0
    /** Counts the connections: the driver tells how many it has ended, and not how many it has made. */
    const socket = async (): Promise<Socket> => {
      const connected = connect(database.server.port, '127.0.0.1')
      await once(connected, 'connect')
      open += 1
      return connected
    }
    const onclose = (): void => {
      open -= 1
    }
    const ask = async (sql: postgres.ISql): Promise<string> => (await sql.unsafe(whoAmI))[0]?.me
    const swap = createSwap<SwappedPool & { end(): Promise<void> }>({
      ...options,
      isAuthError,
      create(secret) {
        const { username, password, host = '', port = 5432, dbname = '' } = secret.json(DatabaseSecret)
        const ssl = { ca: database.server.ca }
        const counted = { socket, onclose } as object
        const sql = postgres({ host, port, username, password, database: dbname, ssl, max: size, ...counted })
        return {
          async whoAmI() {
            return ask(sql)
          },
          async hold() {
            const reserved = await sql.reserve()
            return { whoAmI: () => ask(reserved), release: () => reserved.release() }
          },
          end: () => sql.end(),
        }
      },
      verify: pool => pool.whoAmI(),
      drain: pool => pool.end(),
    })
    return asPool(swap, () => open)
  },
})
