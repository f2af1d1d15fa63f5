import mysqlDriver from 'mysql2/promise'
import { expect, it } from 'vitest'
import { mysql } from '../../../src/rotation/index.js'
import { type DatabaseFields, type Rotating, rotating } from '../../support/rotating.js'
import { useTestDatabase } from './database.js'

const database = useTestDatabase()
const ask = async (sql: string): Promise<unknown> => (await database.admin.query(sql))[0]
/** Fits this machine, and is found before `%`. */
const narrow = '127.0.0.%'

function alternating(user: DatabaseFields, accounts?: 'all', master: DatabaseFields = database.masterSecret()): Rotating {
  const engine = mysql({ mysql: mysqlDriver, ca: database.server.ca, accounts })
  const secrets = { db: { ...user, masterarn: 'master' }, master: { ...master } }
  return rotating(secrets, { strategy: 'alternating-users', engine })
}

const opens = (secret: DatabaseFields) => expect(database.query(secret, 'SELECT 1')).resolves.toBeDefined()

/** What there is of accounts of a name, with their grants. */
async function accountsOf(username: string): Promise<unknown[]> {
  const rows = (await ask(
    `SELECT Host AS host, authentication_string AS hash FROM mysql.user WHERE User = '${username}' ORDER BY Host`,
  )) as { host: string }[]
  return Promise.all(rows.map(async row => [row, await ask(`SHOW GRANTS FOR ${username}@'${row.host}'`)]))
}

it("somebody else's account of the second user's name does not get the first user's rights", async () => {
  const user = await database.makeUser()
  const clone = `${user.username}_clone`
  await ask(`CREATE USER ${clone}@'127.0.0.2' IDENTIFIED BY 'of a stranger'`)
  const before = await accountsOf(clone)
  const { rotate, read } = alternating(user)
  await expect(rotate('db')).rejects.toMatchObject({
    message: expect.stringContaining('accounts with one name share their rights'),
    hint: expect.stringContaining('another name'),
  })
  expect(await accountsOf(clone)).toEqual(before)
  await opens(read('db'))
  await ask(`DROP USER ${clone}@'127.0.0.2'`)
  await rotate('db')
  await opens(read('db'))
})

it.each([
  ['narrower, without rights, where an administrator has one of the first name', '127.0.0.2', ''],
  ['wider, with rights of its own', '%', 'GRANT SELECT ON mysql.* TO'],
])('nor does it share anything with the second user, if it is %s', async (_, host, grant) => {
  const user = await database.makeUser({ hosts: host === '%' ? [narrow] : ['%', host] })
  const clone = `${user.username}_clone`
  await ask(`CREATE USER ${clone}@'${host}' IDENTIFIED BY 'of a stranger'`)
  if (grant !== '') await ask(`${grant} ${clone}@'${host}'`)
  const before = await accountsOf(clone)
  await expect(alternating(user).rotate('db')).rejects.toMatchObject({
    message: expect.stringContaining('accounts with one name share their rights'),
    hint: expect.stringContaining("accounts: 'all'"),
  })
  expect(await accountsOf(clone)).toEqual(before)
})

it('accounts of a pair that a template has made, from several hosts, are rotated together', async () => {
  const hosts = ['%', '10.99.0.1']
  const user = await database.makeUser({ hosts })
  for (const host of hosts) await ask(`CREATE USER ${user.username}_clone@'${host}' IDENTIFIED BY 'made by a template'`)
  await expect(alternating(user).rotate('db')).rejects.toThrow('accounts with one name share their rights')
  const { rotate, read } = alternating(user, 'all')
  await rotate('db')
  await opens(read('db'))
})

it('where all accounts are rotated, AWSPREVIOUS opens one for all: what one of them has gained or lost meanwhile stops nothing', async () => {
  const hosts = ['%', narrow]
  const user = await database.makeUser({ hosts })
  const { rotate, read } = alternating(user, 'all')
  await rotate('db')
  for (const host of hosts) await ask(`GRANT SELECT ON mysql.* TO ${user.username}@'${host}'`)
  await rotate('db')
  for (const host of hosts) await ask(`REVOKE SELECT ON mysql.* FROM ${user.username}@'${host}'`)
  await rotate('db')
  await opens(read('db'))
})

it('AWSPREVIOUS proves nothing of another account than the one that it opens', async () => {
  const user = await database.makeUser()
  const clone = `${user.username}_clone`
  await ask(`CREATE USER ${clone}@'%' IDENTIFIED BY 'of an administrator'`)
  await ask(`GRANT ALL PRIVILEGES ON *.* TO ${clone}@'%'`)
  await ask(`CREATE USER ${clone}@'${narrow}' IDENTIFIED BY 'known to who writes the secret'`)
  const before = await accountsOf(clone)
  const { rotate, fake } = alternating({ ...user, username: clone, password: 'known to who writes the secret' })
  fake.put('db', { ...user, masterarn: 'master' })
  await expect(rotate('db')).rejects.toThrow()
  expect(await accountsOf(clone)).toEqual(before)
})

it('AWSPREVIOUS that opens an anonymous account proves nothing, also where all accounts are rotated', async () => {
  const user = await database.makeUser({ hosts: [narrow] })
  const clone = `${user.username}_clone`
  await ask(`CREATE USER ${clone}@'10.%' IDENTIFIED BY 'of an administrator'`)
  await ask(`GRANT ALL PRIVILEGES ON *.* TO ${clone}@'10.%'`)
  await ask(`CREATE USER ''@'${narrow}' IDENTIFIED BY 'known to who writes the secret'`)
  try {
    const master = { ...database.masterSecret(), username: `m_${user.username}`, password: 'of the master' }
    await ask(`CREATE USER ${master.username}@'${narrow}' IDENTIFIED BY '${master.password}'`)
    await ask(`GRANT ALL PRIVILEGES ON *.* TO ${master.username}@'${narrow}' WITH GRANT OPTION`)
    const before = await accountsOf(clone)
    const previous = { ...user, username: clone, password: 'known to who writes the secret', dbname: 'information_schema' }
    const { rotate, fake } = alternating(previous, 'all', master)
    fake.put('db', { ...user, masterarn: 'master' })
    await expect(rotate('db')).rejects.toThrow('AWSPREVIOUS does not open it')
    expect(await accountsOf(clone)).toEqual(before)
  } finally {
    await ask(`DROP USER ''@'${narrow}'`)
  }
})

it('a server that shows no more than one row of a list hides no account of the name', async () => {
  const user = await database.makeUser()
  for (const host of ['%', '10.%', narrow]) await ask(`CREATE USER ${user.username}_clone@'${host}' IDENTIFIED BY 'a stranger’s'`)
  await ask('SET GLOBAL sql_select_limit = 1')
  try {
    await expect(alternating(user).rotate('db')).rejects.toThrow('accounts with one name share their rights')
  } finally {
    await ask('SET GLOBAL sql_select_limit = DEFAULT')
  }
})

it('nor does it on the way back to the first user', async () => {
  const user = await database.makeUser()
  const { username } = user
  const clone = { ...user, username: `${username}_clone`, masterarn: 'master' }
  await ask(`GRANT ALL PRIVILEGES ON *.* TO ${username}@'%'`)
  await ask(`CREATE USER ${username}@'${narrow}' IDENTIFIED BY 'known to who writes the secret'`)
  await ask(`CREATE USER ${clone.username}@'%' IDENTIFIED BY '${user.password}'`)
  await ask(`GRANT SELECT ON ${username}.* TO ${clone.username}@'%'`)
  const before = await accountsOf(username)
  const { rotate, fake } = alternating({ ...user, dbname: 'information_schema', password: 'known to who writes the secret' })
  fake.put('db', clone)
  await expect(rotate('db')).rejects.toThrow('AWSPREVIOUS does not open it')
  expect(await accountsOf(username)).toEqual(before)
})

it('rights that the first user has by a wider account are not lost unseen', async () => {
  const user = await database.makeUser()
  await ask(`CREATE USER ${user.username}@'${narrow}' IDENTIFIED BY '${user.password}'`)
  await expect(alternating(user).rotate('db')).rejects.toMatchObject({
    message: expect.stringContaining('would lack: ALL PRIVILEGES ON'),
    hint: expect.stringContaining("accounts: 'all'"),
  })
  const { rotate, read } = alternating(user, 'all')
  await rotate('db')
  await expect(database.query(read('db'), 'CREATE TABLE made_after (x INT)')).resolves.toBeDefined()
})

it.each([
  ['on the same', (database: string) => `SELECT ON ${database}.*`],
  ['on everything', () => 'ALL PRIVILEGES ON *.*'],
])('and are none where the narrower one has something itself %s', async (_, rights) => {
  const user = await database.makeUser()
  await ask(`CREATE USER ${user.username}@'${narrow}' IDENTIFIED BY '${user.password}'`)
  await ask(`GRANT ${rights(user.username)} TO ${user.username}@'${narrow}'`)
  const { rotate, read } = alternating(user)
  await rotate('db')
  await opens(read('db'))
})
