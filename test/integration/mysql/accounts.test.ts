import mysqlDriver from 'mysql2/promise'
import { expect, inject, it } from 'vitest'
import { mysql } from '../../../src/rotation/index.js'
import { type DatabaseFields, rotating } from '../../support/rotating.js'
import { useTestDatabase } from './database.js'

const database = useTestDatabase()
const ask = async (sql: string): Promise<unknown> => (await database.admin.query(sql))[0]

/** A user with alternating accounts, and the function that rotates them. */
function alternating(user: DatabaseFields, accounts?: 'all') {
  const secrets = { db: { ...user, masterarn: 'master' }, master: { ...database.masterSecret() } }
  const engine = mysql({ mysql: mysqlDriver, ca: database.server.ca, accounts })
  return rotating(secrets, { strategy: 'alternating-users', engine })
}

const accountsOf = async (user: string): Promise<string[]> => {
  const rows = await ask(`SELECT Host AS host FROM mysql.user WHERE User = '${user}' ORDER BY Host`)
  return (rows as { host: string }[]).map(({ host }) => host)
}

it('another account of the same name is not copied, and keeps its password and its rights', async () => {
  const user = await database.makeUser()
  const { username } = user
  await ask(`CREATE USER ${username}@'10.99.0.1' IDENTIFIED BY 'of an administrator'`)
  await ask(`GRANT ALL PRIVILEGES ON *.* TO ${username}@'10.99.0.1' WITH GRANT OPTION`)
  const described = () =>
    Promise.all([
      ask(`SELECT authentication_string FROM mysql.user WHERE User = '${username}' AND Host = '10.99.0.1'`),
      ask(`SHOW GRANTS FOR ${username}@'10.99.0.1'`),
    ])
  const before = await described()
  const { rotate, read } = alternating(user)
  for (const turn of [`${username}_clone`, username]) {
    await rotate('db')
    expect(read('db').username).toBe(turn)
    await expect(database.query(read('db'), 'SELECT 1')).resolves.toBeDefined()
  }
  expect(await accountsOf(`${username}_clone`)).toEqual(['%'])
  expect(await described()).toEqual(before)
})

it("accounts: 'all' copies every account of the name, and gives all of them the new password", async () => {
  const hosts = ['%', '10.99.0.1', '127.0.0.%']
  const user = await database.makeUser({ hosts })
  const { rotate, read } = alternating(user, 'all')
  await rotate('db')
  expect(await accountsOf(`${user.username}_clone`)).toEqual(hosts)
  await ask(`DROP USER ${user.username}_clone@'127.0.0.%'`)
  await expect(database.query(read('db'), 'SELECT 1')).resolves.toBeDefined()
})

it("accounts: 'all' rejects a rotation before anything is done where one of the accounts has no password", async () => {
  const isMysql = inject('mysqlServer') === 'mysql'
  if (isMysql) await ask("INSTALL PLUGIN auth_socket SONAME 'auth_socket.so'")
  const user = await database.makeUser({ hosts: ['%', '10.99.0.1'] })
  const socket = isMysql ? 'auth_socket' : 'unix_socket'
  await ask(`ALTER USER ${user.username}@'10.99.0.1' IDENTIFIED WITH ${socket}`)
  await expect(alternating(user, 'all').rotate('db')).rejects.toThrow(`logs in by ${socket}, not by a password`)
  expect(await accountsOf(`${user.username}_clone`)).toEqual([])
})

it('a login that ends up at an account of another name is no user to copy', async () => {
  const user = await database.makeUser({ hosts: ['10.99.0.1'] })
  await ask(`CREATE USER ''@'%' IDENTIFIED BY '${user.password}'`)
  try {
    const { rotate } = alternating({ ...user, dbname: 'information_schema' })
    await expect(rotate('db')).rejects.toThrow('an account with another name')
    expect(await accountsOf(`${user.username}_clone`)).toEqual([])
  } finally {
    await ask("DROP USER ''@'%'")
  }
})

it("limits, expiry, lock rules and attributes of the first user are carried over, and stay the first user's", async () => {
  const user = await database.makeUser()
  const { username } = user
  const isMysql = inject('mysqlServer') === 'mysql'
  const rules = isMysql
    ? `PASSWORD HISTORY 5 PASSWORD REUSE INTERVAL 3 DAY PASSWORD REQUIRE CURRENT OPTIONAL FAILED_LOGIN_ATTEMPTS 4 PASSWORD_LOCK_TIME 2 ATTRIBUTE '{"comment": "it''s C:\\\\\\\\"}'`
    : ''
  const limits = `REQUIRE SSL WITH MAX_QUERIES_PER_HOUR 900 MAX_USER_CONNECTIONS 7 ${isMysql ? '' : 'MAX_STATEMENT_TIME 2.5'}`
  await ask(`ALTER USER ${username}@'%' ${limits} PASSWORD EXPIRE INTERVAL 90 DAY ${rules}`)
  const { rotate } = alternating(user)
  const optionsOf = async (name: string): Promise<string> => {
    const [row] = (await ask(`SHOW CREATE USER ${name}@'%'`)) as object[]
    return String(Object.values(row ?? {})[0]).replace(/^.*?(?= REQUIRE )|^.*? PASSWORD '\*\w+'/s, '')
  }
  await rotate('db')
  const options = await optionsOf(username)
  for (const name of ['MAX_USER_CONNECTIONS 7', 'INTERVAL 90 DAY']) expect(options).toContain(name)
  expect(await optionsOf(`${username}_clone`)).toBe(options)
  await ask(`ALTER USER ${username}_clone@'%' REQUIRE NONE WITH MAX_USER_CONNECTIONS 0 PASSWORD EXPIRE NEVER`)
  await rotate('db')
  expect(await optionsOf(username)).toBe(options)
  await rotate('db')
  expect(await optionsOf(`${username}_clone`)).toBe(options)
})

it('default roles and what an attribute says are those of the first user also where it has less by now', async () => {
  const isMysql = inject('mysqlServer') === 'mysql'
  const user = await database.makeUser()
  const { username } = user
  const role = `r_${username}`
  await ask(`CREATE ROLE ${role}`)
  await ask(`GRANT ${role} TO ${username}@'%'`)
  const setDefault = (name: string) =>
    ask(isMysql ? `SET DEFAULT ROLE ${name} TO ${username}@'%'` : `SET DEFAULT ROLE ${name} FOR ${username}@'%'`)
  // Of MySQL, the default roles and the attributes; of MariaDB, the grants, which tell them.
  const described = async (name: string): Promise<string> => {
    const tables = isMysql
      ? [
          `SELECT DEFAULT_ROLE_USER FROM mysql.default_roles WHERE User = '${name}'`,
          `SELECT User_attributes FROM mysql.user WHERE User = '${name}'`,
        ]
      : [`SHOW GRANTS FOR ${name}@'%'`]
    const rows = await Promise.all(tables.map(async sql => ((await ask(sql)) as object[]).map(row => Object.values(row)[0])))
    return JSON.stringify(rows)
      .replaceAll(`\`${name}\`@`, 'USER@')
      .replace(/ IDENTIFIED [^"]*/g, '')
  }
  await setDefault(role)
  if (isMysql) await ask(`ALTER USER ${username}@'%' ATTRIBUTE '{"owner": {"team": "a", "mail": "b"}}'`)
  const { rotate } = alternating(user)
  for (let turn = 0; turn < 2; turn += 1) await rotate('db')
  await setDefault('NONE')
  if (isMysql) await ask(`ALTER USER ${username}@'%' ATTRIBUTE '{"owner": {"mail": null}}'`)
  await rotate('db')
  const [first, second] = [await described(username), await described(`${username}_clone`)]
  expect(second).toBe(first)
})

/** A master who may make users and give what is in one database, and a user of it. */
async function makeMaster() {
  const user = await database.makeUser()
  const master = { ...database.masterSecret(), username: `m_${user.username}`, password: 'of the master' }
  await ask(`CREATE USER ${master.username}@'%' IDENTIFIED BY '${master.password}'`)
  for (const grant of ['CREATE USER ON *.*', 'SELECT, UPDATE ON mysql.*', `ALL PRIVILEGES ON ${user.username}.*`])
    await ask(`GRANT ${grant} TO ${master.username}@'%' WITH GRANT OPTION`)
  const rotationOf = (db: DatabaseFields) =>
    rotating(
      { db: { ...db, masterarn: 'master' }, master: { ...master } },
      { strategy: 'alternating-users', engine: mysql({ mysql: mysqlDriver, ca: database.server.ca }) },
    )
  return { user, master, rotationOf }
}

it('a master with no more privileges than it passes on is enough', async () => {
  const { user, rotationOf } = await makeMaster()
  const { rotate, read } = rotationOf(user)
  for (let turn = 0; turn < 2; turn += 1) await rotate('db')
  expect(read('db').username).toBe(user.username)
})

it('a user who may do more than the master may give is refused with the grants, and no account is left behind', async () => {
  const { user, rotationOf } = await makeMaster()
  await ask(`CREATE DATABASE IF NOT EXISTS beyond`)
  await ask(`GRANT INSERT ON beyond.* TO ${user.username}@'%'`)
  await expect(rotationOf(user).rotate('db')).rejects.toThrow(/more than the master may give .*INSERT ON `beyond`/)
  expect(await accountsOf(`${user.username}_clone`)).toEqual([])
})

it('whose turn it would be keeps the password, if that user may do more than the current one', async () => {
  const { user, rotationOf } = await makeMaster()
  const mighty = await database.makeUser()
  await ask(`GRANT PROCESS ON *.* TO ${mighty.username}@'%'`)
  const clone = { ...user, username: `${mighty.username}_clone` }
  await ask(`CREATE USER ${clone.username}@'%' IDENTIFIED BY '${clone.password}'`)
  await ask(`GRANT SELECT ON ${user.username}.* TO ${clone.username}@'%'`)
  await expect(rotationOf(clone).rotate('db')).rejects.toThrow(/has rights that .* lacks: PROCESS/)
  await expect(database.query(mighty, 'SELECT 1')).resolves.toBeDefined()
})

it('the master is no user to rotate, nor is one whose clone it would be', async () => {
  const { user, master, rotationOf } = await makeMaster()
  const own = { ...master, dbname: user.username }
  await expect(rotationOf(own).rotate('db')).rejects.toThrow('is the master')
  expect(await accountsOf(`${master.username}_clone`)).toEqual([])
  const clone = { ...own, username: `${master.username}_clone` }
  await ask(`CREATE USER ${clone.username}@'%' IDENTIFIED BY '${clone.password}'`)
  await ask(`GRANT SELECT ON ${user.username}.* TO ${clone.username}@'%'`)
  await expect(rotationOf(clone).rotate('db')).rejects.toThrow('is the master')
  await expect(database.query(own, 'SELECT 1')).resolves.toBeDefined()
})
