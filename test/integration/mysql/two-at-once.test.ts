import mysqlDriver from 'mysql2/promise'
import { expect, it } from 'vitest'
import { createRotationHandler, type MysqlDriver, mysql, type RotationEvent } from '../../../src/rotation/index.js'
import { rotating } from '../../support/rotating.js'
import { newSignal } from '../../support/signal.js'
import { useTestDatabase } from './database.js'

const database = useTestDatabase()

/** Two functions that take the first setSecret at once. The slower one is held up at a statement, and then fails by something passing. */
async function slowerFailsAt(sign: RegExp) {
  const user = { ...(await database.makeUser()), masterarn: 'master' }
  const master = { ...database.masterSecret() }
  const { ca } = database.server
  let event: RotationEvent | undefined
  const setup = rotating(
    { db: { ...user }, master: { ...master } },
    { strategy: 'alternating-users', engine: mysql({ mysql: mysqlDriver, ca }) },
    {
      async before(asked) {
        event = asked
        if (asked.Step === 'setSecret') throw new Error('It is taken below.')
      },
    },
  )
  await setup.rotate('db').catch(() => {})
  if (event === undefined) throw new Error('Nothing was asked for.')
  const asked = event
  const [held, released] = [newSignal(), newSignal()]
  const driver: MysqlDriver = {
    async createConnection(config) {
      const connection = await mysqlDriver.createConnection(config)
      const query = connection.query.bind(connection)
      const slowQuery = async (sql: string) => {
        if (config.user !== master.username || !sign.test(sql)) return query(sql)
        held.happen()
        await released.happened
        throw Object.assign(new Error('no'), { code: 'ER_QUERY_INTERRUPTED' })
      }
      return Object.assign(connection, { query: slowQuery }) as never
    },
  }
  const options = { strategy: 'alternating-users', client: setup.fake.client() } as const
  const slower = createRotationHandler({ ...options, engine: mysql({ mysql: driver, ca }) })
  const failed = slower({ ...asked, Step: 'setSecret' })
  failed.catch(() => {})
  await held.happened
  for (const Step of ['setSecret', 'testSecret', 'finishSecret'] as const) await setup.handler({ ...asked, Step })
  released.happen()
  await expect(failed).rejects.toMatchObject({ code: 'ERR_ROTATION_STEP' })
  return { ...setup, user }
}

it.each([
  ['it gives grants', /^GRANT/],
  ['it sets options', /^ALTER USER .*REQUIRE/],
])('of two setSecret at once, the one that fails as %s leaves the account of AWSCURRENT as it is', async (_, sign) => {
  const { user, read } = await slowerFailsAt(sign)
  expect(read('db').username).toBe(`${user.username}_clone`)
  await expect(database.query(read('db'), 'SELECT 1')).resolves.toBeDefined()
})
