import mysqlDriver from 'mysql2/promise'
import { expect, it } from 'vitest'
import { mysql } from '../../../src/rotation/index.js'
import { type DatabaseFields, rotating } from '../../support/rotating.js'
import { readLog } from '../../support/server-process.js'
import { useTestDatabase } from './database.js'

const database = useTestDatabase()
const engine = (accounts?: 'all') => mysql({ mysql: mysqlDriver, ca: database.server.ca, accounts })
const one = [[{ one: 1 }]]

it('two users take turns with the same grants, options, roles and certificates, from the same hosts', async () => {
  const hosts = ['%', '127.0.0.%', '10.1.%']
  const first = { ...(await database.makeUser({ hosts, options: 'WITH GRANT OPTION' })), masterarn: 'master' }
  const { username } = first
  const clone = `${username}_clone`
  const role = `${username}_role`
  for (const statement of [
    `CREATE DATABASE \`${username} TO \`\`x\``,
    `GRANT SELECT ON \`${username} TO \`\`x\`.* TO ${username}@'%'`,
    `GRANT SELECT (User), UPDATE ON mysql.db TO ${username}@'%'`,
    `ALTER USER ${username}@'127.0.0.%' REQUIRE SSL WITH MAX_USER_CONNECTIONS 70`,
    `ALTER USER ${username}@'10.1.%' REQUIRE ISSUER '/CN=It''s' AND SUBJECT '/CN=a WITH b'`,
    `CREATE ROLE ${role}`,
    `GRANT ${role} TO ${username}@'10.1.%' WITH ADMIN OPTION`,
    `SET DEFAULT ROLE ${role} FOR ${username}@'10.1.%'`,
  ]) {
    await database.admin.query(statement)
  }
  const secrets = { db: { ...first }, master: { ...database.masterSecret() } }
  const { rotate, read } = rotating(secrets, { strategy: 'alternating-users', engine: engine('all') })
  let before: DatabaseFields = first
  for (const turn of [clone, username, clone, username]) {
    await rotate('db')
    const now = read('db')
    expect(now.username).toBe(turn)
    for (const secret of [now, before]) await expect(database.query(secret, 'SELECT 1 AS one')).resolves.toEqual(one)
    before = now
  }
  const grantsOf = async (user: string): Promise<string[]> => {
    const lines: string[] = []
    for (const host of hosts) {
      const [rows] = await database.admin.query(`SHOW GRANTS FOR \`${user}\`@'${host}'`)
      for (const row of rows as object[]) lines.push(String(Object.values(row)[0]).replace(/'\*\w+'/, 'HASH'))
    }
    return lines.map(line => line.replaceAll(`\`${user}\`@`, 'USER@')).sort()
  }
  const grants = await grantsOf(username)
  expect(grants).toHaveLength(10)
  expect(await grantsOf(clone)).toEqual(grants)
})

it('the general log, which holds every statement as it came, holds hashes in the place of passwords', async () => {
  const first = { ...(await database.makeUser()), masterarn: 'master' }
  const secrets = { one: { ...first }, two: { ...first }, master: { ...database.masterSecret() } }
  const alternating = rotating(secrets, { strategy: 'alternating-users', engine: engine() })
  await alternating.rotate('two')
  const single = rotating(secrets, { engine: engine() })
  await single.rotate('one')
  const { username, password } = single.read('one')
  const alone = rotating({ three: { ...database.masterSecret(), username, password } }, { engine: engine() })
  await alone.rotate('three')
  const log = readLog(database.server)
  expect(log).toMatch(/SET PASSWORD = '\*[0-9A-F]{40}'/)
  expect(log).toMatch(/SET PASSWORD FOR `\w+_clone`@`%` = '\*[0-9A-F]{40}'/)
  expect(log).not.toContain(alternating.read('two').password)
  expect(log).toMatch(/ALTER USER `\w+`@`%` IDENTIFIED VIA mysql_native_password USING '\*[0-9A-F]{40}' OR/)
  for (const { password } of [single.read('one'), alone.read('three')]) expect(log).not.toContain(password)
})

it('an account of another authentication plugin is refused, with a hint, and keeps its password', async () => {
  const first = { ...(await database.makeUser()), masterarn: 'master' }
  await database.admin.query("INSTALL SONAME 'auth_ed25519'")
  const account = `${first.username}_clone@'10.1.%'`
  await database.admin.query(`CREATE USER ${account} IDENTIFIED VIA ed25519 USING PASSWORD('x')`)
  const [before] = await database.admin.query(`SHOW CREATE USER ${account}`)
  const secrets = { db: { ...first }, master: { ...database.masterSecret() } }
  const { rotate } = rotating(secrets, { strategy: 'alternating-users', engine: engine('all') })
  await expect(rotate('db')).rejects.toMatchObject({
    code: 'ERR_ROTATION_STEP',
    hint: expect.stringContaining('mysql_native_password'),
  })
  expect((await database.admin.query(`SHOW CREATE USER ${account}`))[0]).toEqual(before)
})
