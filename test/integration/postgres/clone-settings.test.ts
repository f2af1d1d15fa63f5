import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { expect, it } from 'vitest'
import { postgres, type RotationLogEvent } from '../../../src/rotation/index.js'
import { type DatabaseFields, rotating } from '../../support/rotating.js'
import { useTestDatabase } from './database.js'

const database = useTestDatabase()
const ask = async (sql: string): Promise<unknown[]> => (await database.admin.query(sql)).rows

function alternating(user: DatabaseFields, master: DatabaseFields = database.masterSecret()) {
  const told: RotationLogEvent[] = []
  const setup = rotating(
    { db: { ...user, masterarn: 'master' }, master: { ...master } },
    {
      strategy: 'alternating-users',
      engine: postgres({ pg, ca: database.server.ca }),
      log: event => told.push(event),
    },
  )
  return { ...setup, reasons: () => told.filter(({ type }) => type === 'not-rotated').map(({ reason }) => reason) }
}

/** A master that has what the documentation asks for, and no more. */
async function makePlainMaster(user: DatabaseFields): Promise<DatabaseFields> {
  const master = { ...database.masterSecret(), username: `master_${randomUUID().slice(0, 8)}`, password: randomUUID() }
  await ask(`CREATE ROLE ${master.username} LOGIN CREATEROLE PASSWORD '${master.password}'`)
  await ask(`GRANT ${user.username} TO ${master.username} WITH ADMIN OPTION`)
  return master
}

const settingsOf = (role: string): Promise<unknown[]> =>
  ask(`
    SELECT d.datname, s.setting FROM pg_db_role_setting r
      LEFT JOIN pg_database d ON d.oid = r.setdatabase, unnest(r.setconfig) AS s (setting)
    WHERE pg_get_userbyid(r.setrole) = '${role}' AND s.setting NOT LIKE 'role=%' ORDER BY 1, 2`)

const limitsOf = (role: string): Promise<unknown[]> =>
  ask(`
    SELECT rolcreatedb, rolcreaterole, rolreplication, rolbypassrls, rolconnlimit, coalesce(rolvaliduntil, 'infinity')::text AS until
    FROM pg_roles WHERE rolname = '${role}'`)

/** What is hard to repeat: lists, quotes, backslashes, line ends, names that want quotes, and what looks like SQL. */
const settings = [
  `search_path TO shop, "$user", "Odd ""name"", with \\ comma", 'a''b', public`,
  `datestyle TO 'German, DMY'`,
  `work_mem TO '64MB'`,
  `application_name TO 'it''s \\ "me"; DROP ROLE postgres; --'`,
  `"odd.setting" TO E'line\\n;\\nCOMMIT;\\n\\\\'''`,
  `"odd.list" TO 'a, "b", c'`,
  `temp_tablespaces TO ''`,
  `log_statement TO 'none'`,
  `statement_timeout TO 7000`,
]

it('the clone has the settings and limits of the first user, as they are at each rotation to it', async () => {
  const first = await database.makeUser()
  const { username } = first
  const clone = `${username}_clone`
  const dbname = `Db "of" ${username}`
  await ask(`CREATE DATABASE ${pg.escapeIdentifier(dbname)}`)
  for (const place of ['', ` IN DATABASE ${pg.escapeIdentifier(dbname)}`])
    for (const setting of settings) await ask(`ALTER ROLE ${username}${place} SET ${setting}`)
  await ask(
    `ALTER ROLE ${username} CONNECTION LIMIT 3 VALID UNTIL '2999-05-06 07:08:09.123456+02' CREATEDB REPLICATION BYPASSRLS`,
  )
  const { rotate, reasons } = alternating(first)
  await rotate('db')
  expect(await settingsOf(clone)).toEqual(await settingsOf(username))
  expect(await settingsOf(clone)).toHaveLength(2 * settings.length)
  expect(await limitsOf(clone)).toEqual(await limitsOf(username))

  await rotate('db')
  for (const name of ['search_path', '"odd.setting"', 'work_mem']) await ask(`ALTER ROLE ${username} RESET ${name}`)
  await ask(`ALTER ROLE ${username} IN DATABASE ${pg.escapeIdentifier(dbname)} SET work_mem TO '3MB'`)
  await ask(`ALTER ROLE ${clone} SET enable_seqscan TO off`)
  await ask(`ALTER ROLE ${username} CONNECTION LIMIT -1 VALID UNTIL 'infinity' NOCREATEDB NOREPLICATION NOBYPASSRLS`)
  await rotate('db')
  expect(await settingsOf(clone)).toEqual(await settingsOf(username))
  expect(await settingsOf(clone)).toHaveLength(2 * settings.length - 3)
  expect(await limitsOf(clone)).toEqual(await limitsOf(username))
  expect(reasons()).toEqual([])
})

it('what the master may not give is told by its name, and the rest is given', async () => {
  const first = await database.makeUser()
  const { username } = first
  const clone = `${username}_clone`
  for (const setting of [`odd.tenant TO 'hidden'`, `log_statement TO 'all'`, `work_mem TO '5MB'`])
    await ask(`ALTER ROLE ${username} SET ${setting}`)
  await ask(`ALTER ROLE ${username} REPLICATION CREATEROLE CONNECTION LIMIT 5`)
  const { rotate, read, reasons } = alternating(first, await makePlainMaster(first))
  await rotate('db')
  expect(reasons()).toEqual([
    `${clone} differs from ${username} in what the master may not change: REPLICATION, odd.tenant, log_statement`,
  ])
  expect(await settingsOf(clone)).toEqual([{ datname: null, setting: 'work_mem=5MB' }])
  expect(await limitsOf(clone)).toEqual([
    expect.objectContaining({ rolcreaterole: true, rolreplication: false, rolconnlimit: 5 }),
  ])
  expect(await database.query(read('db'), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})
