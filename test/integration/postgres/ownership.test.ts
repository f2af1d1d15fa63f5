import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { postgres, type RotationLogEvent } from '../../../src/rotation/index.js'
import { connectPostgres } from '../../support/postgres.js'
import { type DatabaseFields, rotating } from '../../support/rotating.js'
import { useTestDatabase } from './database.js'

const database = useTestDatabase()

function alternating(user: DatabaseFields, master: DatabaseFields = database.masterSecret()) {
  const told: RotationLogEvent[] = []
  const secrets = { db: { ...user, masterarn: 'master' }, master: { ...master } }
  const engine = postgres({ pg, ca: database.server.ca })
  const setup = rotating(secrets, { strategy: 'alternating-users', engine, log: event => told.push(event) })
  return { ...setup, reasons: () => told.filter(({ type }) => type === 'not-rotated').map(({ reason }) => reason) }
}

/** Owners of the tables in a schema. */
async function ownersIn(schema: string): Promise<string[]> {
  const { rows } = await database.admin.query('SELECT DISTINCT tableowner::text FROM pg_tables WHERE schemaname = $1', [schema])
  return rows.map(row => row.tableowner)
}

it('what either user makes is there for both, to write, to change and to drop', async () => {
  const first = await database.makeUser()
  const { rotate, read } = alternating(first)
  await database.query(first, 'CREATE TABLE t0 (n int)')
  for (let turn = 1; turn <= 4; turn += 1) {
    await rotate('db')
    const now = read('db')
    for (let older = 0; older < turn; older += 1) {
      await database.query(now, `INSERT INTO t${older} VALUES (1)`, `ALTER TABLE t${older} ADD COLUMN c${turn} int`)
    }
    await database.query(now, `CREATE TABLE t${turn} (n int)`)
  }
  expect(await ownersIn(first.username)).toEqual([first.username])
  await database.query(read('db'), 'DROP TABLE t0, t1, t2, t3, t4')
})

it('both users work as the first one, so that row policies and default schemas mean the same', async () => {
  const first = await database.makeUser()
  const { rotate, read } = alternating(first)
  await rotate('db')
  const clone = `${first.username}_clone`
  expect(await database.query(read('db'), 'SELECT current_user::text, session_user::text, current_schema::text')).toEqual([
    { current_user: first.username, session_user: clone, current_schema: first.username },
  ])
})

/** The statements by which the page has an administrator hand objects over. */
function handOverOnPage(): string[] {
  const page = readFileSync(new URL('../../../docs/rotation.md', import.meta.url), 'utf8')
  const sql = page.split('```sql\n').find(block => block.includes('REASSIGN')) ?? ''
  return sql.slice(0, sql.indexOf('```')).trim().split('\n')
}

describe('what a clone of AWS’s template has made as itself', () => {
  async function makePair() {
    const first = await database.makeUser()
    const clone = { ...first, username: `${first.username}_clone` }
    await database.admin.query(`CREATE ROLE ${clone.username} LOGIN PASSWORD '${first.password}'`)
    await database.admin.query(`GRANT ${first.username} TO ${clone.username}`)
    await database.query(clone, `CREATE TABLE ${first.username}.made_by_clone (n int)`)
    return { first, clone, table: `${first.username}.made_by_clone` }
  }

  const told = ({ username }: DatabaseFields): string =>
    `${username}_clone does not work as ${username}, because it may have objects or privileges of its own, and ${username} may have no rights ` +
    `to what it creates; docs/rotation.md says how to have it work as ${username}`

  it('stays its own, and it keeps working as itself, until an administrator has handed it over', async () => {
    const { first, clone, table } = await makePair()
    const { rotate, read, reasons } = alternating(first)
    await rotate('db')
    expect(await database.query(read('db'), `INSERT INTO ${table} VALUES (1)`, 'SELECT current_user::text AS name')).toEqual([
      { name: clone.username },
    ])
    await rotate('db')
    expect(reasons()).toEqual([told(first)])

    const master = { ...database.masterSecret(), username: `m_${first.username}`, password: randomUUID() }
    await database.admin.query(`CREATE ROLE ${master.username} LOGIN CREATEROLE PASSWORD '${master.password}'`)
    for (const { username } of [first, clone])
      await database.admin.query(`GRANT ${username} TO ${master.username} WITH ADMIN OPTION, INHERIT FALSE, SET FALSE`)
    await database.query(master, ...handOverOnPage().map(line => line.replace(/\bapp(?=\b|_clone)/g, first.username)))
    await database.query(master, `ALTER ROLE ${clone.username} SET role TO ${first.username}`)
    await database.query(read('db'), `INSERT INTO ${table} VALUES (1)`)
    await rotate('db')
    expect(read('db').username).toBe(clone.username)
    expect(await database.query(read('db'), `INSERT INTO ${table} VALUES (1)`, 'SELECT current_user::text AS name')).toEqual([
      { name: first.username },
    ])
    expect(reasons()).toHaveLength(1)
  })

  it('holds up no rotation and no query, whatever locks it', async () => {
    const { first, table } = await makePair()
    const { rotate, read } = alternating(first)
    const dump = await connectPostgres(database.server)
    await dump.query('BEGIN')
    await dump.query(`LOCK TABLE ${table} IN ACCESS SHARE MODE`)
    await rotate('db')
    await database.query(read('db'), `INSERT INTO ${table} VALUES (1)`)
    await dump.end()
  })
})

describe('a second user with privileges of its own', () => {
  async function makePair() {
    const first = await database.makeUser()
    const clone = `${first.username}_clone`
    await database.admin.query(`CREATE ROLE ${clone} LOGIN PASSWORD '${first.password}'`)
    await database.admin.query(`GRANT ${first.username} TO ${clone}`)
    return { first, clone }
  }

  const worksAs = (secret: DatabaseFields) => database.query(secret, 'SELECT current_user::text AS name')

  it('keeps them, and works as itself', async () => {
    const { first, clone } = await makePair()
    await database.admin.query(`CREATE TABLE granted_${clone} (n int)`)
    await database.admin.query(`GRANT SELECT ON granted_${clone} TO ${clone}`)
    const { rotate, read, reasons } = alternating(first)
    await rotate('db')
    expect(await database.query(read('db'), `SELECT * FROM granted_${clone}`)).toEqual([])
    expect(reasons()).toHaveLength(1)
  })

  it('keeps a membership of its own', async () => {
    const { first, clone } = await makePair()
    await database.admin.query(`GRANT pg_monitor TO ${clone}`)
    const { rotate, read, reasons } = alternating(first)
    await rotate('db')
    expect(await worksAs(read('db'))).toEqual([{ name: clone }])
    expect(reasons()).toEqual([expect.stringContaining(`${clone} does not work as ${first.username}`)])
    await database.admin.query(`ALTER ROLE ${clone} SET role TO ${first.username}`)
    await rotate('db')
    await rotate('db')
    expect(await worksAs(read('db'))).toEqual([{ name: first.username }])
    expect(reasons()).toHaveLength(1)
  })

  it.each(['none', 'itself'])('keeps a role setting that says %s', async setting => {
    const { first, clone } = await makePair()
    await database.query({ ...first, username: clone }, `CREATE TABLE ${first.username}.own (n int)`)
    await database.admin.query(`ALTER ROLE ${clone} SET role TO ${setting === 'none' ? 'none' : clone}`)
    const { rotate, read } = alternating(first)
    await rotate('db')
    expect(await database.query(read('db'), `SELECT * FROM ${first.username}.own`)).toEqual([])
  })

  it('keeps a role setting that names a third role', async () => {
    const { first, clone } = await makePair()
    await database.admin.query(`ALTER ROLE ${clone} SET role TO pg_monitor`)
    await database.admin.query(`GRANT pg_monitor TO ${clone}`)
    const { rotate, read, reasons } = alternating(first)
    await rotate('db')
    expect(await worksAs(read('db'))).toEqual([{ name: 'pg_monitor' }])
    expect(reasons()).toHaveLength(1)
  })

  it('keeps a role setting of one database', async () => {
    const { first, clone } = await makePair()
    await database.query({ ...first, username: clone }, `CREATE TABLE ${first.username}.own (n int)`)
    await database.admin.query(`ALTER ROLE ${clone} SET role TO ${first.username}`)
    await database.admin.query(`ALTER ROLE ${clone} IN DATABASE postgres SET role TO none`)
    const { rotate, read, reasons } = alternating(first)
    await rotate('db')
    expect(await worksAs(read('db'))).toEqual([{ name: clone }])
    expect(reasons()).toHaveLength(1)
  })

  it('follows the first to another role, if it works as that', async () => {
    const { first, clone } = await makePair()
    await database.admin.query(`GRANT pg_monitor TO ${clone}`)
    const owners = ['old', 'new'].map(name => `${name}_${first.username}`)
    for (const owner of owners) {
      await database.admin.query(`CREATE ROLE ${owner}`)
      await database.admin.query(`GRANT ${owner} TO ${first.username}`)
      for (const user of owner === owners[0] ? [first.username, clone] : [first.username])
        await database.admin.query(`ALTER ROLE ${user} SET role TO ${owner}`)
    }
    const { rotate, read, reasons } = alternating(first)
    await rotate('db')
    expect(await worksAs(read('db'))).toEqual([{ name: owners[1] }])
    await rotate('db')
    await database.admin.query(`ALTER ROLE ${first.username} RESET role`)
    await rotate('db')
    expect(await worksAs(read('db'))).toEqual([{ name: first.username }])
    expect(reasons()).toEqual([])
  })

  it('goes on working as the role that the first works as', async () => {
    const { first, clone } = await makePair()
    const owner = `owner_${first.username}`
    await database.admin.query(`CREATE ROLE ${owner}`)
    await database.admin.query(`GRANT ${owner} TO ${first.username}`)
    await database.admin.query(`GRANT pg_monitor TO ${clone}`)
    for (const user of [first.username, clone]) await database.admin.query(`ALTER ROLE ${user} SET role TO ${owner}`)
    const { rotate, read, reasons } = alternating(first)
    await rotate('db')
    expect(await worksAs(read('db'))).toEqual([{ name: owner }])
    expect(reasons()).toEqual([])
  })

  it('works as the first if it has nothing of its own', async () => {
    const { first } = await makePair()
    const { rotate, read, reasons } = alternating(first)
    await rotate('db')
    expect(await worksAs(read('db'))).toEqual([{ name: first.username }])
    expect(reasons()).toEqual([])
  })
})

it('what a session has made that has put its role aside does not change how the second user works', async () => {
  const first = await database.makeUser()
  const { rotate, read, reasons } = alternating(first)
  await rotate('db')
  await database.query(read('db'), 'SET ROLE NONE', `CREATE TABLE ${first.username}.stray (n int)`)
  expect(await ownersIn(first.username)).toEqual([`${first.username}_clone`])
  for (let turn = 0; turn < 2; turn += 1) await rotate('db')
  expect(reasons()).toEqual([])
  expect(await database.query(read('db'), 'SELECT current_user::text AS name')).toEqual([{ name: first.username }])
})

it('a master that is no superuser can do it all, and keeps no membership that it did not have', async () => {
  const id = randomUUID().slice(0, 8)
  const master = { ...database.masterSecret(), username: `master_${id}`, password: randomUUID() }
  await database.admin.query(`CREATE ROLE ${master.username} LOGIN CREATEROLE PASSWORD '${master.password}'`)
  await database.admin.query(`GRANT CREATE ON DATABASE postgres TO ${master.username}`)
  const app = { ...master, username: `app_${id}`, password: randomUUID() }
  await database.query(
    master,
    `CREATE ROLE ${app.username} LOGIN PASSWORD '${app.password}'`,
    `GRANT ${app.username} TO ${master.username}`,
    `CREATE SCHEMA ${app.username} AUTHORIZATION ${app.username}`,
    `REVOKE ${app.username} FROM ${master.username}`,
  )
  const usable = `SELECT count(*)::int AS n FROM pg_roles WHERE rolname LIKE 'app_${id}%' AND pg_has_role('${master.username}', oid, 'USAGE')`
  const { rotate, read } = alternating(app, master)
  await rotate('db')
  await database.query(read('db'), `CREATE TABLE ${app.username}.made (n int)`)
  await rotate('db')
  await rotate('db')
  expect(await ownersIn(app.username)).toEqual([app.username])
  expect((await database.admin.query(usable)).rows).toEqual([{ n: 0 }])
})

it.each(['Weird "name"', "it's", 'x"; DROP ROLE postgres; --', 'semi;colon $1 %s \\'])(
  'a user called %s is only a name',
  async name => {
    const username = `${name} ${randomUUID().slice(0, 4)}`
    const quoted = pg.escapeIdentifier(username)
    await database.admin.query(`CREATE ROLE ${quoted} LOGIN PASSWORD 'first'`)
    const user = { ...database.masterSecret(), username, password: 'first' }
    const single = rotating({ db: user }, { engine: postgres({ pg, ca: database.server.ca }) })
    await single.rotate('db')
    const { rotate, read } = alternating(single.read('db'))
    await rotate('db')
    await rotate('db')
    expect(await database.query(read('db'), 'SELECT current_user::text AS name')).toEqual([{ name: username }])
    await (await connectPostgres(database.server)).end()
  },
)
