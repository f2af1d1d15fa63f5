import mysqlDriver from 'mysql2/promise'
import { describe, expect, it } from 'vitest'
import { type MysqlDriver, mysql, type RotationLogEvent } from '../../../src/rotation/index.js'
import type { FakeSecretsManager } from '../../../src/testing/index.js'
import { type DatabaseFields, rotating } from '../../support/rotating.js'
import { useTestDatabase } from './database.js'

const database = useTestDatabase()
const ask = async (sql: string): Promise<unknown> => (await database.admin.query(sql))[0]
const opens = (secret: DatabaseFields) => expect(database.query(secret, 'SELECT 1')).resolves.toBeDefined()
const isShut = (secret: DatabaseFields) =>
  expect(database.query(secret, 'SELECT 1')).rejects.toMatchObject({ code: 'ER_ACCESS_DENIED_ERROR' })

/** A single user who may not keep two passwords, and a master who may give it them. */
async function kept({ keepOldPassword = true } = {}) {
  const user = { ...(await database.makeUser()), masterarn: 'master' }
  const master = { ...database.masterSecret(), username: `m_${user.username}`, password: 'of the master' }
  await ask(`CREATE USER ${master.username}@'%' IDENTIFIED BY '${master.password}'`)
  for (const grant of ['CREATE USER ON *.*', 'SELECT ON mysql.*']) await ask(`GRANT ${grant} TO ${master.username}@'%'`)
  const log: RotationLogEvent[] = []
  let cut: ((sql: string) => boolean) | undefined
  const driver: MysqlDriver = {
    async createConnection(config) {
      const connection = await mysqlDriver.createConnection(config)
      const query = connection.query.bind(connection)
      const cutQuery = async (sql: string) => {
        if (config.user === master.username && cut?.(sql)) connection.destroy()
        return query(sql)
      }
      return Object.assign(connection, { query: cutQuery }) as never
    },
  }
  const engine = mysql({ mysql: driver, ca: database.server.ca, keepOldPassword })
  const setup = rotating({ db: { ...user }, master: { ...master } }, { engine, log: event => log.push(event) })
  return {
    ...setup,
    user,
    master,
    cutMasterAt: (sign: RegExp | undefined) => {
      cut = sign && (sql => sign.test(sql))
    },
    lost: () => log.filter(({ type }) => type === 'old-password-lost').map(({ reason }) => reason),
  }
}

type Kept = Awaited<ReturnType<typeof kept>>
type Fault = [name: string, begin: (setup: Kept) => unknown, end: (setup: Kept) => unknown]

const failing =
  (error: string) =>
  ({ fake }: { fake: FakeSecretsManager }) =>
    fake.inject({ operation: 'GetSecretValue', error, secretId: 'master' })
const recover = ({ fake }: Kept) => fake.recover()
const limit =
  (connections: number) =>
  ({ master }: Kept) =>
    ask(`ALTER USER ${master.username}@'%' WITH MAX_USER_CONNECTIONS ${connections}`)

const faults: Fault[] = [
  ['the read of its secret is throttled', failing('ThrottlingException'), recover],
  ['the service fails', failing('InternalServiceError'), recover],
  [
    'its session is reset at the first query',
    ({ cutMasterAt }) => cutMasterAt(/CURRENT_USER/),
    ({ cutMasterAt }) => cutMasterAt(undefined),
  ],
  [
    'its session is reset as it changes the account',
    ({ cutMasterAt }) => cutMasterAt(/^ALTER USER/),
    ({ cutMasterAt }) => cutMasterAt(undefined),
  ],
  ['it is at its connection limit', limit(-1), limit(0)],
  [
    'its secret has the password of yesterday',
    ({ fake, master }) => fake.put('master', { ...master, password: 'old' }),
    ({ fake, master }) => fake.put('master', { ...master }),
  ],
]

describe('a single user whose master keeps its old password', () => {
  it.each(faults)('fails, and AWSCURRENT goes on working, while %s', async (_, begin, end) => {
    const setup = await kept()
    const { user, rotate, repeat, read, lost } = setup
    await begin(setup)
    await expect(rotate('db')).rejects.toMatchObject({ code: 'ERR_ROTATION_STEP' })
    expect(read('db').password).toBe(user.password)
    await opens(user)
    await end(setup)
    await repeat()
    expect(read('db').password).not.toBe(user.password)
    for (const secret of [user, read('db')]) await opens(secret)
    expect(lost()).toEqual([])
  })

  it.each(faults)('fails with keepOldPassword: false, and ends all older ones once it is over that %s', async (_, begin, end) => {
    const setup = await kept({ keepOldPassword: false })
    const { user, rotate, repeat, read, fake, master } = setup
    const leaked = { ...user, password: 'leaked' }
    const both = [user.password, leaked.password].map(text => `mysql_native_password USING PASSWORD('${text}')`)
    await ask(`ALTER USER ${user.username}@'%' IDENTIFIED VIA ${both.join(' OR ')}`)
    fake.put('master', { ...master })
    await begin(setup)
    await expect(rotate('db')).rejects.toMatchObject({ code: 'ERR_ROTATION_STEP' })
    await end(setup)
    await repeat()
    await opens(read('db'))
    for (const secret of [user, leaked]) await isShut(secret)
  })

  it('is changed alone, and the log says why, if the master lacks the privilege, too', async () => {
    const { user, master, rotate, read, lost } = await kept()
    await ask(`REVOKE CREATE USER ON *.* FROM ${master.username}@'%'`)
    await rotate('db')
    await opens(read('db'))
    await isShut(user)
    expect(lost()).toEqual([expect.stringMatching(/lacks the privilege CREATE USER, and the master .* lacks it, too/)])
  })

  it("is changed alone, and the log says why, if the function may not read the master's secret", async () => {
    const { user, rotate, read, lost, fake } = await kept()
    fake.inject({ operation: 'GetSecretValue', error: 'AccessDeniedException', secretId: 'master' })
    await rotate('db')
    await opens(read('db'))
    await isShut(user)
    expect(lost()).toEqual([expect.stringMatching(/lacks the privilege CREATE USER, and the master could not be used/)])
  })
})

it('what was kept before keepOldPassword became false ends as the step is repeated', async () => {
  const first = await kept()
  const { user, handler, events, rotate, fake, read } = first
  // The rotation stops after setSecret.
  const stopped = { ...user, password: user.password }
  fake.inject({ operation: 'UpdateSecretVersionStage', error: 'InternalServiceError' })
  await rotate('db').catch(() => {})
  await opens(stopped)
  fake.recover()
  const alone = rotating(
    {},
    { client: fake.client(), engine: mysql({ mysql: mysqlDriver, ca: database.server.ca, keepOldPassword: false }) },
  )
  const [event] = events.slice(-1)
  if (event === undefined) throw new Error('Nothing was rotated.')
  await alone.handler({ ...event, Step: 'setSecret' })
  await isShut(stopped)
  await handler({ ...event, Step: 'finishSecret' })
  await opens(read('db'))
})
