import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { postgres } from '../../../src/rotation/index.js'
import { type DatabaseFields, type Rotating, rotating } from '../../support/rotating.js'
import { useTestDatabase } from './database.js'

const database = useTestDatabase()
const ask = async (sql: string): Promise<unknown[]> => (await database.admin.query(sql)).rows

function alternating(user: DatabaseFields, master: DatabaseFields = database.masterSecret()): Rotating {
  const secrets = { db: { ...user, masterarn: 'master' }, master: { ...master } }
  return rotating(secrets, { strategy: 'alternating-users', engine: postgres({ pg, ca: database.server.ca }) })
}

const failureOf = async ({ rotate }: Rotating): Promise<(Error & { hint?: string }) | undefined> =>
  rotate('db').then(
    () => undefined,
    (reason: unknown) => reason as Error,
  )

/** Everything of a pair that a rotation could change, passwords aside, without the pair's own name. */
async function factsOf(first: string): Promise<unknown> {
  const facts = [
    ...(await ask(`SELECT * FROM pg_roles WHERE rolname LIKE '${first}%' ORDER BY rolname`)),
    ...(await ask(`
      SELECT setdatabase, pg_get_userbyid(setrole) AS of, setconfig FROM pg_db_role_setting
      WHERE pg_get_userbyid(setrole) LIKE '${first}%' ORDER BY 1, 2`)),
    ...(await ask(`
      SELECT pg_get_userbyid(roleid) AS of, pg_get_userbyid(member) AS member, pg_get_userbyid(grantor) AS grantor
      FROM pg_auth_members WHERE pg_get_userbyid(roleid) LIKE '${first}%' OR pg_get_userbyid(member) LIKE '${first}%'
      ORDER BY 1, 2, 3`)),
  ]
  return JSON.parse(JSON.stringify(facts))
}

/** A user, and another one that was given the name of its clone. */
async function makeNamesakes(...more: ((clone: string, first: string) => string)[]) {
  const first = await database.makeUser()
  const clone = { ...first, username: `${first.username}_clone`, password: randomUUID() }
  await ask(`CREATE ROLE ${clone.username} LOGIN PASSWORD '${clone.password}'`)
  for (const statement of more) await ask(statement(clone.username, first.username))
  await database.query(first, `CREATE TABLE salaries (n integer)`)
  return { first, clone }
}

const opens = (secret: DatabaseFields): Promise<boolean> =>
  database.query(secret, 'SELECT 1').then(
    () => true,
    () => false,
  )

describe('the first user of a pair', () => {
  it('gets another password and nothing else', async () => {
    const first = await database.makeUser()
    const rotation = alternating(first)
    await rotation.rotate('db')
    await ask(`ALTER ROLE ${first.username} CONNECTION LIMIT 7 NOINHERIT`)
    await ask(`ALTER ROLE ${first.username} SET work_mem TO '5MB'`)
    await ask(`ALTER ROLE ${first.username}_clone SET work_mem TO '9MB'`)
    const before = await factsOf(first.username)
    await rotation.rotate('db')
    expect(rotation.read('db').username).toBe(first.username)
    expect(await opens(rotation.read('db'))).toBe(true)
    expect(await factsOf(first.username)).toEqual(before)
  })

  it('is taken by AWSPREVIOUS where the pair is not linked, and stays so', async () => {
    const { first, clone } = await makeNamesakes()
    const rotation = alternating(first)
    rotation.fake.put('db', { ...clone, masterarn: 'master' })
    const before = await factsOf(first.username)
    await rotation.rotate('db')
    expect(await opens(rotation.read('db'))).toBe(true)
    expect(await factsOf(first.username)).toEqual(before)
  })

  it('is not taken over by a stranger whose name ends in _clone, and nothing is granted', async () => {
    const { first, clone } = await makeNamesakes()
    const before = await factsOf(first.username)
    const error = await failureOf(alternating(clone))
    expect(error?.message).toContain(
      `${clone.username} is not a member of ${first.username}, which may belong to somebody else: a name alone does not make a pair`,
    )
    expect(error?.hint).toContain('_clone')
    expect(await factsOf(first.username)).toEqual(before)
    expect([await opens(first), await opens(clone)]).toEqual([true, true])
  })

  it('is not made where there is none', async () => {
    const { clone, first } = await makeNamesakes()
    await database.admin.query(`DROP OWNED BY ${first.username}; DROP ROLE ${first.username}`)
    const error = await failureOf(alternating(clone))
    expect(error?.message).toContain(`there is no role ${first.username}`)
    expect(await factsOf(first.username)).toHaveLength(1)
  })

  it('is taken over by its clone as AWS’s template makes it, whatever AWSPREVIOUS is', async () => {
    const { clone } = await makeNamesakes((name, app) => `GRANT ${app} TO ${name}`)
    const rotation = alternating(clone)
    await rotation.rotate('db')
    expect(await opens(rotation.read('db'))).toBe(true)
    expect(await database.query(rotation.read('db'), 'SELECT * FROM salaries')).toEqual([])
  })
})

describe('a role that has the name of the clone', () => {
  it.each<[string, ...((clone: string, first: string) => string)[]]>([
    ['has members', clone => `CREATE ROLE mate_${clone} LOGIN`, clone => `GRANT ${clone} TO mate_${clone}`],
    ['is a member of another role', clone => `GRANT pg_monitor TO ${clone}`],
    ['owns something', clone => `CREATE SCHEMA ${clone} AUTHORIZATION ${clone}`],
    ['has a privilege', clone => `GRANT USAGE ON SCHEMA public TO ${clone}`],
    ['is what the first user is a member of', (clone, first) => `GRANT ${clone} TO ${first}`],
  ])('is refused if it %s, and nothing is granted', async (_, ...more) => {
    const { first, clone } = await makeNamesakes(...more)
    const before = await factsOf(first.username)
    const error = await failureOf(alternating(first))
    expect(error?.message).toContain(
      `${clone.username} exists and is not a member of ${first.username}: it may belong to somebody else`,
    )
    expect(error?.hint).toContain(`GRANT "${first.username}" TO "${clone.username}"`)
    expect(await factsOf(first.username)).toEqual(before)
    expect(await opens(clone)).toBe(true)
  })

  it('is refused if it is bare but has a session open, which would get the rights of the first user', async () => {
    const { first, clone } = await makeNamesakes()
    const { host, port, username: user, password, dbname } = { dbname: 'postgres', ...clone }
    const session = new pg.Client({ host, port, user, password, database: dbname, ssl: { ca: database.server.ca } })
    await session.connect()
    expect((await failureOf(alternating(first)))?.message).toContain('open sessions')
    await expect(session.query(`SELECT * FROM ${first.username}.salaries`)).rejects.toThrow('permission denied')
    await session.end()
  })

  it('is taken if it is bare, as one whose making was cut off', async () => {
    const { first, clone } = await makeNamesakes(name => `ALTER ROLE ${name} NOLOGIN`)
    const rotation = alternating(first)
    await rotation.rotate('db')
    expect(rotation.read('db').username).toBe(clone.username)
    expect(await database.query(rotation.read('db'), 'SELECT * FROM salaries')).toEqual([])
  })

  it('is taken if it is a member of the first user, members of its own included: they had those rights before', async () => {
    const { first } = await makeNamesakes(
      (clone, app) => `GRANT ${app} TO ${clone}`,
      clone => `CREATE ROLE mate_${clone} LOGIN`,
      clone => `GRANT ${clone} TO mate_${clone}`,
    )
    expect(await failureOf(alternating(first))).toBeUndefined()
  })

  it.each([
    ['is taken if AWSPREVIOUS opens it', undefined, (clone: string) => `GRANT USAGE ON SCHEMA public TO ${clone}`],
    [
      'is refused even so if it has members that would get the rights of the first user',
      'has members',
      (clone: string) => `CREATE ROLE mate_${clone}; GRANT ${clone} TO mate_${clone}`,
    ],
  ])('%s', async (_, message, more) => {
    const { first, clone } = await makeNamesakes(more)
    const rotation = alternating(clone)
    rotation.fake.put('db', { ...first, masterarn: 'master' })
    const error = await failureOf(rotation)
    if (message === undefined) expect(error).toBeUndefined()
    else expect(error?.message).toContain(`${message} (mate_${clone.username})`)
    expect(await opens(rotation.read('db'))).toBe(true)
  })
})
