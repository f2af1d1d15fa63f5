import { createConnection, createPool } from 'mariadb'
import { expect, it } from 'vitest'
import { DatabaseSecret } from '../../../src/index.js'
import { isAuthError } from '../../../src/mysql2/index.js'
import { createSwap } from '../../../src/swap/index.js'
import { startProxy } from '../../support/cuttable-proxy.js'
import { eventually, type PoolWorld, playScene } from '../../support/pool-scene.js'
import { asPool, describeSwap, type SwappedPool } from '../../support/swap-behaviours.js'
import { useTestDatabase } from './database.js'
import { mysqlWorld, whoAmI } from './world.js'

const database = useTestDatabase()

const world: PoolWorld = {
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
}

describeSwap(world)

it('an address that has moved, as nobody has announced, fails no query that finds nobody at the old one', async () => {
  const server = `http://127.0.0.1:${database.server.port}`
  await using before = await startProxy(server)
  await using after = await startProxy(server)
  const at = ({ endpoint }: { endpoint: string }): { port: number } => ({ port: Number(new URL(endpoint).port) })
  // The driver throws where nobody can catch it if a connection ends in its handshake, so there is one, which is open.
  await playScene(world, { size: 1, secret: user => ({ ...user, ...at(before) }) }, async ({ pool, fake, user }) => {
    await pool.whoAmI()
    fake.put('db', { ...user, ...at(after) })
    await before.close()
    await eventually(() => expect(pool.openConnections()).toBe(0))
    const answers = await Promise.all(Array.from({ length: 20 }, () => pool.whoAmI()))
    expect(new Set(answers)).toEqual(new Set([user.username]))
  })
})
