import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { postgres } from '../../../src/rotation/index.js'
import { type DatabaseFields, type Rotating, rotating } from '../../support/rotating.js'
import { useTestDatabase } from './database.js'
import { addTrustingTriggers, makeHostileOwner, snares } from './hostile-owner.js'

const database = useTestDatabase()

function alternating(db: DatabaseFields, master: DatabaseFields): Rotating {
  const secrets = { db: { ...db, masterarn: 'master' }, master: { ...master } }
  return rotating(secrets, { strategy: 'alternating-users', engine: postgres({ pg, ca: database.server.ca }) })
}

/** A master that has what the documentation asks for, and no more. */
async function makePlainMaster(app: DatabaseFields): Promise<DatabaseFields> {
  const master = { ...database.masterSecret(), username: `master_${randomUUID().slice(0, 8)}`, password: randomUUID() }
  await database.admin.query(`CREATE ROLE ${master.username} LOGIN CREATEROLE PASSWORD '${master.password}'`)
  await database.admin.query(`GRANT ${app.username} TO ${master.username} WITH ADMIN OPTION, INHERIT FALSE, SET FALSE`)
  return master
}

/** What the owner may set for all who log in, so that statements mean something else or nothing. */
const obstacles = {
  role: 'pg_database_owner',
  default_transaction_read_only: 'on',
  standard_conforming_strings: 'off',
  client_encoding: 'SJIS',
  quote_all_identifiers: 'on',
  row_security: 'off',
  createrole_self_grant: "'set, inherit'",
  statement_timeout: "'1s'",
}

it.each([
  ['a superuser', {}],
  ['a superuser', obstacles],
  ['a plain master', {}],
  ['a plain master', obstacles],
])('the owner of the database gains nothing by the rotations of %s, with the settings %j', async (who, settings) => {
  const owner = await makeHostileOwner(database, settings)
  const { username, dbname } = owner.user
  const master = who === 'a superuser' ? database.masterSecret() : await makePlainMaster(owner.user)
  const { rotate, read } = alternating(owner.user, master)
  const writable = ['SET default_transaction_read_only = off', 'SET ROLE NONE']
  await rotate('db')
  await database.query({ ...read('db'), dbname }, ...writable, `CREATE SCHEMA stray`, 'CREATE TABLE stray.t (n int)')
  await addTrustingTriggers(owner)
  await rotate('db')
  await rotate('db')
  const ran = `SELECT DISTINCT session_user_name FROM public.caught WHERE session_user_name NOT IN ('${username}', '${username}_clone')`
  expect(await owner.inspect(ran)).toEqual([])
  const rights = `
      SELECT rolsuper, rolcreaterole, (SELECT count(*)::int FROM pg_auth_members m WHERE m.member = r.oid) AS memberships
      FROM pg_roles r WHERE rolname = '${username}'`
  expect(await owner.inspect(rights)).toEqual([{ rolsuper: false, rolcreaterole: false, memberships: 0 }])
})

it.each(['a superuser', 'a plain master'])(
  'casts, domains, operators of own types, and settings of one role in one database, gain nothing by the rotations of %s',
  async who => {
    const owner = await makeHostileOwner(database)
    const { username, dbname } = owner.user
    const master = who === 'a superuser' ? database.masterSecret() : await makePlainMaster(owner.user)
    const { rotate, read } = alternating(owner.user, master)
    await database.query(owner.user, ...snares('first'))
    await rotate('db')
    await database.query(
      { ...read('db'), dbname },
      'SET ROLE NONE',
      'DROP OPERATOR IF EXISTS public.= (first.lure, first.lure)',
      ...snares('second'),
    )
    await database.query(
      owner.user,
      `ALTER ROLE ${username} IN DATABASE ${dbname} SET search_path TO second, first, public, pg_catalog`,
    )
    for (const name of [master.username, `${username}_clone`])
      for (const setting of ['search_path TO second, first, public, pg_catalog', `role TO ${username}`, "lock_timeout TO '1ms'"])
        await database.admin.query(`ALTER ROLE ${name} IN DATABASE ${dbname} SET ${setting}`)
    try {
      for (let turn = 0; turn < 2; turn += 1) await rotate('db')
    } finally {
      await database.admin.query(`ALTER ROLE ${master.username} IN DATABASE ${dbname} RESET ALL`)
    }
    const ran = `SELECT DISTINCT session_user_name FROM public.caught WHERE session_user_name NOT IN ('${username}', '${username}_clone')`
    expect(await owner.inspect(ran)).toEqual([])
    expect(await owner.inspect(`SELECT rolsuper OR rolcreaterole AS raised FROM pg_roles WHERE rolname = '${username}'`)).toEqual(
      [{ raised: false }],
    )
  },
)

it('the master needs no access to the database of the application', async () => {
  const owner = await makeHostileOwner(database)
  const { username, dbname } = owner.user
  const master = await makePlainMaster(owner.user)
  await database.admin.query(`REVOKE CONNECT ON DATABASE ${dbname} FROM PUBLIC`)
  await database.admin.query(`GRANT CONNECT ON DATABASE ${dbname} TO ${username}`)
  const { rotate, read } = alternating(owner.user, master)
  await expect(database.query({ ...master, dbname }, 'SELECT 1')).rejects.toMatchObject({ code: '42501' })
  for (let turn = 0; turn < 3; turn += 1) await rotate('db')
  expect(await database.query({ ...read('db'), dbname }, 'SELECT current_user::text AS name')).toEqual([{ name: username }])
})

it('a master whose own database belongs to the application runs nothing of the owner there', async () => {
  const owner = await makeHostileOwner(database)
  const { rotate } = alternating(owner.user, { ...database.masterSecret(), dbname: owner.user.dbname })
  await addTrustingTriggers(owner)
  await rotate('db')
  await rotate('db')
  const ran = "SELECT DISTINCT session_user_name FROM public.caught WHERE session_user_name = 'postgres'"
  expect(await owner.inspect(ran)).toEqual([])
})

describe('a user that may do more than the current one', () => {
  const plain = 'a plain master'
  const top = 'a superuser'

  /** Rotates to a clone that is there before and has more. */
  async function rotateTo(who: string, more: (clone: string, app: string) => string) {
    const first = await database.makeUser()
    const clone = `${first.username}_clone`
    await database.admin.query(`CREATE ROLE ${clone} LOGIN PASSWORD 'its-own'`)
    const master = who === top ? database.masterSecret() : await makePlainMaster(first)
    await database.admin.query(`GRANT ${clone} TO ${master.username} WITH ADMIN OPTION`)
    await database.admin.query(more(clone, first.username))
    const error = await alternating(first, master)
      .rotate('db')
      .then(
        () => undefined,
        (reason: unknown) => reason as Error,
      )
    const own = { ...first, username: clone, password: 'its-own' }
    const kept = await database.query(own, 'SELECT 1').then(
      () => true,
      () => false,
    )
    return { error, kept, clone }
  }

  it.each([
    ...[plain, top].map(who => [who, 'SUPERUSER']),
    ...['CREATEDB', 'REPLICATION', 'BYPASSRLS'].map(attribute => [plain, attribute]),
  ] as [string, string][])('is not rotated to by %s, if it has %s', async (who, attribute) => {
    const { error, kept, clone } = await rotateTo(who, name => `ALTER ROLE ${name} ${attribute}`)
    expect(error?.message).toContain(
      `${clone} has attributes, such as SUPERUSER or CREATEROLE, that the other user and the master`,
    )
    expect(kept).toBe(true)
  })

  it.each(['CREATEDB', 'REPLICATION', 'BYPASSRLS'])('is one like any other, if the current user has %s, too', async attribute => {
    const { error } = await rotateTo(plain, (name, app) => `ALTER ROLE ${app} ${attribute}; ALTER ROLE ${name} ${attribute}`)
    expect(error?.message ?? '').not.toContain('has attributes, such as')
  })

  it.each(['pg_execute_server_program', 'pg_write_server_files'])('is not rotated to as a member of %s', async role => {
    const { error, kept, clone } = await rotateTo(plain, name => `GRANT ${role} TO ${name}`)
    expect(error?.message).toContain(`${clone} is a member of ${role}, which the master may not grant`)
    expect(kept).toBe(true)
  })

  it.each([
    [
      'the current user is a member of that role, too',
      plain,
      (clone: string, app: string) => `GRANT ${app} TO ${clone}; GRANT pg_monitor TO ${clone}, ${app}`,
    ],
    ['the master may give that', plain, (clone: string) => `ALTER ROLE ${clone} CREATEROLE`],
    [
      'the master may give anything but SUPERUSER',
      top,
      (clone: string, app: string) => `GRANT ${app} TO ${clone}; GRANT pg_monitor TO ${clone}; ALTER ROLE ${clone} CREATEDB`,
    ],
  ])('is rotated to if %s', async (_, who, more) => {
    const { error, kept } = await rotateTo(who, more)
    expect(error).toBeUndefined()
    expect(kept).toBe(false)
  })
})
