import { createConnection, createPool } from 'mariadb'
import { DatabaseSecret } from '../../../src/index.js'
import { isAuthError } from '../../../src/mysql2/index.js'
import { createSwap } from '../../../src/swap/index.js'
import { asPool, describeSwap, type SwappedPool } from '../../support/swap-behaviours.js'
import { useTestDatabase } from './database.js'
import { mysqlWorld, whoAmI } from './world.js'

const database = useTestDatabase()

describeSwap({
  ...mysqlWorld(database),
  open({ size, connectTimeoutMs, retireSpreadMs, ...options }) {
    let openConnections = (): number => 0
    const ask = async (queried: { query(sql: string): Promise<{ me: string }[]> }): Promise<string> =>
      String((await queried.query(whoAmI))[0]?.me)
    const swap = createSwap<SwappedPool & { end(): Promise<void> }>({
      ...options,
      isAuthError,
      async create(secret) {
        const { username: user, password, host = '', port = 3306, dbname = '' } = secret.json(DatabaseSecret)
        const login = { host, port, user, password, database: dbname, ssl: { ca: database.server.ca } }
        // A pool tries again and again where a connection is refused at once.
        await (await createConnection(login)).end()
        const pool = createPool({ ...login, connectionLimit: size, minimumIdle: 1, acquireTimeout: 1_000 })
        openConnections = () => pool.totalConnections()
        return {
          whoAmI: () => ask(pool),
          async hold() {
            const connection = await pool.getConnection()
            return { whoAmI: () => ask(connection), release: () => connection.release() }
          },
          end: () => pool.end(),
        }
      },
      verify: pool => pool.whoAmI(),
      drain: pool => pool.end(),
    })
    return asPool(swap, () => openConnections())
  },
})
