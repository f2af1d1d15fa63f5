import mysqlDriver from 'mysql2/promise'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { MysqlConnection, MysqlDriver } from '../../../src/rotation/index.js'
import type { DatabaseFields } from '../../support/rotating.js'
import { useTestDatabase } from './database.js'
import { type Pair, pairs } from './pair.js'

const database = useTestDatabase()
const { ask, grantsOf, pairOf, makeMaster } = pairs(database)

beforeAll(async () => {
  await ask('SET GLOBAL partial_revokes = ON')
  for (const name of ['hidden', 'other', '`s_%``x`']) await ask(`CREATE DATABASE ${name}`)
  await ask('CREATE TABLE hidden.t (a int)')
})

let user: DatabaseFields
beforeEach(async () => {
  user = await database.makeUser()
  await ask(`GRANT SELECT, UPDATE ON *.* TO ${user.username}@'%'`)
  await ask(`REVOKE SELECT ON hidden.* FROM ${user.username}@'%'`)
})

const expectLikeFirst = async ({ user: { username }, read }: Pair) => {
  expect(read('db').username).toBe(`${username}_clone`)
  expect(await grantsOf(`${username}_clone`)).toEqual(await grantsOf(username))
}

/** Tells after each statement what the second user may do in the database that is hidden. */
function watching(username: string): { driver: MysqlDriver; seen: Set<string> } {
  const seen = new Set<string>()
  const driver: MysqlDriver = {
    async createConnection(config) {
      const connection: MysqlConnection = await mysqlDriver.createConnection(config as object)
      return {
        async query(sql) {
          const answer = await connection.query(sql)
          const lines = await grantsOf(`${username}_clone`).catch(() => [])
          for (const privilege of ['SELECT', 'INSERT', 'UPDATE', 'DELETE']) {
            const given = lines.some(line => line.startsWith('GRANT ') && line.includes(privilege) && line.includes(' ON *.* '))
            const hidden = lines.some(line => line.startsWith('REVOKE ') && line.includes(privilege) && line.includes('`hidden`'))
            if (given && !hidden) seen.add(privilege)
          }
          return answer
        },
        end: () => connection.end(),
        on: (event, listener) => connection.on(event, listener),
      }
    },
  }
  return { driver, seen }
}

describe('partial revokes of the first user', () => {
  it('are those of the second, which at no moment may do more', async () => {
    const { driver, seen } = watching(user.username)
    const pair = pairOf(user, { driver })
    await ask(`REVOKE UPDATE ON hidden.* FROM ${user.username}@'%'`)
    await ask(`REVOKE UPDATE ON \`s_%\`\`x\`.* FROM ${user.username}@'%'`)
    await pair.rotate('db')
    await expectLikeFirst(pair)
    for (let turn = 0; turn < 2; turn += 1) await pair.rotate('db')
    await expectLikeFirst(pair)
    expect([...seen]).toEqual([])
    await expect(database.query(pair.read('db'), 'SELECT * FROM hidden.t')).rejects.toMatchObject({
      code: 'ER_TABLEACCESS_DENIED_ERROR',
    })
  })

  it('outlast a grant that the first user gets later, and come with it', async () => {
    const { driver, seen } = watching(user.username)
    const pair = pairOf(user, { driver })
    for (let turn = 0; turn < 2; turn += 1) await pair.rotate('db')
    await ask(`GRANT INSERT, DELETE, BACKUP_ADMIN ON *.* TO ${user.username}@'%' WITH GRANT OPTION`)
    await ask(`REVOKE DELETE ON hidden.* FROM ${user.username}@'%'`)
    await pair.rotate('db')
    await expectLikeFirst(pair)
    expect([...seen]).toEqual(['UPDATE', 'INSERT'])
  })

  it('are put on the second also if they are younger than what it has, and taken off it with those of the first', async () => {
    const pair = pairOf(user)
    for (let turn = 0; turn < 2; turn += 1) await pair.rotate('db')
    await ask(`GRANT SELECT ON hidden.* TO ${user.username}@'%'`)
    await ask(`REVOKE UPDATE, SELECT ON other.* FROM ${user.username}@'%'`)
    await pair.rotate('db')
    await expectLikeFirst(pair)
  })

  it('stay with the first user where the second has none', async () => {
    const pair = pairOf(user)
    await pair.rotate('db')
    await ask(`GRANT SELECT ON hidden.* TO ${pair.clone}`)
    const before = await grantsOf(user.username)
    await pair.rotate('db')
    expect(await grantsOf(user.username)).toEqual(before)
  })

  it('make one who does not have them be refused as the second user', async () => {
    const pair = pairOf(user)
    await ask(`CREATE USER ${pair.clone} IDENTIFIED BY 'of somebody'`)
    await ask(`GRANT SELECT ON *.* TO ${pair.clone}`)
    await expect(pair.rotate('db')).rejects.toThrow('SELECT ON `hidden`.*')
  })
})

it.each([
  ['which the first user does not have', [], 'other'],
  ['beside those of the first user', ['SELECT ON hidden.*'], 'other'],
])('a master with partial revokes %s is refused, and leaves no account behind', async (_, more, database) => {
  const master = await makeMaster(`m_${user.username}`, ['SELECT, UPDATE ON *.*', `ALL PRIVILEGES ON ${user.username}.*`])
  await ask(`REVOKE SELECT ON ${database}.* FROM ${master.username}@'%'`)
  for (const grant of more) await ask(`REVOKE ${grant} FROM ${master.username}@'%'`)
  if (more.length === 0) await ask(`GRANT SELECT ON hidden.* TO ${user.username}@'%'`)
  const { rotate } = pairOf(user, { master })
  await expect(rotate('db')).rejects.toMatchObject({
    code: 'ERR_ROTATION_STEP',
    message: expect.stringContaining('more than the master may give'),
  })
  expect(await ask(`SELECT User FROM mysql.user WHERE User = '${user.username}_clone'`)).toEqual([])
})

it('a master that may do no more than the first user is enough', async () => {
  const master = await makeMaster(`m_${user.username}`, ['SELECT, UPDATE ON *.*', `ALL PRIVILEGES ON ${user.username}.*`])
  const pair = pairOf(user, { master })
  for (let turn = 0; turn < 3; turn += 1) await pair.rotate('db')
  await expectLikeFirst(pair)
})
