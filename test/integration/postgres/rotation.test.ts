import pg from 'pg'
import { expect, it } from 'vitest'
import { postgres } from '../../../src/rotation/index.js'
import { type DatabaseFields, rotating } from '../../support/rotating.js'
import { readLog } from '../../support/server-process.js'
import { useTestDatabase } from './database.js'

const database = useTestDatabase()
const engine = () => postgres({ pg, ca: database.server.ca })

it('one user gets a new password with every rotation, and nothing else in the secret changes', async () => {
  const first = { ...(await database.makeUser()), port: String(database.server.port), note: 'kept' }
  const { rotate, read } = rotating({ db: { ...first } }, { engine: engine() })
  const seen: DatabaseFields[] = [{ ...first, port: Number(first.port) }]
  for (let turn = 0; turn < 3; turn += 1) {
    await rotate('db')
    expect(read('db')).toEqual({ ...first, password: expect.any(String) })
    seen.push(read('db'))
  }
  expect(new Set(seen.map(({ password }) => password)).size).toBe(4)
  await expect(database.query(seen[3]!, 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }])
  for (const old of seen.slice(0, 3)) await expect(database.query(old, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' })
})

it('two users take turns, and the version before goes on working', async () => {
  const first = { ...(await database.makeUser()), masterarn: 'master' }
  const secrets = { db: { ...first }, master: { ...database.masterSecret() } }
  const { rotate, read } = rotating(secrets, { strategy: 'alternating-users', engine: engine() })
  const clone = `${first.username}_clone`
  let before: DatabaseFields = first
  for (const username of [clone, first.username, clone, first.username]) {
    await rotate('db')
    const now = read('db')
    expect(now).toEqual({ ...first, username, password: expect.any(String) })
    for (const secret of [now, before]) {
      await expect(database.query(secret, 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }])
    }
    before = now
  }
})

it.each([
  [
    'takes no more logins',
    (clone: string) => [`ALTER ROLE ${clone} CONNECTION LIMIT 0`, `ALTER ROLE ${clone} CONNECTION LIMIT -1`],
  ],
  [
    'is closed',
    (_: string, db: string) => [`ALTER DATABASE ${db} ALLOW_CONNECTIONS false`, `ALTER DATABASE ${db} ALLOW_CONNECTIONS true`],
  ],
  [
    'is not there',
    (_: string, db: string) => [`ALTER DATABASE ${db} RENAME TO ${db}_away`, `ALTER DATABASE ${db}_away RENAME TO ${db}`],
  ],
])('while the database %s finishSecret leaves AWSCURRENT, and moves it when it is repeated later', async (_, statements) => {
  const user = await database.makeUser()
  const dbname = `db_${user.username}`
  await database.admin.query(`CREATE DATABASE ${dbname}`)
  const first = { ...user, dbname, masterarn: 'master' }
  const [begin = '', end = ''] = statements(`${user.username}_clone`, dbname)
  const { rotate, repeat, read } = rotating(
    { db: { ...first }, master: { ...database.masterSecret() } },
    { strategy: 'alternating-users', engine: engine() },
    { before: async ({ Step }) => void (Step === 'finishSecret' && (await database.admin.query(begin))) },
  )
  await expect(rotate('db')).rejects.toMatchObject({
    code: 'ERR_ROTATION_STEP',
    message: expect.stringContaining('AWSCURRENT stays where it is until Secrets Manager tries again'),
  })
  expect(read('db')).toEqual(first)
  await database.admin.query(end)
  await repeat()
  expect(read('db').username).toBe(`${user.username}_clone`)
})

it('a database that was left at AWSPREVIOUS is rotated from there', async () => {
  const first = await database.makeUser()
  const { rotate, read, fake } = rotating({ db: { ...first } }, { engine: engine() })
  fake.put('db', { ...first, password: 'never reached the database' })
  await rotate('db')
  await expect(database.query(read('db'), 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }])
})

it('a password drawn by the service works, too', async () => {
  const { rotate, read, fake } = rotating(
    { db: { ...(await database.makeUser()) } },
    { engine: engine(), password: { source: 'service', length: 40 } },
  )
  await rotate('db')
  expect(fake.count('GetRandomPassword')).toBe(1)
  expect(read('db').password).toMatch(/^[\w.-]{40}$/)
  await expect(database.query(read('db'), 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }])
})

it.each(['single-user', 'alternating-users'] as const)(
  '%s leaves no password in the log of a server that logs every statement',
  async strategy => {
    const first = { ...(await database.makeUser()), masterarn: 'master' }
    const secrets = { db: { ...first }, master: { ...database.masterSecret() } }
    const { rotate, read } = rotating(secrets, { strategy, engine: engine() })
    await rotate('db')
    const { username, password } = read('db')
    const log = readLog(database.server)
    expect(log).toContain(`ALTER ROLE "${username}" PASSWORD 'SCRAM-SHA-256$4096:`)
    expect(log).not.toContain(password)
  },
)

it('the verifier is the one that the server itself would have made', async () => {
  const { username, password } = await database.makeUser()
  const single = rotating({ db: { ...database.masterSecret(), username, password } }, { engine: engine() })
  await single.rotate('db')
  const verifierOf = 'SELECT rolpassword FROM pg_authid WHERE rolname = $1'
  const [ours] = (await database.admin.query(verifierOf, [username])).rows
  await database.admin.query(`ALTER ROLE ${username} PASSWORD '${single.read('db').password}'`)
  const [theirs] = (await database.admin.query(verifierOf, [username])).rows
  const form = /^SCRAM-SHA-256\$4096:[\w+/]{22}==\$[\w+/]{43}=:[\w+/]{43}=$/
  expect([ours.rolpassword, theirs.rolpassword]).toEqual([expect.stringMatching(form), expect.stringMatching(form)])
})
