import { randomUUID } from 'node:crypto'
import mysqlDriver from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mysql } from '../../../src/rotation/index.js'
import { connectMariadb, type MariadbServer, startMariadb } from '../../support/mariadb.js'
import { type DatabaseFields, rotating } from '../../support/rotating.js'
import { readLog } from '../../support/server-process.js'

let server: MariadbServer
let admin: mysqlDriver.Connection
beforeAll(async () => {
  server = await startMariadb()
  admin = await connectMariadb(server)
})
afterAll(async () => {
  await admin?.end()
  await server?.stop()
})

const engine = () => mysql({ mysql: mysqlDriver, ca: server.ca })
const masterSecret = () => ({
  engine: 'mariadb',
  host: server.host,
  port: server.port,
  username: server.username,
  password: server.password,
})

/** A user and a database of its own for one test. */
async function makeUser({ hosts = ['%'], grants = 'ALL PRIVILEGES', options = '' } = {}): Promise<DatabaseFields> {
  const username = `app_${randomUUID().slice(0, 8)}`
  const password = randomUUID()
  await admin.query(`CREATE DATABASE ${username}`)
  for (const host of hosts) {
    await admin.query(`CREATE USER ${username}@'${host}' IDENTIFIED BY '${password}'`)
    await admin.query(`GRANT ${grants} ON ${username}.* TO ${username}@'${host}' ${options}`)
  }
  return { engine: 'mariadb', host: server.host, port: server.port, username, password, dbname: username }
}

async function query(secret: DatabaseFields, ...statements: string[]): Promise<unknown[]> {
  const { username: user, password, dbname } = secret
  const connection = await connectMariadb(server, { user, password, ...(dbname && { database: dbname }) })
  try {
    const results = []
    for (const statement of statements) results.push((await connection.query(statement))[0])
    return results
  } finally {
    await connection.end()
  }
}

describe('single-user', () => {
  it('changes the password of the user, time after time', async () => {
    const first = await makeUser()
    const { rotate, read } = rotating({ db: { ...first } }, { engine: engine() })
    const seen = [first]
    for (let turn = 0; turn < 3; turn += 1) {
      await rotate('db')
      seen.push(read('db'))
    }
    expect(new Set(seen.map(({ password }) => password)).size).toBe(4)
    await expect(query(seen[3]!, 'SELECT 1 AS one')).resolves.toEqual([[{ one: 1 }]])
    for (const old of seen.slice(0, 3)) {
      await expect(query(old, 'SELECT 1')).rejects.toMatchObject({ code: 'ER_ACCESS_DENIED_ERROR' })
    }
    expect(readLog(server)).not.toContain(seen[3]!.password)
  })
})

describe('alternating-users', () => {
  it('carries grants, options and every host over, and changes sides with every rotation', async () => {
    const made = await makeUser({ hosts: ['%', '127.0.0.%', '10.1.%'], options: 'WITH GRANT OPTION' })
    const first = { ...made, masterarn: 'master' }
    await admin.query(`GRANT SELECT (User), UPDATE ON mysql.db TO ${first.username}@'%'`)
    await admin.query(`ALTER USER ${first.username}@'127.0.0.%' REQUIRE SSL WITH MAX_USER_CONNECTIONS 7`)
    await admin.query(`CREATE ROLE ${first.username}_role`)
    await admin.query(`GRANT ${first.username}_role TO ${first.username}@'10.1.%' WITH ADMIN OPTION`)
    await admin.query(`SET DEFAULT ROLE ${first.username}_role FOR ${first.username}@'10.1.%'`)
    const { rotate, read } = rotating(
      { db: { ...first }, master: masterSecret() },
      { strategy: 'alternating-users', engine: engine() },
    )
    const clone = `${first.username}_clone`
    let before: DatabaseFields = first
    for (const username of [clone, first.username, clone, first.username]) {
      await rotate('db')
      const now = read('db')
      expect(now.username).toBe(username)
      await expect(query(now, 'SELECT 1 AS one')).resolves.toEqual([[{ one: 1 }]])
      await expect(query(before, 'SELECT 1 AS one')).resolves.toEqual([[{ one: 1 }]])
      before = now
    }
    const grantsOf = async (user: string) => {
      const lines: string[] = []
      for (const host of ['%', '127.0.0.%', '10.1.%']) {
        const [rows] = await admin.query(`SHOW GRANTS FOR \`${user}\`@'${host}'`)
        lines.push(
          ...(rows as object[]).map(row =>
            String(Object.values(row)[0])
              .replace(/'\*\w+'/, 'HASH')
              .replaceAll(`\`${user}\`@`, 'USER@'),
          ),
        )
      }
      return lines.sort()
    }
    const grants = await grantsOf(first.username)
    console.log(grants)
    expect(await grantsOf(clone)).toEqual(grants)
    expect(readLog(server)).not.toContain(read('db').password)
  })
})
