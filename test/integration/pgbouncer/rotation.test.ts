import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgres } from '../../../src/rotation/index.js'
import { startPgbouncer } from '../../support/pgbouncer.js'
import { type DatabaseFields, rotating } from '../../support/rotating.js'
import type { ServerProcess } from '../../support/server-process.js'
import { useTestDatabase } from '../postgres/database.js'

const database = useTestDatabase()

describe.each(['transaction', 'session'] as const)('a rotation behind PgBouncer, which pools by %s', mode => {
  let bouncer: ServerProcess
  beforeAll(async () => {
    bouncer = await startPgbouncer(database.server, { pool_mode: mode, server_login_retry: '1', query_wait_timeout: '3' })
  })
  afterAll(() => bouncer?.stop())

  const behind = (user: DatabaseFields) => ({ ...user, host: 'localhost', port: bouncer.port, dbname: 'postgres', ssl: false })

  async function use({ username: user, password, port }: DatabaseFields): Promise<unknown> {
    const client = new pg.Client({ host: '127.0.0.1', port, user, password, database: 'postgres' })
    await client.connect()
    return client.query('SELECT 1').finally(() => client.end())
  }

  it.each(['single-user', 'alternating-users'] as const)(
    'its refusal of a login is one, also of a user that is not there (%s)',
    async strategy => {
      const user = { ...behind(await database.makeUser()), masterarn: 'master' }
      const engine = postgres({ pg, ca: database.server.ca })
      const { rotate, read } = rotating({ db: user, master: { ...database.masterSecret() } }, { strategy, engine })
      for (let turn = 0; turn < 3; turn += 1) {
        await rotate('db')
        await expect(use(read('db'))).resolves.toBeDefined()
      }
    },
  )

  it('a current password that PgBouncer refuses is tried as one that the server refuses: the previous one does', async () => {
    const user = behind(await database.makeUser())
    const { rotate, read, fake } = rotating({ db: user }, { engine: postgres({ pg, ca: database.server.ca }) })
    fake.rotate('db', { ...user, password: 'of-nobody' })
    await rotate('db')
    await expect(use(read('db'))).resolves.toBeDefined()
  })
})
