import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { postgres, type RotationLogEvent } from '../../../src/rotation/index.js'
import { connectPostgres } from '../../support/postgres.js'
import { type DatabaseFields, rotating } from '../../support/rotating.js'
import { useTestDatabase } from './database.js'

const database = useTestDatabase()
const ask = async (...statements: string[]): Promise<unknown[]> => {
  let rows: unknown[] = []
  for (const statement of statements) ({ rows } = await database.admin.query(statement))
  return rows
}

/** A user with a database, the members of a role that owns what is there, and a master that may do no more than it has to. */
async function makeWorld(membership = '') {
  const first = await database.makeUser()
  const { username } = first
  const owner = `Owner of ${username}`
  const dbname = `db_${username}`
  const master = { ...database.masterSecret(), username: `m_${username}`, password: randomUUID() }
  await ask(
    `CREATE ROLE "${owner}"`,
    `GRANT "${owner}" TO ${username} ${membership}`,
    `CREATE DATABASE ${dbname} OWNER "${owner}"`,
    `CREATE ROLE ${master.username} LOGIN CREATEROLE PASSWORD '${master.password}'`,
    `GRANT ${username} TO ${master.username} WITH ADMIN OPTION, INHERIT FALSE, SET FALSE`,
  )
  return { first: { ...first, dbname }, username, clone: `${username}_clone`, owner, dbname, master }
}

function alternating(first: DatabaseFields, master: DatabaseFields) {
  const told: RotationLogEvent[] = []
  const setup = rotating(
    { db: { ...first, masterarn: 'master' }, master: { ...master } },
    { strategy: 'alternating-users', engine: postgres({ pg, ca: database.server.ca }), log: event => told.push(event) },
  )
  return { ...setup, reasons: () => told.filter(({ type }) => type === 'not-rotated').map(({ reason }) => reason) }
}

/** Runs statements in another database than the administrator's. */
async function run(secret: DatabaseFields, ...statements: string[]): Promise<unknown[]> {
  const { username: user, password, dbname = 'postgres' } = secret
  const connection = await connectPostgres(database.server, { user, password, database: dbname })
  try {
    let rows: unknown[] = []
    for (const statement of statements) ({ rows } = await connection.query(statement))
    return rows
  } finally {
    await connection.end()
  }
}

const worksAs = async (secret: DatabaseFields, dbname = secret.dbname): Promise<unknown> =>
  (
    (await run({ ...secret, ...(dbname !== undefined && { dbname }) }, 'SELECT current_user::text AS name')) as { name: string }[]
  )[0]?.name

const roleSettingsOf = (role: string): Promise<unknown[]> =>
  ask(`
    SELECT d.datname::text, s.setting FROM pg_db_role_setting r
      LEFT JOIN pg_database d ON d.oid = r.setdatabase, unnest(r.setconfig) AS s (setting)
    WHERE pg_get_userbyid(r.setrole) = '${role}' AND s.setting LIKE 'role=%' ORDER BY 1, 2`)

describe.each(['WITH INHERIT TRUE', 'WITH INHERIT FALSE'])(
  'where the first user works as an owner role, a member of which it is by GRANT %s',
  membership => {
    it.each([
      ['its own setting', ({ username }) => `ALTER ROLE ${username}`],
      ['its setting for the database', ({ username, dbname }) => `ALTER ROLE ${username} IN DATABASE ${dbname}`],
      ['the setting of the database', ({ dbname }) => `ALTER DATABASE ${dbname}`],
    ] as [string, (world: { username: string; dbname: string }) => string][])(
      'by %s, what either user makes is there for both',
      async (_, alter) => {
        const world = await makeWorld(membership)
        const { first, owner, clone, master } = world
        await ask(`${alter(world)} SET role TO "${owner}"`)
        const { rotate, read, reasons } = alternating(first, master)
        await run(first, 'CREATE SCHEMA shop', 'CREATE TABLE shop.t0 (n int)')
        for (let turn = 1; turn <= 3; turn += 1) {
          await rotate('db')
          const now = read('db')
          expect(await worksAs(now)).toBe(owner)
          for (let older = 0; older < turn; older += 1)
            await run(now, `INSERT INTO shop.t${older} VALUES (1)`, `ALTER TABLE shop.t${older} ADD COLUMN c${turn} int`)
          await run(now, `CREATE TABLE shop.t${turn} (n int)`)
        }
        expect(await run(read('db'), "SELECT DISTINCT tableowner::text FROM pg_tables WHERE schemaname = 'shop'")).toEqual([
          { tableowner: owner },
        ])
        expect(read('db').username).toBe(clone)
        expect(reasons()).toEqual([])
        // Nobody has become a member of the owner role.
        expect(
          await ask(`SELECT pg_get_userbyid(member)::text AS member FROM pg_auth_members WHERE roleid = '"${owner}"'::regrole`),
        ).toEqual([{ member: first.username }])
      },
    )
  },
)

it('the second user works in each database as what the first works as there, as it is at each rotation to it', async () => {
  const { first, username, clone, owner, dbname, master } = await makeWorld()
  const other = `other_${username}`
  const strange = `strange_${username}`
  const [plain, ownNone, byDefault, denied] = ['plain', 'none', 'default', 'denied'].map(name => `${name}_${username}`)
  await ask(`CREATE ROLE ${other}`, `CREATE ROLE ${strange}`, `GRANT ${other} TO ${username}`)
  for (const name of [plain, ownNone, byDefault, denied]) await ask(`CREATE DATABASE ${name}`)
  await ask(
    `ALTER ROLE ${username} IN DATABASE ${ownNone} SET role TO none`,
    `ALTER DATABASE ${ownNone} SET role TO ${other}`,
    `ALTER DATABASE ${byDefault} SET role TO ${other}`,
    `ALTER DATABASE ${denied} SET role TO ${strange}`,
    `ALTER ROLE ${username} IN DATABASE ${dbname} SET role TO "${owner}"`,
  )
  const databases = [dbname, plain, ownNone, byDefault, denied]
  const all = (secret: DatabaseFields) => Promise.all(databases.map(name => worksAs(secret, name)))
  const { rotate, read, reasons } = alternating(first, master)
  expect(await all(first)).toEqual([owner, username, username, other, username])
  await rotate('db')
  expect(read('db').username).toBe(clone)
  expect(await all(read('db'))).toEqual([owner, username, username, other, username])

  await rotate('db')
  await ask(
    `ALTER ROLE ${username} SET role TO ${other}`,
    `ALTER ROLE ${username} IN DATABASE ${dbname} RESET role`,
    `ALTER ROLE ${username} IN DATABASE ${byDefault} SET role TO ${strange}`,
  )
  expect(await all(read('db'))).toEqual([other, other, username, other, other])
  await rotate('db')
  expect(await all(read('db'))).toEqual([other, other, username, other, other])

  await rotate('db')
  for (const place of ['', ` IN DATABASE ${ownNone}`, ` IN DATABASE ${byDefault}`])
    await ask(`ALTER ROLE ${username}${place} RESET role`)
  for (const name of [ownNone, byDefault, denied]) await ask(`ALTER DATABASE ${name} RESET role`)
  await ask(`ALTER ROLE ${clone} SET role TO none`, `ALTER ROLE ${clone} IN DATABASE ${dbname} SET role TO none`)
  await rotate('db')
  expect(await all(read('db'))).toEqual(databases.map(() => username))
  expect(await roleSettingsOf(clone)).toEqual([{ datname: null, setting: `role=${username}` }])
  expect(reasons()).toEqual([])
})

it('a role that only a superuser can become is told of, and the second user works as the first', async () => {
  const { first, username, clone, dbname } = await makeWorld()
  const other = `other_${username}`
  await ask(
    `CREATE ROLE ${other}`,
    `ALTER ROLE ${username} SUPERUSER`,
    `ALTER ROLE ${username} IN DATABASE ${dbname} SET role TO ${other}`,
  )
  const { rotate, read, reasons } = alternating(first, database.masterSecret())
  expect(await worksAs(first)).toBe(other)
  await rotate('db')
  expect(await worksAs(read('db'))).toBe(username)
  expect(reasons()).toEqual([`${clone} differs from ${username} in what the master may not change: role`])
})

it('the second user cancels and ends its own sessions once it has put its role aside', async () => {
  const { first, master } = await makeWorld()
  const { rotate, read } = alternating(first, master)
  await rotate('db')
  const { username: user, password } = read('db')
  const session = await connectPostgres(database.server, { user, password })
  const { rows } = await session.query('SELECT pg_backend_pid() AS pid')
  const end = `SELECT pg_terminate_backend(${rows[0].pid}) AS ended`
  await expect(run(read('db'), end)).rejects.toMatchObject({ code: '42501' })
  expect(await run(read('db'), 'SET ROLE NONE', end)).toEqual([{ ended: true }])
  await session.end().catch(() => {})
})
