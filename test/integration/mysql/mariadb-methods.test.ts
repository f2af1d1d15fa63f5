import mysqlDriver from 'mysql2/promise'
import { beforeAll, describe, expect, it } from 'vitest'
import { mysql, type RotationLogEvent, type RotationStrategy } from '../../../src/rotation/index.js'
import { type DatabaseFields, rotating } from '../../support/rotating.js'
import { useTestDatabase } from './database.js'

const database = useTestDatabase()
beforeAll(() => database.admin.query("INSTALL SONAME 'auth_ed25519'"))

const ask = async (sql: string): Promise<unknown> => (await database.admin.query(sql))[0]
const ed25519 = "ed25519 USING PASSWORD('of ed25519')"
const native = (password: string) => `mysql_native_password USING PASSWORD('${password}')`

/** The account as MariaDB would make it again, without what stands for its passwords. */
async function methodsOf(username: string): Promise<string> {
  return (await described(username)).replace(/.* IDENTIFIED /, '').replace(/'[^']*'/g, 'HASH')
}

async function described(username: string): Promise<string> {
  const [row] = (await ask(`SHOW CREATE USER ${username}@'%'`)) as object[]
  return String(Object.values(row ?? {})[0])
}

/** A user with these ways to log in, and a rotation of it. */
async function rotationOf(strategy: RotationStrategy, methods: (user: DatabaseFields) => string) {
  const user = await database.makeUser()
  await ask(`ALTER USER ${user.username}@'%' IDENTIFIED VIA ${methods(user)}`)
  const log: RotationLogEvent[] = []
  const secrets = { db: { ...user, masterarn: 'master' }, master: { ...database.masterSecret() } }
  const engine = mysql({ mysql: mysqlDriver, ca: database.server.ca })
  const left = () => log.filter(({ type }) => type === 'not-rotated').map(({ step, reason }) => `${step}: ${reason}`)
  return { user, left, ...rotating(secrets, { strategy, engine, log: event => log.push(event) }) }
}

const opens = (secret: DatabaseFields) => expect(database.query(secret, 'SELECT 1')).resolves.toBeDefined()
const doesNotOpen = (secret: DatabaseFields) => expect(database.query(secret, 'SELECT 1')).rejects.toBeDefined()

describe('a single user with several ways to log in', () => {
  it.each([
    ['unix_socket', 'first', (password: string) => `unix_socket OR ${native(password)}`],
    ['unix_socket', 'last', (password: string) => `${native(password)} OR unix_socket`],
    ['ed25519', 'last', (password: string) => `${native(password)} OR ${ed25519}`],
  ])('keeps %s, the %s one; the password is changed, and the log names the other way', async (plugin, _, methods) => {
    const { user, rotate, read, left } = await rotationOf('single-user', ({ password }) => methods(password))
    const before = await methodsOf(user.username)
    for (let turn = 0; turn < 2; turn += 1) {
      const old = read('db')
      await rotate('db')
      await opens(read('db'))
      await doesNotOpen(old)
    }
    expect(await methodsOf(user.username)).toBe(before)
    expect(left()).toHaveLength(2)
    expect(left()[0]).toMatch(new RegExp(`^setSecret: .*${plugin}`))
  })

  it.each([
    ['that of another password', (password: string) => `${native('another')} OR ${native(password)}`],
    ['and the other one has the same', (password: string) => `${native(password)} OR ${native(password)}`],
  ])('is refused before anything is changed if SET PASSWORD would change the wrong way: %s', async (_, methods) => {
    const { user, rotate, read } = await rotationOf('single-user', ({ password }) => methods(password))
    const before = await described(user.username)
    await expect(rotate('db')).rejects.toMatchObject({
      code: 'ERR_ROTATION_STEP',
      message: expect.stringContaining('several ways to log in'),
      hint: expect.stringContaining('mysql_native_password'),
    })
    expect(await described(user.username)).toBe(before)
    await opens(read('db'))
  })
})

describe('alternating users with several ways to log in', () => {
  it('what the first user has beside its password is not copied, which the log says, and stays in the next turn', async () => {
    const { user, rotate, read, left } = await rotationOf(
      'alternating-users',
      ({ password }) => `unix_socket OR ${native(password)} OR ${ed25519}`,
    )
    const before = await methodsOf(user.username)
    await rotate('db')
    expect(left()).toEqual([expect.stringMatching(/^setSecret: .*unix_socket and ed25519/)])
    expect(await methodsOf(`${user.username}_clone`)).toBe('BY PASSWORD HASH')
    await opens(user)
    await rotate('db')
    expect(read('db').username).toBe(user.username)
    expect(await methodsOf(user.username)).toBe(before)
    await opens(read('db'))
    await doesNotOpen(user)
  })

  it.each([
    ['a way that the driver does not know comes first', `${ed25519} OR ${native('x')}`],
    ['there are two passwords', `${native('x')} OR ${native('y')}`],
    ['there is no password', 'unix_socket'],
    ['the only password is of ed25519', ed25519],
  ])('whose turn it is is refused before anything is changed if %s', async (_, methods) => {
    const { user, rotate, read } = await rotationOf('alternating-users', ({ password }) => native(password))
    const clone = `${user.username}_clone`
    await ask(`CREATE USER ${clone}@'%' IDENTIFIED VIA ${methods}`)
    const all = () => Promise.all([described(clone), ask(`SHOW GRANTS FOR ${clone}@'%'`), described(user.username)])
    const before = await all()
    await expect(rotate('db')).rejects.toMatchObject({
      code: 'ERR_ROTATION_STEP',
      hint: expect.stringContaining('mysql_native_password'),
    })
    expect(await all()).toEqual(before)
    await opens(read('db'))
  })
})
