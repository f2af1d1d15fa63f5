import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { expect, it } from 'vitest'
import { postgres } from '../../../src/rotation/index.js'
import { type DatabaseFields, type Rotating, rotating } from '../../support/rotating.js'
import { useTestDatabase } from './database.js'
import { addTrustingTriggers, makeHostileOwner } from './hostile-owner.js'

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
])(
  'the owner of the database gains nothing by the rotations of %s, hand-over included, with the settings %j',
  async (who, settings) => {
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
    const tables = "SELECT tableowner FROM pg_tables WHERE schemaname = 'stray'"
    expect(await owner.inspect(tables)).toEqual([{ tableowner: username }])
  },
)
