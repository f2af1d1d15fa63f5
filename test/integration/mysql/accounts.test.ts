import mysqlDriver from 'mysql2/promise'
import { expect, it } from 'vitest'
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

it('a login that ends up at an account of another name is no user to copy', async () => {
  const user = await database.makeUser({ hosts: ['10.99.0.1'] })
  await ask(`CREATE USER ''@'%' IDENTIFIED BY '${user.password}'`)
  try {
    const { rotate } = alternating({ ...user, dbname: 'information_schema' })
    await expect(rotate('db')).rejects.toThrow('an account of another name')
    expect(await accountsOf(`${user.username}_clone`)).toEqual([])
  } finally {
    await ask("DROP USER ''@'%'")
  }
})
