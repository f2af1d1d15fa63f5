import mysqlDriver from 'mysql2/promise'
import { afterAll, describe, expect, inject, it } from 'vitest'
import type { MysqlDriver } from '../../../src/rotation/index.js'
import { connectMysql } from '../../support/mysql-server.js'
import type { DatabaseFields } from '../../support/rotating.js'
import { useTestDatabase } from './database.js'
import { type Pair, pairs } from './pair.js'

const isMysql = inject('mysqlServer') === 'mysql'
const database = useTestDatabase({ flags: isMysql ? { 'log-bin-trust-function-creators': '1' } : {} })
const { ask, grantsOf, pairOf, makeMaster } = pairs(database)

const opened: { end(): Promise<unknown> }[] = []
afterAll(() => Promise.all(opened.map(connection => connection.end().catch(() => {}))))

/** A pair whose second user is there already, and may do nothing that the first may not, but is somebody's. */
async function taken(options?: (user: DatabaseFields) => Parameters<typeof pairOf>[1] | Promise<Parameters<typeof pairOf>[1]>) {
  const user = await database.makeUser()
  const pair = pairOf(user, await options?.(user))
  const somebody = { ...user, username: `${user.username}_clone`, password: 'of somebody', dbname: 'information_schema' }
  await ask(`CREATE USER ${pair.clone} IDENTIFIED BY '${somebody.password}'`)
  await ask(`CREATE TABLE ${user.username}.salaries (x INT)`)
  const mallory = { ...somebody, username: `mal_${user.username.slice(-8)}`, password: 'of mallory' }
  await ask(`CREATE USER ${mallory.username}@'%' IDENTIFIED BY '${mallory.password}'`)
  return { pair, user, somebody, mallory, salaries: `SELECT * FROM ${user.username}.salaries` }
}

/** The master's statements are seen, and it is cut off at some. */
function watched(master: () => string, see: (sql: string) => Promise<'cut' | undefined>): MysqlDriver {
  return {
    async createConnection(config) {
      const connection = await mysqlDriver.createConnection(config)
      const query = connection.query.bind(connection)
      const seenQuery = async (sql: string) => {
        if (config.user === master() && (await see(sql)) === 'cut') connection.destroy()
        return query(sql)
      }
      return Object.assign(connection, { query: seenQuery }) as never
    },
  }
}

async function isRefused({ rotate, user, clone }: Pair, why: RegExp) {
  const name = clone.slice(0, clone.indexOf('@'))
  const before = await grantsOf(name)
  await expect(rotate('db')).rejects.toMatchObject({
    code: 'ERR_ROTATION_STEP',
    message: expect.stringMatching(why),
    hint: expect.stringContaining('another name'),
  })
  expect(await grantsOf(name)).toEqual(before)
  await expect(database.query(user, 'SELECT 1')).resolves.toBeDefined()
}

describe('a second user that is there already and may do less', () => {
  const asIt: [string, (clone: string, mallory: string) => string][] = [
    [
      'may be its proxy',
      (clone, mallory) =>
        `INSERT INTO mysql.proxies_priv (Host, User, Proxied_host, Proxied_user, With_grant, Grantor) VALUES ('%', '${mallory}', '%', '${clone}', 0, '')`,
    ],
  ]
  // On MariaDB a role is no account.
  if (isMysql) asIt.push(['holds it as a role', (clone, mallory) => `GRANT ${clone}@'%' TO ${mallory}@'%'`])
  it.each(asIt)('is refused if anybody %s', async (_, statement) => {
    const { pair, mallory } = await taken()
    await ask(statement(`${pair.user.username}_clone`, mallory.username))
    await isRefused(pair, new RegExp(`others would get the rights.*${mallory.username}`))
  })

  const definitions: [string, (name: string, table: string) => string][] = [
    ['procedure', (name, table) => `PROCEDURE ${name} () SQL SECURITY DEFINER SELECT * FROM ${table}`],
    ['view', (name, table) => `SQL SECURITY DEFINER VIEW ${name} AS SELECT * FROM ${table}`],
    ['event', (name, table) => `EVENT ${name} ON SCHEDULE AT '2038-01-01' DO INSERT INTO ${table} VALUES (1)`],
    ['trigger', (name, table) => `TRIGGER ${name} BEFORE INSERT ON ${table} FOR EACH ROW SET NEW.x = 1`],
  ]
  it.each(definitions)('is refused if it is the definer of this: %s', async (kind, definition) => {
    const { pair, user } = await taken()
    await ask(`CREATE DEFINER = ${pair.clone} ${definition(`${user.username}.peek`, `${user.username}.salaries`)}`)
    await isRefused(pair, new RegExp(`definer of ${kind} ${user.username}\\.peek`))
  })

  it('is no longer opened by the password that it had, nor of use to sessions that were open, as it gets rights', async () => {
    const tried: unknown[] = []
    const { pair, user, somebody, salaries } = await taken(() => ({
      driver: watched(
        () => database.masterSecret().username,
        async sql => {
          if (/^GRANT/.test(sql)) tried.push(await database.query(somebody, salaries).catch(error => error.code))
          return undefined
        },
      ),
    }))
    const open = await connectMysql(database.server, { user: somebody.username, password: somebody.password })
    open.on('error', () => {})
    opened.push(open)
    await pair.rotate('db')
    expect(tried).toEqual(['ER_ACCESS_DENIED_ERROR'])
    await expect(open.query(salaries)).rejects.toBeDefined()
    await expect(database.query({ ...pair.read('db'), dbname: user.username }, salaries)).resolves.toBeDefined()
    expect(pair.notRotated()).toEqual([])
  })

  it('gives nothing to who had it, where the rotation is cut off after the grants', async () => {
    let isCut = true
    const { pair, somebody, salaries } = await taken(() => ({
      driver: watched(
        () => database.masterSecret().username,
        async sql => (isCut && /^ALTER USER .*REQUIRE/.test(sql) ? 'cut' : undefined),
      ),
    }))
    await expect(pair.rotate('db')).rejects.toMatchObject({ code: 'ERR_ROTATION_STEP' })
    await expect(database.query(somebody, salaries)).rejects.toMatchObject({ code: 'ER_ACCESS_DENIED_ERROR' })
    isCut = false
    await pair.repeat()
    await expect(database.query(pair.read('db'), salaries)).resolves.toBeDefined()
  })

  it('is refused while it has sessions that the master may not end', async () => {
    const { pair, somebody } = await taken(async ({ username }) => ({
      master: await makeMaster(`m_${username}`, ['PROCESS ON *.*', `ALL PRIVILEGES ON ${username}.*`]),
    }))
    const open = await connectMysql(database.server, { user: somebody.username, password: somebody.password })
    open.on('error', () => {})
    opened.push(open)
    await expect(pair.rotate('db')).rejects.toThrow(/may not end its open sessions/)
    await open.end()
  })

  it('is taken by a master that cannot look for sessions, and the log says so', async () => {
    const { pair } = await taken(async ({ username }) => ({
      master: await makeMaster(`m_${username}`, [`ALL PRIVILEGES ON ${username}.*`]),
    }))
    await pair.rotate('db')
    expect(pair.notRotated()).toEqual([expect.stringMatching(/^open sessions of .* lacks the privilege PROCESS/)])
  })
})
