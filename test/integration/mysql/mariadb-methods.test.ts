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

/** Whether the user's secret names the master, who may do what the user may not. */
interface RotationSetup {
  strategy: RotationStrategy
  hasMaster?: boolean
  keepOldPassword?: boolean
}

/** A user with these ways to log in, and a rotation of it. */
async function rotationOf(
  { strategy, hasMaster = true, keepOldPassword }: RotationSetup,
  methods: (user: DatabaseFields) => string,
) {
  const user = await database.makeUser()
  await ask(`ALTER USER ${user.username}@'%' IDENTIFIED VIA ${methods(user)}`)
  const log: RotationLogEvent[] = []
  const secrets = { db: { ...user, ...(hasMaster && { masterarn: 'master' }) }, master: { ...database.masterSecret() } }
  const engine = mysql({ mysql: mysqlDriver, ca: database.server.ca, keepOldPassword })
  const told = (wanted: RotationLogEvent['type']) =>
    log.filter(({ type }) => type === wanted).map(({ step, reason }) => `${step}: ${reason}`)
  return { user, told, ...rotating(secrets, { strategy, engine, log: event => log.push(event) }) }
}

const opens = (secret: DatabaseFields) => expect(database.query(secret, 'SELECT 1')).resolves.toBeDefined()
const doesNotOpen = (secret: DatabaseFields) => expect(database.query(secret, 'SELECT 1')).rejects.toBeDefined()

describe('a single user with several ways to log in', () => {
  const withPassword: [string, string, (password: string) => string][] = [
    ['unix_socket', 'first', password => `unix_socket OR ${native(password)}`],
    ['unix_socket', 'last', password => `${native(password)} OR unix_socket`],
    ['ed25519', 'last', password => `${native(password)} OR ${ed25519}`],
  ]

  it.each(withPassword)('keeps %s, the %s one, beside both passwords, and the log names it', async (plugin, _, methods) => {
    const { user, rotate, read, told } = await rotationOf({ strategy: 'single-user' }, ({ password }) => methods(password))
    const before = await methodsOf(user.username)
    await rotate('db')
    await opens(user)
    await rotate('db')
    for (const label of ['AWSCURRENT', 'AWSPREVIOUS']) await opens(read('db', label))
    await doesNotOpen(user)
    const password = 'mysql_native_password USING HASH'
    expect(await methodsOf(user.username)).toBe(before.replace(password, `${password} OR ${password}`))
    expect(told('not-rotated')).toHaveLength(2)
    expect(told('not-rotated')[0]).toMatch(new RegExp(`^setSecret: .*${plugin}`))
    expect(told('old-password-lost')).toEqual([])
  })

  it.each(withPassword)('keeps %s, the %s one, where nobody may give it two passwords', async (_plugin, _, methods) => {
    const setup = { strategy: 'single-user', hasMaster: false } as const
    const { user, rotate, read, told } = await rotationOf(setup, ({ password }) => methods(password))
    const before = await methodsOf(user.username)
    for (let turn = 0; turn < 2; turn += 1) {
      const old = read('db')
      await rotate('db')
      await opens(read('db'))
      await doesNotOpen(old)
    }
    expect(await methodsOf(user.username)).toBe(before)
    expect(told('old-password-lost')).toHaveLength(2)
    expect(told('old-password-lost')[0]).toMatch(/^setSecret: .*CREATE USER.*masterarn/)
  })

  it.each(['single-user', 'alternating-users'] as const)(
    'keeps what names whom another way lets in, backslashes and quotes among it, rotation by rotation (%s)',
    async strategy => {
      const joe = `unix_socket USING 'EXAMPLE\\\\jo''e "x"\\\\'`
      const { user, rotate } = await rotationOf({ strategy }, ({ password }) => `${native(password)} OR ${joe}`)
      const shown = async () => / unix_socket USING .*/.exec(await described(user.username))?.[0]
      const before = await shown()
      expect(before).toContain('EXAMPLE')
      for (let turn = 0; turn < 3; turn += 1) {
        await rotate('db')
        expect(await shown()).toBe(before)
      }
    },
  )

  it('keeps the password in use where a rotation that was given up has left another one before it', async () => {
    const setup = { strategy: 'single-user', hasMaster: false } as const
    const { user, rotate, read, told } = await rotationOf(setup, ({ password }) => `${native('given up')} OR ${native(password)}`)
    await rotate('db')
    for (const secret of [user, read('db')]) await opens(secret)
    await doesNotOpen({ ...user, password: 'given up' })
    expect(told('old-password-lost')).toEqual([])
  })

  it('with keepOldPassword: false ends the password that was kept before', async () => {
    const setup = { strategy: 'single-user', keepOldPassword: false } as const
    const older = 'the one before'
    const { user, rotate, read, told } = await rotationOf(setup, ({ password }) => `${native(password)} OR ${native(older)}`)
    await rotate('db')
    await opens(read('db'))
    await doesNotOpen(user)
    await doesNotOpen({ ...user, password: older })
    expect(told('not-rotated')).toEqual([])
    expect(told('old-password-lost')).toEqual([])
  })

  it('with keepOldPassword: false is refused before anything is changed where nobody may end the older password', async () => {
    const setup = { strategy: 'single-user', hasMaster: false, keepOldPassword: false } as const
    const { user, rotate } = await rotationOf(setup, ({ password }) => `${native(password)} OR ${native('the one before')}`)
    const before = await described(user.username)
    await expect(rotate('db')).rejects.toMatchObject({
      code: 'ERR_ROTATION_STEP',
      message: expect.stringMatching(/an older password .*CREATE USER.*masterarn/),
      hint: expect.stringContaining('CREATE USER'),
    })
    expect(await described(user.username)).toBe(before)
  })

  it('has it done by a master that may make users and read the accounts, no more', async () => {
    const { user, rotate, told, fake } = await rotationOf({ strategy: 'single-user' }, ({ password }) => native(password))
    const master = { ...database.masterSecret(), username: `m_${user.username}`, password: 'of the master' }
    await ask(`CREATE USER ${master.username}@'%' IDENTIFIED BY '${master.password}'`)
    for (const grant of ['CREATE USER ON *.*', 'SELECT ON mysql.*']) await ask(`GRANT ${grant} TO ${master.username}@'%'`)
    fake.put('master', { ...master })
    await rotate('db')
    await opens(user)
    expect(told('old-password-lost')).toEqual([])
  })

  it('is refused before anything is changed if it has three passwords', async () => {
    const methods = (password: string) => `${native(password)} OR ${native('x')} OR ${native('y')}`
    const { user, rotate, read } = await rotationOf({ strategy: 'single-user' }, ({ password }) => methods(password))
    const before = await described(user.username)
    await expect(rotate('db')).rejects.toMatchObject({
      code: 'ERR_ROTATION_STEP',
      message: expect.stringContaining('several authentication methods'),
      hint: expect.stringContaining('mysql_native_password'),
    })
    expect(await described(user.username)).toBe(before)
    await opens(read('db'))
  })
})

describe('alternating users with several ways to log in', () => {
  it('what the first user has beside its password is not copied, which the log says, and stays in the next turn', async () => {
    const { user, rotate, read, told } = await rotationOf(
      { strategy: 'alternating-users' },
      ({ password }) => `unix_socket OR ${native(password)} OR ${ed25519}`,
    )
    const before = await methodsOf(user.username)
    await rotate('db')
    expect(told('not-rotated')).toEqual([expect.stringMatching(/^setSecret: .*unix_socket and ed25519/)])
    expect(await methodsOf(`${user.username}_clone`)).toBe('BY PASSWORD HASH')
    await opens(user)
    await rotate('db')
    expect(read('db').username).toBe(user.username)
    expect(await methodsOf(user.username)).toBe(before)
    await opens(read('db'))
    await doesNotOpen(user)
  })

  it('somebody whose account becomes that of the second user loses every other way to log in', async () => {
    const { user, rotate, read } = await rotationOf({ strategy: 'alternating-users' }, ({ password }) => native(password))
    const clone = `${user.username}_clone`
    await ask(`CREATE USER ${clone}@'%' IDENTIFIED VIA ${native('x')} OR ${native('y')} OR unix_socket`)
    await rotate('db')
    expect(await methodsOf(clone)).toBe('BY PASSWORD HASH')
    for (const password of ['x', 'y']) await doesNotOpen({ ...user, username: clone, password })
    await opens(read('db'))
  })

  it.each([
    ['a way that the driver does not know comes first', `${ed25519} OR ${native('x')}`],
    ['there are three passwords', `${native('x')} OR ${native('y')} OR ${native('z')}`],
    ['there is no password', 'unix_socket'],
    ['the only password is of ed25519', ed25519],
  ])('whose turn it is is refused before anything is changed if %s', async (_, methods) => {
    const { user, rotate, read } = await rotationOf({ strategy: 'alternating-users' }, ({ password }) => native(password))
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
